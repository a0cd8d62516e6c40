// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"maps"
	"slices"
	"strings"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/secret"
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
	confDriverMemory     = "spark.driver.memory"
	confDriverCores      = "spark.driver.cores"
	confDriverOptions    = "spark.driver.extraJavaOptions"
	confExecutorMemory   = "spark.executor.memory"
	confExecutorCores    = "spark.executor.cores"
	confInstances        = "spark.executor.instances"
	confPrincipal        = "spark.kerberos.principal"
)

// Application is what the user wants to run, as spark-submit's arguments say it.
type Application struct {
	// Options are the options in the order they were given, --conf among them.
	Options []Option
	// MainFile is the jar, Python or R file to run.
	MainFile string
	// Arguments are the application's own, after the main file.
	Arguments []string
	// Conf is Spark's effective configuration, by keys that begin with "spark.": what the options set, over the files of
	// [Application.PropertiesFiles], over spark-defaults.conf, over the environment (Spark: SparkSubmitArguments, and those of
	// SparkSubmit's OptionAssigners that count for a cluster of Kubernetes). Paths are as they were given: Spark makes URIs of
	// relative ones, which name files of the launcher.
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

// ReadsDefaults reports whether spark-defaults.conf counts: --properties-file stands in for it, unless
// --load-spark-defaults asks for both; extra files do not (Spark: SparkSubmitArguments.mergeDefaultSparkProperties).
func (a Application) ReadsDefaults() bool {
	_, named := a.Option("--properties-file")
	_, both := a.Option("--load-spark-defaults")
	return !named || both
}

// WithProperties returns a with the properties of a file, which weigh less than what
// the argument list says, and than those of files before it.
func (a Application) WithProperties(properties map[string]string) Application {
	conf := maps.Clone(properties)
	if conf == nil {
		conf = map[string]string{}
	}
	maps.Copy(conf, a.Conf)
	a.Conf = conf
	return a
}

// WithEnvironment returns a with what spark-submit takes from its environment, and Kerberos from keys of old, where nothing
// else says it; it comes after the files. A variable that is empty counts as absent. MASTER and DEPLOY_MODE are not among it: a [Plan] always sets both (Spark:
// SparkSubmitArguments.loadEnvironmentArguments). Every error is a [*problem.Error] with exit code 2.
func (a Application) WithEnvironment(getenv func(string) string) (Application, error) {
	if getenv("SPARK_REMOTE") != "" {
		return a, problem.Usage("unset it for the launcher", "SPARK_REMOTE names a server of Spark Connect: spark-submit of Spark 3.4 and newer submits no driver beside it")
	}
	properties := map[string]string{}
	for variable, key := range map[string]string{
		"SPARK_DRIVER_MEMORY":   confDriverMemory,
		"SPARK_EXECUTOR_MEMORY": confExecutorMemory,
		"SPARK_EXECUTOR_CORES":  confExecutorCores,
	} {
		if value := getenv(variable); value != "" {
			properties[key] = value
		}
	}
	for old, key := range map[string]string{"spark.yarn.keytab": "spark.kerberos.keytab", "spark.yarn.principal": confPrincipal} {
		if value, set := a.Conf[old]; set {
			properties[key] = value
		}
	}
	return a.WithProperties(properties), nil
}

// Ignored are the keys of --conf that Spark warns of and ignores, as they do not begin with "spark.".
func (a Application) Ignored() []string {
	var keys []string
	for _, o := range a.Options {
		if key, _, _ := strings.Cut(o.Value, "="); o.Name == "--conf" && !isSparks(key) {
			keys = append(keys, key)
		}
	}
	return keys
}

// Secrets are the rules by which values of the application are masked: ours, and the user's (Spark: spark.redaction.regex).
func (a Application) Secrets() secret.Rules { return secret.With(a.Conf["spark.redaction.regex"]) }

// Name is the application's name as Spark gives it: configured, else the main
// class, else the main file's own name (Spark: SparkSubmitArguments.loadEnvironmentArguments).
func (a Application) Name() string {
	if name, ok := a.Conf[confAppName]; ok {
		return name
	}
	if class, ok := a.Option("--class"); ok {
		return class
	}
	file := strings.TrimRight(a.MainFile, "/")
	return file[strings.LastIndexByte(file, '/')+1:]
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
