// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import corev1 "k8s.io/api/core/v1"

// Keys and names of PodTemplateConfigMapStep.
const (
	confExecutorTemplate = "spark.kubernetes.executor.podTemplateFile"
	templateDir          = "/opt/spark/pod-template"
	templateFile         = "pod-spec-template.yml"
	templateKey          = "podspec-configmap-key"
)

// podTemplateConfigMap hands the template of executors to the driver, which makes them (Spark: features/PodTemplateConfigMapStep).
func podTemplateConfigMap(c *driverConf, d *spec) {
	if !c.has(confExecutorTemplate) {
		return
	}
	if c.in.Launcher.ExecutorTemplate == nil || c.text(confExecutorTemplate, "") == "" {
		c.refuse("mount it into the launcher's pod, from a ConfigMap for example, and name its path there",
			"%s names %q, which could not be read", confExecutorTemplate, c.text(confExecutorTemplate, ""))
	}
	name := c.prefix + "-driver-podspec-conf-map"
	source := &corev1.ConfigMapVolumeSource{
		LocalObjectReference: corev1.LocalObjectReference{Name: name},
		Items:                []corev1.KeyToPath{{Key: templateKey, Path: templateFile}},
	}
	d.addVolume("pod-template-volume", corev1.VolumeSource{ConfigMap: source}, corev1.VolumeMount{MountPath: templateDir})
	d.owned = append(d.owned, configMap(name, "", map[string]string{templateKey: string(c.in.Launcher.ExecutorTemplate)}))
	d.properties[confExecutorTemplate] = templateDir + "/" + templateFile
}
