// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"path"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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
	keytabVolume     = "kerberos-keytab"
	keytabPath       = "/mnt/secrets/kerberos-keytab"
)

// kerberosConf gives the driver a krb5.conf, and a keytab or delegation tokens that are in a Secret already (Spark:
// features/KerberosConfDriverFeatureStep). Tokens that the launcher would have to get are refused, see needsTokens.
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
	if c.has(confKrb5File) {
		file := c.text(confKrb5File, "")
		key := path.Base(file)
		source.Name = c.prefix + "-krb5-file"
		source.Items = []corev1.KeyToPath{{Key: key, Path: key}}
		d.owned = append(d.owned, configMap(source.Name, "", map[string]string{key: string(c.file(confKrb5File, file))}))
	} else {
		source.Name = c.text(confKrb5Map, "")
	}
	if c.has(confKrb5File) || c.has(confKrb5Map) {
		d.addVolume(krb5Volume, corev1.VolumeSource{ConfigMap: source}, corev1.VolumeMount{MountPath: "/etc/krb5.conf", SubPath: "krb5.conf"})
	}
	if keytab := c.text(confKeytab, ""); c.has(confKeytab) && isLaunchers(keytab) {
		mountKeytab(c, d, keytab)
	} else if c.has(confTokenSecret) {
		secret := c.text(confTokenSecret, "")
		d.addVolume("hadoop-secret", corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: secret}}, corev1.VolumeMount{MountPath: tokenPath})
		d.addEnv(envTokenLocation, tokenPath+"/"+c.text(confTokenKey, ""))
	}
}

// isLaunchers reports whether a keytab is the launcher's file, and not one in the driver's image (Spark: Utils.isLocalUri).
func isLaunchers(keytab string) bool { return !strings.HasPrefix(keytab, "local:") }

// mountKeytab gives the driver the launcher's keytab in a Secret.
func mountKeytab(c *driverConf, d *spec, file string) {
	key := path.Base(file)
	secret := &corev1.Secret{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
		ObjectMeta: metav1.ObjectMeta{Name: c.prefix + "-kerberos-keytab"},
		Immutable:  new(true),
		Data:       map[string][]byte{key: c.file(confKeytab, file)},
	}
	d.owned = append(d.owned, secret)
	d.addVolume(keytabVolume, corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: secret.Name}}, corev1.VolumeMount{MountPath: keytabPath})
	d.properties[confKeytab] = keytabPath + "/" + key
}
