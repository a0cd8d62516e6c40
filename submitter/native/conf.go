// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sparkctl/sparkctl/submitter"
)

// Keys of the configuration that spark-submit itself sets (Spark: deploy/SparkSubmit, internal/config).
const (
	confMaster     = "spark.master"
	confName       = "spark.app.name"
	confJars       = "spark.jars"
	confFiles      = "spark.files"
	confArchives   = "spark.archives"
	confPyFiles    = "spark.submit.pyFiles"
	confSubmitTime = "spark.app.submitTime"
	confDriverHost = "spark.driver.host"
)

// noResource is the main file of an application that has none of its own (Spark: SparkLauncher.NO_RESOURCE).
const noResource = "spark-internal"

// effective is the configuration that spark-submit hands to Kubernetes (Spark: SparkSubmit.prepareSubmitEnvironment, with cluster mode).
func effective(in Input) map[string]string {
	app := in.Plan.Application
	conf := maps.Clone(app.Conf)
	if conf == nil {
		conf = map[string]string{}
	}
	maps.Copy(conf, in.Plan.Conf)
	if _, set := conf[confName]; !set {
		conf[confName] = app.Name()
	}
	conf[confMaster] = masterURL(conf[confMaster])
	if kindOf(app) == java {
		jars := split(conf[confJars])
		if app.MainFile != noResource {
			jars = append(jars, app.MainFile)
		}
		conf[confJars] = strings.Join(jars, ",")
	}
	for _, key := range []string{confJars, confFiles, confArchives, confPyFiles} {
		if value, set := conf[key]; set || key == confPyFiles {
			conf[key] = strings.Join(split(value), ",")
		}
	}
	// A Service gives the driver its host name.
	delete(conf, confDriverHost)
	// A time that somebody gave is kept since Spark 3.5.
	if _, set := conf[confSubmitTime]; !set || !in.Spark.AtLeast(3, 5) {
		conf[confSubmitTime] = strconv.FormatInt(in.Submitted.UnixMilli(), 10)
	}
	return conf
}

// masterURL has the scheme that Spark takes for granted (Spark: Utils.checkAndGetK8sMasterUrl).
func masterURL(master string) string {
	if rest, ok := strings.CutPrefix(master, "k8s://"); ok && !strings.Contains(rest, "://") {
		return "k8s://https://" + rest
	}
	return master
}

// split takes a list of files apart as Spark does (Spark: Utils.stringToSeq).
func split(list string) []string {
	parts := strings.Split(list, ",")
	for i, part := range parts {
		parts[i] = strings.TrimSpace(part)
	}
	return slices.DeleteFunc(parts, func(part string) bool { return part == "" })
}

// kind is what an application is written in (Spark: deploy/k8s/submit/MainAppResource).
type kind string

const (
	java   kind = "java"
	python kind = "python"
	r      kind = "r"
)

// kindOf tells it by the main file's name (Spark: SparkSubmit.isPython, isR).
func kindOf(app submitter.Application) kind {
	switch {
	case strings.HasSuffix(app.MainFile, ".py"):
		return python
	case strings.HasSuffix(app.MainFile, ".R"), strings.HasSuffix(app.MainFile, ".r"):
		return r
	default:
		return java
	}
}
