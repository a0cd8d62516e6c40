// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
)

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
