// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Keys and names of LocalDirsFeatureStep.
const (
	envLocalDirs   = "SPARK_LOCAL_DIRS"
	confLocalDir   = "spark.local.dir"
	confTmpfs      = "spark.kubernetes.local.dirs.tmpfs"
	localDirVolume = "spark-local-dir-"
)

// localDirs gives the driver folders for its temporary files: the volumes of the user's whose names say so, else empty folders
// (Spark: features/LocalDirsFeatureStep).
func localDirs(c *driverConf, d *spec) {
	var dirs []string
	for _, mount := range d.container.VolumeMounts {
		if strings.HasPrefix(mount.Name, localDirVolume) {
			dirs = append(dirs, mount.MountPath)
		}
	}
	tmpfs := c.flag(confTmpfs, false)
	if dirs == nil {
		text := "/var/data/spark-" + c.in.LocalDirID
		if given, ok := c.env[envLocalDirs]; ok {
			text = given
		} else if given, ok := c.raw(confLocalDir); ok {
			text = given
		}
		dirs = javaSplit(text)
		for i, dir := range dirs {
			empty := &corev1.EmptyDirVolumeSource{}
			if tmpfs {
				empty.Medium = corev1.StorageMediumMemory
			}
			d.addVolume(localDirVolume+strconv.Itoa(i+1), corev1.VolumeSource{EmptyDir: empty}, corev1.VolumeMount{MountPath: dir})
		}
	}
	d.addEnv(envLocalDirs, strings.Join(dirs, ","))
}

// javaSplit splits at commas as Java's String.split does: nothing comes of what is empty at the end.
func javaSplit(text string) []string {
	if text == "" {
		return []string{""}
	}
	text = strings.TrimRight(text, ",")
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}
