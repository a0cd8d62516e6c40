// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/sparkctl/sparkctl/internal/problem"
)

// Check refuses what cannot be submitted in cluster mode to Kubernetes, by any supported version of Spark. Every error is a
// [*problem.Error] with exit code 2.
func (a Application) Check() error {
	for _, check := range []func() error{a.checkCluster, a.checkMainFile, a.checkFiles, a.checkAmounts, a.checkUser, a.checkJavaOptions} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// checkCluster is for where the application runs and who waits for it.
func (a Application) checkCluster() error {
	master := a.Conf[confMaster]
	url, kubernetes := strings.CutPrefix(master, "k8s://")
	if master != "" && !kubernetes {
		return problem.Usage("leave --master out to submit to this cluster, or give --master k8s://https://HOST:PORT",
			"master %q is not Kubernetes: it does not start with k8s://", master)
	}
	if scheme, _, found := strings.Cut(url, "://"); kubernetes && url == "" || found && scheme != "https" && scheme != "http" {
		return problem.Usage("give --master k8s://https://HOST:PORT", "master %q is no API server's, which has a host and answers to https or http", master)
	}
	if mode := a.Conf[confDeployMode]; mode != "" && mode != "cluster" {
		return problem.Usage("leave --deploy-mode out, or give --deploy-mode cluster",
			"deploy mode %q is not possible: the driver runs as a pod of its own, so it is cluster mode", mode)
	}
	if strings.EqualFold(a.Conf[confWait], "true") {
		return problem.Usage("take "+confWait+" out; to wait for the driver's end, give --wait before the --",
			"%s=true is not possible: spark-submit ends with 0 for a failed driver, so the waiting is ours", confWait)
	}
	if _, remote := a.Conf["spark.remote"]; remote {
		return problem.Usage("take it out", "spark.remote names a server of Spark Connect: spark-submit submits no driver beside it")
	}
	return nil
}

// onlyInteractive are classes and main files that Spark runs in client mode only (Spark: SparkSubmit.prepareSubmitEnvironment).
func onlyInteractive() map[string]string {
	return map[string]string{
		"org.apache.spark.repl.Main":                               "a Spark shell",
		"org.apache.spark.sql.application.ConnectRepl":             "a Spark shell",
		"org.apache.spark.sql.connect.service.SparkConnectServer":  "the server of Spark Connect",
		"org.apache.spark.sql.hive.thriftserver.HiveThriftServer2": "the Thrift server",
		"org.apache.spark.sql.hive.thriftserver.SparkSQLCLIDriver": "the Spark SQL shell",
		"pyspark-shell": "a Spark shell",
		"spark-shell":   "a Spark shell",
		"sparkr-shell":  "a Spark shell",
	}
}

// checkMainFile is for what is run.
func (a Application) checkMainFile() error {
	class, _ := a.Option("--class")
	for _, what := range []string{class, a.MainFile} {
		if kind, is := onlyInteractive()[what]; is {
			return problem.Usage("run it as a pod or Deployment of your own, in client mode", "%s is %s, which Spark does not run in cluster mode on Kubernetes", what, kind)
		}
	}
	if a.MainFile == "" {
		return problem.Usage("give it last: -- --class CLASS local:///path/to/app.jar ARGUMENTS",
			"no main file: spark-submit's arguments name no jar, Python or R file")
	}
	return checkURI("the main file", a.MainFile)
}

// checkFiles is for the lists of files that go with the application.
func (a Application) checkFiles() error {
	for _, name := range []string{"--archives", "--files", "--jars", "--py-files"} {
		list, _ := a.Option(name)
		for entry := range strings.SplitSeq(list, ",") {
			if err := checkURI(name+" names", entry); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkURI refuses a path that has a scheme, but that Java takes for no URI: spark-submit makes a path of the launcher of it,
// which nobody can mean (Spark: Utils.resolveURI).
func checkURI(what, path string) error {
	// What stands behind the scheme is as java.net.URI has it (its javadoc, "URI syntax and components").
	const legal = `([-\w.!~*'();/?:@&=+$,]|%[0-9a-fA-F]{2}|[^\x00-\x7f])`
	uri := regexp.MustCompile(`^[a-zA-Z][-a-zA-Z0-9+.]*:` + legal + `+(#` + legal + `*)?$`)
	schemed := regexp.MustCompile(`^\s*[-a-zA-Z0-9+.]+:(/|$)`)
	if !schemed.MatchString(path) || uri.MatchString(path) {
		return nil
	}
	return problem.Usage("write a blank as %20, and others that a URI cannot hold as % and two hexadecimal digits", "%s %q, which is no URI", what, path)
}

// checkAmounts is for numbers that Spark refuses (Spark: SparkSubmitArguments.validateSubmitArguments).
func (a Application) checkAmounts() error {
	for _, amount := range []struct {
		key, option string
		memory      bool
	}{
		{confDriverMemory, "--driver-memory", true},
		{confExecutorMemory, "--executor-memory", true},
		{confDriverCores, "--driver-cores", false},
		{confExecutorCores, "--executor-cores", false},
		{confInstances, "--num-executors", false},
		{"spark.cores.max", "--total-executor-cores", false},
	} {
		value, set := a.Conf[amount.key]
		if option, given := a.Option("--total-executor-cores"); given && amount.option == "--total-executor-cores" {
			value, set = option, true
		}
		switch {
		case !set || amount.key == confInstances && strings.EqualFold(a.Conf["spark.dynamicAllocation.enabled"], "true"):
		case amount.memory && !isMemory(value):
			return problem.Usage("give "+amount.option+" a whole number with its unit, such as 512m or 4g", "%s is %q, which is no amount of memory to Spark", amount.key, value)
		case !amount.memory && !isCount(value):
			return problem.Usage("give "+amount.option+" a whole number from 1 on", "%s is %q, which is no positive number", amount.key, value)
		}
	}
	return nil
}

// isMemory reports whether value is a positive amount of memory to Spark, bytes without a unit (Spark: JavaUtils.byteStringAs).
func isMemory(value string) bool {
	bytes, ok := ParseBytes(strings.TrimFunc(strings.ToLower(value), trimmed), 0)
	return ok && bytes > 0
}

// ParseBytes reads an amount of bytes in lower case and without blanks around it, such as 512m; a number alone counts units of 2^unit bytes
// (Spark: JavaUtils.byteStringAs).
func ParseBytes(text string, unit uint) (bytes int64, ok bool) {
	digits := strings.TrimRight(text, "bkmgtp")
	switch suffix := text[len(digits):]; {
	case suffix == "":
	case suffix == "b":
		unit = 0
	case len(suffix) == 1 || len(suffix) == 2 && suffix[1] == 'b' && suffix[0] != 'b':
		unit = 10 * uint(1+strings.IndexByte("kmgtp", suffix[0]))
	default:
		return 0, false
	}
	amount, err := strconv.ParseUint(digits, 10, 63)
	if err != nil || amount > math.MaxInt64>>unit {
		return 0, false
	}
	return int64(amount) << unit, true
}

// isCount reports whether value is a positive number to Spark (Java: Integer.parseInt, but for its digits beyond ASCII).
func isCount(value string) bool {
	number, err := strconv.ParseInt(value, 10, 32)
	return err == nil && number > 0
}

// checkUser is for as whom the application runs.
func (a Application) checkUser() error {
	_, proxy := a.Option("--proxy-user")
	for _, key := range []string{confPrincipal, "spark.yarn.principal"} {
		if _, principal := a.Conf[key]; principal && proxy {
			return problem.Usage("give one of them", "--proxy-user and a Kerberos principal (--principal, %s) are both given, and spark-submit takes one", key)
		}
	}
	return nil
}

// checkJavaOptions is for options of the driver's JVM (Spark: launcher/SparkSubmitCommandBuilder.checkJavaOptions).
func (a Application) checkJavaOptions() error {
	for _, key := range []string{"spark.driver.defaultJavaOptions", confDriverOptions} {
		if strings.Contains(a.Conf[key], "Xmx") {
			return problem.Usage("give the heap as --driver-memory", "%s sets the heap with -Xmx, which spark-submit refuses", key)
		}
	}
	return nil
}
