// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package golden

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var aClaim = regexp.MustCompile(`-driver-pvc-[0-9]+$`)

// Order puts in order what has none in Spark: it walks maps and sets in the order of the hashes of their keys, which
// is not even the same for Scala 2.12 and 2.13. It does so to all objects of one submission at once:
//
//   - the lines of spark.properties, by key;
//   - a pod's volumes, by name (two of one name, which Kubernetes refuses, by what they are), and the mounts of a container, by path
//     (Kubernetes takes both in any order);
//   - variables of the driver that the user sets, which Spark puts between SPARK_APPLICATION_ID and
//     SPARK_DRIVER_BIND_ADDRESS, and those from secrets, which come next, by name; all others keep their place, since the
//     order of variables means something: the last of two counts, and one can be made of those before it;
//   - the files that a volume shows of a ConfigMap, by key, which Spark takes from a folder in the order of the disk;
//   - local folders, which Spark shuffles: they and the numbers of the volumes that it makes for them, by path;
//   - the numbers of claims on demand, in whose place the volume's name is written.
func Order(objects []map[string]any) {
	claims := map[string]string{}
	for _, object := range objects {
		if object["kind"] == "Pod" {
			orderPod(object, claims)
		}
		if data, _ := object["data"].(map[string]any); data != nil && object["kind"] == "ConfigMap" {
			if text, ok := data["spark.properties"].(string); ok {
				data["spark.properties"] = sortProperties(text)
			}
		}
	}
	for _, object := range objects {
		metadata, _ := object["metadata"].(map[string]any)
		if name, _ := metadata["name"].(string); object["kind"] == "PersistentVolumeClaim" && claims[name] != "" {
			metadata["name"] = claims[name]
		}
	}
}

// orderPod orders a pod, and adds the new names of the claims that Spark makes for it.
func orderPod(pod map[string]any, claims map[string]string) {
	spec, _ := pod["spec"].(map[string]any)
	for _, container := range listed(spec["containers"]) {
		sortBy(container["volumeMounts"], "mountPath")
		orderVariables(container["env"])
		orderLocalDirs(container, listed(spec["volumes"]))
	}
	sortByAll(spec["volumes"])
	sortBy(spec["volumes"], "name")
	for _, volume := range listed(spec["volumes"]) {
		files, _ := volume["configMap"].(map[string]any)
		sortBy(files["items"], "key")
		claim, _ := volume["persistentVolumeClaim"].(map[string]any)
		if name, _ := claim["claimName"].(string); aClaim.MatchString(name) {
			claims[name] = aClaim.ReplaceAllString(name, "-driver-pvc-"+text(volume["name"]))
			claim["claimName"] = claims[name]
		}
	}
}

// orderLocalDirs orders local folders: their list, and the volumes that Spark itself numbers, which are empty folders.
func orderLocalDirs(container map[string]any, volumes []map[string]any) {
	for _, variable := range listed(container["env"]) {
		if dirs := strings.Split(text(variable["value"]), ","); variable["name"] == "SPARK_LOCAL_DIRS" && len(dirs) > 1 {
			slices.Sort(dirs)
			variable["value"] = strings.Join(dirs, ",")
		}
	}
	names := map[string]string{}
	for _, mount := range listed(container["volumeMounts"]) {
		name := text(mount["name"])
		made := slices.ContainsFunc(volumes, func(volume map[string]any) bool { return volume["name"] == name && volume["emptyDir"] != nil })
		if made && strings.HasPrefix(name, "spark-local-dir-") {
			names[name] = fmt.Sprintf("spark-local-dir-%d", len(names)+1)
			mount["name"] = names[name]
		}
	}
	for _, volume := range volumes {
		if name, ok := names[text(volume["name"])]; ok {
			volume["name"] = name
		}
	}
}

func orderVariables(list any) {
	variables, _ := list.([]any)
	names := make([]string, len(variables))
	for i, variable := range listed(list) {
		names[i] = text(variable["name"])
	}
	first := slices.Index(names, "SPARK_APPLICATION_ID") + 1
	bind := slices.Index(names, "SPARK_DRIVER_BIND_ADDRESS")
	if first <= 0 || bind < first {
		return
	}
	end := bind + 1
	for end < len(variables) && fromSecret(variables[end]) {
		end++
	}
	sortBy(variables[first:bind], "name")
	sortBy(variables[bind+1:end], "name")
}

func fromSecret(variable any) bool {
	v, _ := variable.(map[string]any)
	from, _ := v["valueFrom"].(map[string]any)
	return from["secretKeyRef"] != nil
}

// sortBy sorts a list of maps by a field, those with the same in the order that they have.
func sortBy(list any, field string) {
	entries, _ := list.([]any)
	slices.SortStableFunc(entries, func(a, b any) int {
		x, _ := a.(map[string]any)
		y, _ := b.(map[string]any)
		return cmp.Compare(text(x[field]), text(y[field]))
	})
}

// sortByAll sorts a list of maps by all that they hold.
func sortByAll(list any) {
	entries, _ := list.([]any)
	// Maps are printed in the order of their keys.
	slices.SortFunc(entries, func(a, b any) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
}

func listed(list any) []map[string]any {
	entries, _ := list.([]any)
	all := make([]map[string]any, len(entries))
	for i, entry := range entries {
		all[i], _ = entry.(map[string]any)
	}
	return all
}

func text(value any) string {
	s, _ := value.(string)
	return s
}

// sortProperties puts the lines of a properties file in the order of their keys; the comments at its start stay.
func sortProperties(text string) string {
	lines := slices.Collect(strings.Lines(text))
	first := slices.IndexFunc(lines, func(line string) bool { return !strings.HasPrefix(line, "#") })
	if first < 0 {
		return text
	}
	slices.SortStableFunc(lines[first:], func(a, b string) int { return strings.Compare(key(a), key(b)) })
	return strings.Join(lines, "")
}

// key of a line as java.util.Properties writes it: a = in the key has a backslash before it.
func key(line string) string {
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '=':
			return line[:i]
		}
	}
	return line
}
