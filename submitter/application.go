// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"maps"
	"slices"
	"strings"

	"github.com/sparkctl/sparkctl/internal/problem"
)

// Spark's configuration keys that decide where and as what an application is
// submitted (Spark: deploy/k8s/Config.scala, internal/config).
const (
	confMaster           = "spark.master"
	confDeployMode       = "spark.submit.deployMode"
	confAppName          = "spark.app.name"
	confNamespace        = "spark.kubernetes.namespace"
	confContext          = "spark.kubernetes.context"
	confPodName          = "spark.kubernetes.driver.pod.name"
	confWait             = "spark.kubernetes.submission.waitAppCompletion"
	confContainer        = "spark.kubernetes.driver.podTemplateContainerName"
	confLabelPrefix      = "spark.kubernetes.driver.label."
	confAnnotationPrefix = "spark.kubernetes.driver.annotation."
)

// Application is what the user wants to run, as spark-submit's arguments say it.
type Application struct {
	// Options are the options in the order they were given, --conf among them.
	Options []Option
	// MainFile is the jar, Python or R file to run.
	MainFile string
	// Arguments are the application's own, after the main file.
	Arguments []string
	// Conf is the effective configuration: --conf over a properties file over nothing,
	// dedicated options where they have a key of their own.
	Conf map[string]string
}

// Option is one option of spark-submit.
type Option struct {
	// Name in its long spelling, with its dashes.
	Name string
	// Value; empty for a switch.
	Value string
}

// Argv is the application as an argument list for spark-submit.
func (a Application) Argv() []string {
	var argv []string
	for _, option := range a.Options {
		argv = append(argv, option.argv()...)
	}
	if a.MainFile != "" {
		argv = append(argv, a.MainFile)
	}
	return append(argv, a.Arguments...)
}

func (o Option) argv() []string {
	if known, _ := find(o.Name); known.Switch {
		return []string{o.Name}
	}
	return []string{o.Name, o.Value}
}

// Option returns the value of the last option of that name, and whether there is one.
func (a Application) Option(name string) (string, bool) {
	for _, option := range slices.Backward(a.Options) {
		if option.Name == name {
			return option.Value, true
		}
	}
	return "", false
}

// PropertiesFiles returns the files of properties that the options name, the one that weighs most first: as
// in Spark each extra one weighs more than those before it, and they more than --properties-file.
func (a Application) PropertiesFiles() []string {
	var files []string
	for _, option := range slices.Backward(a.Options) {
		if option.Name == "--extra-properties-file" {
			files = append(files, option.Value)
		}
	}
	if file, ok := a.Option("--properties-file"); ok {
		files = append(files, file)
	}
	return files
}

// WithProperties returns a with the properties of a file, which weigh less than what
// the argument list says.
func (a Application) WithProperties(properties map[string]string) Application {
	conf := maps.Clone(properties)
	if conf == nil {
		conf = map[string]string{}
	}
	maps.Copy(conf, a.Conf)
	a.Conf = conf
	return a
}

// Name is the application's name as Spark gives it: configured, else the main
// class, else the main file's own name (Spark: SparkSubmitArguments.loadEnvironmentArguments).
func (a Application) Name() string {
	if name := a.Conf[confAppName]; name != "" {
		return name
	}
	if class, ok := a.Option("--class"); ok {
		return class
	}
	return a.MainFile[strings.LastIndexByte(a.MainFile, '/')+1:]
}

// Master is the URL of the API server that the user gave by --master or
// spark.master, without Spark's k8s:// before it; empty when he gave none.
func (a Application) Master() string {
	master := strings.TrimPrefix(a.Conf[confMaster], "k8s://")
	if master == "" || strings.Contains(master, "://") {
		return master
	}
	// Spark takes a master without a scheme for https (Utils.checkAndGetK8sMasterUrl).
	return "https://" + master
}

// Check refuses what cannot be submitted in cluster mode to Kubernetes. Every error is a
// [*problem.Error] with exit code 2.
func (a Application) Check() error {
	if master := a.Conf[confMaster]; master != "" && !strings.HasPrefix(master, "k8s://") {
		return problem.Usage("leave --master out to submit to this cluster, or give --master k8s://https://HOST:PORT",
			"master %q is not Kubernetes: it does not start with k8s://", master)
	}
	if mode := a.Conf[confDeployMode]; mode != "" && mode != "cluster" {
		return problem.Usage("leave --deploy-mode out, or give --deploy-mode cluster",
			"deploy mode %q is not possible: the driver runs as a pod of its own, so it is cluster mode", mode)
	}
	if strings.EqualFold(a.Conf[confWait], "true") {
		return problem.Usage("take "+confWait+" out; to wait for the driver's end, give submitter --wait",
			"%s=true is not possible: spark-submit ends with 0 for a failed driver, so the waiting is ours", confWait)
	}
	if a.MainFile == "" {
		return problem.Usage("give it last: submitter -- --class CLASS local:///path/to/app.jar ARGUMENTS",
			"no main file: spark-submit's arguments name no jar, Python or R file")
	}
	return nil
}
