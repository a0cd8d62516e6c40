// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sparkctl/sparkctl/internal/driver"
)

// Names of the driver's configuration (Spark: deploy/k8s/Constants.scala).
const (
	confDir     = "/opt/spark/conf"
	confMapSize = "spark.kubernetes.configMap.maxSize"
	// maxMapSize is what a ConfigMap may hold, in bytes.
	maxMapSize = 1 << 20
)

// finish puts the driver's container behind the template's others and gives it its configuration, in a ConfigMap (Spark:
// deploy/k8s/submit/Client.run, KubernetesClientUtils).
func finish(c *driverConf, d *spec) {
	name := "spark-drv-" + c.in.UniqueID + "-conf-map"
	files := confFilesOf(c)
	files[driver.PropertiesFile] = properties("Java properties built from Kubernetes config map with name: "+name, c.in.Submitted, d.properties)

	d.addEnv("SPARK_CONF_DIR", confDir)
	source := &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: name}}
	for _, file := range sorted(files) {
		source.Items = append(source.Items, corev1.KeyToPath{Key: file, Path: file, Mode: new(int32(0o644))})
	}
	d.addVolume(driver.ConfVolume, corev1.VolumeSource{ConfigMap: source}, corev1.VolumeMount{MountPath: confDir})
	d.pod.Spec.Containers = append(d.pod.Spec.Containers, *d.container)

	// Spark reads the namespace back from here.
	files[confNamespace] = c.namespace()
	d.owned = append(d.owned, configMap(name, c.namespace(), files))
}

// configMap is one that nobody can change.
func configMap(name, namespace string, data map[string]string) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"},
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace},
		Immutable:  new(true),
		Data:       data,
	}
}

// confFilesOf are the files of SPARK_CONF_DIR that the driver gets too: text, none of Spark's own configuration, the smallest first
// as long as there is room (Spark: KubernetesClientUtils.loadSparkConfDirFiles).
func confFilesOf(c *driverConf) map[string]string {
	limit := c.whole(confMapSize, maxMapSize)
	if limit > maxMapSize {
		c.refuse("give at most 1048576, which is all that a ConfigMap can hold", "%s is %d", confMapSize, limit)
	}
	chosen := map[string]string{}
	taken := 0
	files := c.in.Launcher.Conf
	names := slices.SortedFunc(maps.Keys(files), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a)+len(files[a]), len(b)+len(files[b])), strings.Compare(a, b))
	})
	for _, name := range names {
		content := files[name]
		if staysHere(name) || len(name)+len(content) > limit || !utf8.Valid(content) {
			continue
		}
		if size := units(name) + units(string(content)); taken+size < limit {
			chosen[name] = string(content)
			taken += size
		}
	}
	return chosen
}

// staysHere reports whether a file of SPARK_CONF_DIR is no text, or is Spark's own configuration, which goes another way.
func staysHere(name string) bool {
	return IsArchive(name) || path.Ext(name) == ".template" || strings.HasPrefix(name, "spark") && (strings.HasSuffix(name, "conf") || strings.HasSuffix(name, "properties"))
}

// IsArchive reports whether a file is one that Spark leaves where it is, by its name (Spark: KubernetesClientUtils.listConfFiles).
func IsArchive(name string) bool {
	switch path.Ext(name) {
	case ".gz", ".zip", ".jar", ".tar":
		return true
	}
	return false
}

// units is a string's length in Java.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}

// properties writes a configuration as java.util.Properties.store does, keys sorted.
func properties(comment string, written time.Time, values map[string]string) string {
	var out strings.Builder
	out.WriteString("#" + comment + "\n#" + written.UTC().Format("Mon Jan 02 15:04:05 UTC 2006") + "\n")
	for _, key := range sorted(values) {
		out.WriteString(escaped(key, true) + "=" + escaped(values[key], false) + "\n")
	}
	return out.String()
}

// escaped is a key or a value with backslashes (Java: Properties.saveConvert for a Writer): of a value, only the first blank.
func escaped(s string, key bool) string {
	var out strings.Builder
	for i, c := range s {
		switch c {
		case '\t':
			out.WriteString(`\t`)
			continue
		case '\n':
			out.WriteString(`\n`)
			continue
		case '\r':
			out.WriteString(`\r`)
			continue
		case '\f':
			out.WriteString(`\f`)
			continue
		}
		if strings.ContainsRune(`\=:#!`, c) || c == ' ' && (key || i == 0) {
			out.WriteByte('\\')
		}
		out.WriteRune(c)
	}
	return out.String()
}
