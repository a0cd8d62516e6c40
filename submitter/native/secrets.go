// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// mountSecrets mounts Secrets as files (Spark: features/MountSecretsFeatureStep).
func mountSecrets(c *driverConf, d *spec) {
	paths := c.under("spark.kubernetes.driver.secrets.")
	for _, name := range sorted(paths) {
		d.addVolume(name+"-volume", corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: name}}, corev1.VolumeMount{MountPath: paths[name]})
	}
}

// envSecrets sets variables from Secrets (Spark: features/EnvSecretsFeatureStep).
func envSecrets(c *driverConf, d *spec) {
	const prefix = "spark.kubernetes.driver.secretKeyRef."
	references := c.under(prefix)
	for _, variable := range sorted(references) {
		parts := strings.Split(strings.TrimRight(references[variable], ":"), ":")
		if len(parts) != 2 {
			c.refuse("write "+prefix+variable+"=SECRET:KEY", "%s%s names no Secret and key in it", prefix, variable)
			return
		}
		d.container.Env = append(d.container.Env, corev1.EnvVar{Name: variable, ValueFrom: &corev1.EnvVarSource{
			SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: parts[0]}, Key: parts[1]},
		}})
	}
}
