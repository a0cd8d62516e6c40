// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"path"

	corev1 "k8s.io/api/core/v1"
)

// Keys of KerberosConfDriverFeatureStep.
const (
	confKrb5File     = "spark.kubernetes.kerberos.krb5.path"
	confKrb5Map      = "spark.kubernetes.kerberos.krb5.configMapName"
	confTokenSecret  = "spark.kubernetes.kerberos.tokenSecret.name"
	confTokenKey     = "spark.kubernetes.kerberos.tokenSecret.itemKey"
	confKeytab       = "spark.kerberos.keytab"
	confPrincipal    = "spark.kerberos.principal"
	tokenPath        = "/mnt/secrets/hadoop-credentials"
	krb5Volume       = "krb5-file"
	envTokenLocation = "HADOOP_TOKEN_FILE_LOCATION"
)

// kerberosConf gives the driver a krb5.conf, and delegation tokens that are in a Secret already (Spark:
// features/KerberosConfDriverFeatureStep). Keytabs and tokens that the launcher would have to get are refused, see unsupported.
func kerberosConf(c *driverConf, d *spec) {
	pair := func(one, other string) {
		if c.has(one) != c.has(other) {
			c.refuse("give both", "%s and %s go together, and only one of them is set", one, other)
		}
	}
	pair(confKeytab, confPrincipal)
	pair(confTokenSecret, confTokenKey)
	if c.has(confKrb5File) && c.has(confKrb5Map) {
		c.refuse("take one of them out", "%s and %s are both set", confKrb5File, confKrb5Map)
	}
	source := &corev1.ConfigMapVolumeSource{}
	if file := c.text(confKrb5File, ""); file != "" {
		key := path.Base(file)
		source.Name = c.prefix + "-krb5-file"
		source.Items = []corev1.KeyToPath{{Key: key, Path: key}}
		d.owned = append(d.owned, configMap(source.Name, "", map[string]string{key: string(c.file(confKrb5File, file))}))
	} else {
		source.Name = c.text(confKrb5Map, "")
	}
	if source.Name != "" {
		d.addVolume(krb5Volume, corev1.VolumeSource{ConfigMap: source}, corev1.VolumeMount{MountPath: "/etc/krb5.conf", SubPath: "krb5.conf"})
	}
	if secret := c.text(confTokenSecret, ""); secret != "" {
		d.addVolume("hadoop-secret", corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: secret}}, corev1.VolumeMount{MountPath: tokenPath})
		d.addEnv(envTokenLocation, tokenPath+"/"+c.text(confTokenKey, ""))
	}
}
