// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Keys and names of DriverKubernetesCredentialsFeatureStep.
const (
	confServiceAccount  = "spark.kubernetes.authenticate.driver.serviceAccountName"
	confCredentials     = "spark.kubernetes.authenticate.driver."
	confMounted         = "spark.kubernetes.authenticate.driver.mounted."
	credentialsVolume   = "kubernetes-credentials"
	credentialsPath     = "/mnt/secrets/spark-kubernetes-credentials"
	oauthToken          = "oauthToken"
	presentButNotToTell = "<present_but_redacted>"
)

// credential is one of those a driver can be given.
type credential struct {
	// given is the key that has it, or its file; mounted tells the driver where it is; file is its name there.
	given, mounted, file string
}

func credentials() []credential {
	return []credential{
		{given: oauthToken, mounted: "oauthTokenFile", file: "oauth-token"},
		{given: "caCertFile", mounted: "caCertFile", file: "ca-cert"},
		{given: "clientKeyFile", mounted: "clientKeyFile", file: "client-key"},
		{given: "clientCertFile", mounted: "clientCertFile", file: "client-cert"},
	}
}

// driverCredentials says as whom the driver speaks to the API server: by a service account, else by credentials that it is given in
// a Secret (Spark: features/DriverKubernetesCredentialsFeatureStep).
func driverCredentials(c *driverConf, d *spec) {
	secret := &corev1.Secret{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
		ObjectMeta: metav1.ObjectMeta{Name: c.prefix + "-kubernetes-credentials"},
		Immutable:  new(true),
		Data:       map[string][]byte{},
	}
	// No token is told to whoever may read the configuration.
	for key := range c.values {
		if strings.HasSuffix(key, oauthToken) {
			d.properties[key] = presentButNotToTell
		}
	}
	for _, credential := range credentials() {
		where, mounted := c.raw(confMounted + credential.mounted)
		if value, ok := c.raw(confCredentials + credential.given); ok {
			secret.Data[credential.file] = []byte(value)
			if credential.given != oauthToken {
				secret.Data[credential.file] = c.file(confCredentials+credential.given, value)
			}
			if !mounted {
				where, mounted = credentialsPath+"/"+credential.file, true
			}
		}
		if mounted {
			d.properties[confMounted+credential.mounted] = where
		}
	}
	if len(secret.Data) > 0 {
		d.owned = append(d.owned, secret)
		d.addVolume(credentialsVolume, corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: secret.Name}}, corev1.VolumeMount{MountPath: credentialsPath})
		return
	}
	if c.has(confServiceAccount) {
		account := c.text(confServiceAccount, "")
		d.pod.Spec.ServiceAccountName, d.pod.Spec.DeprecatedServiceAccount = account, account
	}
}

// file is a file of the launcher's that a key names.
func (c *driverConf) file(key, path string) []byte {
	content, ok := c.in.Launcher.Files[path]
	if !ok {
		c.refuse("check the path, and that the file is mounted into the launcher's pod", "%s names %q, and there is no such file here", key, path)
	}
	return content
}

// LauncherFiles are the paths of those files of the launcher's that Build needs in [Launcher].Files for that configuration.
func LauncherFiles(conf map[string]string) []string {
	keys := []string{confKrb5File, confPodGroupFile}
	for _, credential := range credentials() {
		if credential.given != oauthToken {
			keys = append(keys, confCredentials+credential.given)
		}
	}
	paths := map[string]bool{}
	if keytab := conf[confKeytab]; keytab != "" && isLaunchers(keytab) {
		paths[keytab] = true
	}
	for _, key := range keys {
		if path := conf[key]; path != "" {
			paths[path] = true
		}
	}
	return sorted(paths)
}
