// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import corev1 "k8s.io/api/core/v1"

// Keys and names of HadoopConfDriverFeatureStep.
const (
	envHadoopConf      = "HADOOP_CONF_DIR"
	confHadoopMap      = "spark.kubernetes.hadoop.configMapName"
	confExecutorHadoop = "spark.kubernetes.executor.hadoopConfigMapName"
	hadoopConfDir      = "/opt/hadoop/conf"
)

// hadoopConf gives the driver the files of HADOOP_CONF_DIR, or those of a ConfigMap that exists (Spark:
// features/HadoopConfDriverFeatureStep).
func hadoopConf(c *driverConf, d *spec) {
	name, named := c.text(confHadoopMap, ""), c.has(confHadoopMap)
	// As with Spark, a variable that names no folder makes a ConfigMap with nothing in it.
	_, folder := c.env[envHadoopConf]
	folder = folder || c.in.Launcher.HadoopConf != nil
	source := &corev1.ConfigMapVolumeSource{}
	switch {
	case !named && !folder:
		return
	case named && folder:
		c.refuse("unset "+envHadoopConf+", or take the key out", "%s is set, and so is %s, whose files would make a second ConfigMap", confHadoopMap, envHadoopConf)
	case folder:
		name = c.prefix + "-hadoop-config"
		data := map[string]string{}
		for _, file := range sorted(c.in.Launcher.HadoopConf) {
			data[file] = string(c.in.Launcher.HadoopConf[file])
			source.Items = append(source.Items, corev1.KeyToPath{Key: file, Path: file})
		}
		d.owned = append(d.owned, configMap(name, "", data))
	}
	source.Name = name
	d.addVolume("hadoop-properties", corev1.VolumeSource{ConfigMap: source}, corev1.VolumeMount{MountPath: hadoopConfDir})
	d.addEnv(envHadoopConf, hadoopConfDir)
	if c.in.Spark.AtLeast(3, 5) {
		d.properties[confExecutorHadoop] = name
	}
}
