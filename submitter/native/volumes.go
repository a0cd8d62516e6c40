// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"slices"
	"strconv"
	"strings"
)

// Keys of a volume, below its type and name (Spark: deploy/k8s/Config.scala, KUBERNETES_VOLUMES_*).
const (
	confDriverVolumes   = "spark.kubernetes.driver.volumes."
	confExecutorVolumes = "spark.kubernetes.executor.volumes."

	typeHostPath = "hostPath"
	typeClaim    = "persistentVolumeClaim"
	typeEmptyDir = "emptyDir"
	typeNFS      = "nfs"

	mountPath        = "mount.path"
	mountReadOnly    = "mount.readOnly"
	mountSubPath     = "mount.subPath"
	mountSubPathExpr = "mount.subPathExpr"

	optionPath         = "options.path"
	optionType         = "options.type"
	optionClaim        = "options.claimName"
	optionStorageClass = "options.storageClass"
	optionSize         = "options.sizeLimit"
	optionMedium       = "options.medium"
	optionServer       = "options.server"
)

// volume is one that the configuration asks for (Spark: deploy/k8s/KubernetesVolumeSpec).
type volume struct {
	kind, name string
	// options are its keys below type and name.
	options  map[string]string
	readOnly bool
}

// volumesUnder reads the volumes below a prefix, by type and name (Spark: KubernetesVolumeUtils.parseVolumesWithPrefix).
func volumesUnder(c *driverConf, prefix string) []volume {
	byID := map[string]volume{}
	for key, value := range c.under(prefix) {
		parts := strings.SplitN(key, ".", 3)
		if len(parts) < 2 || parts[1] == "" {
			continue
		}
		id := parts[0] + "." + parts[1]
		v, ok := byID[id]
		if !ok {
			v = volume{kind: parts[0], name: parts[1], options: map[string]string{}}
		}
		if len(parts) == 3 {
			v.options[parts[2]] = value
		}
		byID[id] = v
	}
	var volumes []volume
	for _, id := range sorted(byID) {
		v := byID[id]
		v.check(c, prefix+id+".")
		if text, ok := v.options[mountReadOnly]; ok {
			v.readOnly = strings.EqualFold(text, "true")
			if key := prefix + id + "." + mountReadOnly; !v.readOnly && !strings.EqualFold(text, "false") {
				c.refuse("give true or false", "%s is %s", key, c.told(key, text))
			}
		}
		volumes = append(volumes, v)
	}
	return volumes
}

// needed are the keys that a volume of a type must have; nil for a type that Spark does not know.
func needed(kind string) []string {
	switch kind {
	case typeHostPath:
		return []string{mountPath, optionPath}
	case typeClaim:
		return []string{mountPath, optionClaim}
	case typeEmptyDir:
		return []string{mountPath}
	case typeNFS:
		return []string{mountPath, optionPath, optionServer}
	default:
		return nil
	}
}

// check refuses what spark-submit refuses.
func (v volume) check(c *driverConf, prefix string) {
	keys := needed(v.kind)
	if keys == nil {
		c.refuse("use hostPath, persistentVolumeClaim, emptyDir or nfs", "%s* asks for a volume of type %q", prefix, v.kind)
	}
	for _, key := range keys {
		if _, ok := v.options[key]; !ok {
			c.refuse("give --conf "+prefix+key+"=VALUE", "the %s volume %s has no %s", v.kind, v.name, key)
		}
	}
	if !c.in.Spark.AtLeast(4, 0) {
		return
	}
	_, path := v.options[mountSubPath]
	if _, expression := v.options[mountSubPathExpr]; path && expression {
		c.refuse("take one of them out", "%s%s and %s are both set", prefix, mountSubPath, mountSubPathExpr)
	}
	if number, err := strconv.ParseInt(v.options[optionSize], 10, 64); err == nil && number < 1024 && (v.kind == typeClaim || v.kind == typeEmptyDir) {
		c.refuse("give a unit, such as "+v.options[optionSize]+"Gi", "%s%s is %d bytes", prefix, optionSize, number)
	}
}

// below are the options that begin with a prefix, such as label.
func (v volume) below(prefix string) map[string]string { return below(v.options, prefix) }

// checkMountPaths refuses two volumes at one path.
func checkMountPaths(c *driverConf, volumes []volume) {
	paths := make([]string, 0, len(volumes))
	for _, v := range volumes {
		if slices.Contains(paths, v.options[mountPath]) {
			c.refuse("mount each at a path of its own", "two of the volumes below %s have the mount path %s", confDriverVolumes, v.options[mountPath])
		}
		paths = append(paths, v.options[mountPath])
	}
}
