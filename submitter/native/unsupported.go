// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"encoding/xml"
	"strings"

	"github.com/sparkctl/sparkctl/internal/secret"
)

// Ways out of what cannot be done without a JVM.
const (
	wayJVM   = "give --engine=spark-submit"
	wayImage = "bake it into the image and name it local:///PATH, put it where a URL such as s3a:// names it, or " + wayJVM
)

// unsupported refuses what needs a JVM, or what spark-submit itself refuses before it makes an object.
func unsupported(c *driverConf) {
	if c.namespace() == "" {
		c.refuse("name one, or take the key out", "%s is empty", confNamespace)
	}
	if c.class == "" {
		c.refuse("give --class CLASS", "no main class: only spark-submit can look for it, and only in a jar of the launcher's")
	}
	if app := c.in.Plan.Application; isLocal(app.MainFile) && app.MainFile != noResource && c.kind != r {
		c.refuse(wayImage, "the main file %s is the launcher's, and the native engine uploads no files", secret.Mask(app.MainFile))
	}
	for _, list := range []struct{ key, option string }{
		{confJars, "--jars"}, {confFiles, "--files"}, {confPyFiles, "--py-files"}, {confArchives, "--archives"},
	} {
		for _, uri := range split(c.values[list.key]) {
			switch scheme, _, _ := strings.Cut(uri, ":"); {
			case isLocal(uri):
				c.refuse(wayImage, "%s (%s) names %s, a file of the launcher's, and the native engine uploads no files", list.option, list.key, secret.Mask(uri))
			case strings.ContainsAny(uri, "*?[{") && scheme != "local" && scheme != "http" && scheme != "https" && scheme != "ftp":
				c.refuse("name each file, or "+wayJVM, "%s (%s) names %s, and the native engine cannot look which files a pattern means", list.option, list.key, secret.Mask(uri))
			}
		}
	}
	if needsTokens(c) {
		c.refuse("name a Secret that has the tokens with "+confTokenSecret+" and "+confTokenKey+", or a keytab with --principal and --keytab, or "+wayJVM,
			"%s is kerberos, and the native engine cannot get delegation tokens", confAuthentication)
	}
}

// confAuthentication is how Hadoop makes sure who somebody is, in its own files and below spark.hadoop.
const confAuthentication = "hadoop.security.authentication"

// needsTokens reports whether spark-submit would get delegation tokens from a Kerberized Hadoop (Spark:
// KerberosConfDriverFeatureStep.delegationTokens).
func needsTokens(c *driverConf) bool {
	if c.has(confKeytab) || c.has(confTokenSecret) {
		return false
	}
	if how, ok := c.raw("spark.hadoop." + confAuthentication); ok {
		return strings.EqualFold(how, "kerberos")
	}
	var site struct {
		Properties []struct {
			Name  string `xml:"name"`
			Value string `xml:"value"`
		} `xml:"property"`
	}
	// A file that cannot be read says nothing here: the driver will say what is wrong with it.
	_ = xml.Unmarshal(c.in.Launcher.HadoopConf["core-site.xml"], &site)
	for _, property := range site.Properties {
		if strings.TrimSpace(property.Name) == confAuthentication && strings.EqualFold(strings.TrimSpace(property.Value), "kerberos") {
			return true
		}
	}
	return false
}

// isLocal reports whether a URI names a file of the launcher's (Spark: KubernetesUtils.isLocalDependency, Utils.resolveURI).
func isLocal(uri string) bool {
	scheme, _, found := strings.Cut(uri, ":")
	if !found || scheme == "" || strings.EqualFold(scheme, "file") || strings.ContainsAny(uri, " \"<>\\^`{|}") {
		return true
	}
	for i, c := range scheme {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || !strings.ContainsRune("0123456789+-.", c)) {
			return true
		}
	}
	return false
}
