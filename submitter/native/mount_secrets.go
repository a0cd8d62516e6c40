// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import corev1 "k8s.io/api/core/v1"

// mountSecrets mounts Secrets as files (Spark: features/MountSecretsFeatureStep).
func mountSecrets(c *driverConf, d *spec) {
	paths := c.under("spark.kubernetes.driver.secrets.")
	for _, name := range sorted(paths) {
		d.addVolume(name+"-volume", corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: name}}, corev1.VolumeMount{MountPath: paths[name]})
	}
}
