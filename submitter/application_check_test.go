// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"errors"
	"fmt"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/xcom"
)

// refused is the sentence of an error of the user's, which has code 2 and a hint; empty for none.
func refused(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var p *problem.Error
	if !errors.As(err, &p) || p.ExitCode() != xcom.ExitUsage || p.Hint() == "" {
		t.Errorf("%v has not code 2 and a hint", err)
	}
	return err.Error()
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		argv []string
		want string
	}{
		"an application that can be submitted":                    {[]string{"--master", "k8s://https://h", "--deploy-mode", "cluster", "-c", "spark.kubernetes.submission.waitAppCompletion=false", "a.jar"}, ""},
		"another cluster manager":                                 {[]string{"--master", "local[2]", "a.jar"}, `master "local[2]" is not Kubernetes: it does not start with k8s://`},
		"a master without a host":                                 {[]string{"--master", "k8s://", "a.jar"}, `master "k8s://" is no API server's, which has a host and answers to https or http`},
		"a master of another protocol":                            {[]string{"--master", "k8s://spark://h", "a.jar"}, `master "k8s://spark://h" is no API server's, which has a host and answers to https or http`},
		"client mode by configuration":                            {[]string{"-c", "spark.submit.deployMode=client", "a.jar"}, `deploy mode "client" is not possible: the driver runs as a pod of its own, so it is cluster mode`},
		"a wait that spark-submit would do":                       {[]string{"-c", "spark.kubernetes.submission.waitAppCompletion=TRUE", "a.jar"}, "spark.kubernetes.submission.waitAppCompletion=true is not possible: spark-submit ends with 0 for a failed driver, so the waiting is ours"},
		"a session of Spark Connect":                              {[]string{"-c", "spark.remote=sc://h", "a.jar"}, "spark.remote names a server of Spark Connect: spark-submit submits no driver beside it"},
		"an empty main file":                                      {[]string{""}, "no main file: spark-submit's arguments name no jar, Python or R file"},
		"a server by its class":                                   {[]string{"--class", "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2", "spark-internal"}, "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2 is the Thrift server, which Spark does not run in cluster mode on Kubernetes"},
		"a shell by its file":                                     {[]string{"pyspark-shell"}, "pyspark-shell is a Spark shell, which Spark does not run in cluster mode on Kubernetes"},
		"a main file with a blank in its URI":                     {[]string{"local:///opt/my app.jar"}, `the main file "local:///opt/my app.jar", which is no URI`},
		"a main file of the launcher's, with a blank in its path": {[]string{"/opt/my app.jar"}, ""},
		"a main file in escapes and letters beyond ASCII":         {[]string{"local:///opt/m%20%c3%a9é.jar?a=1#b"}, ""},
		"a percent that escapes nothing":                          {[]string{"local:///opt/100%.jar"}, `the main file "local:///opt/100%.jar", which is no URI`},
		"a template that was not rendered, among files":           {[]string{"--py-files", "local:///a.py,s3a://{{ bucket }}/b.py", "a.py"}, `--py-files names "s3a://{{ bucket }}/b.py", which is no URI`},
		"blanks around the files of a list":                       {[]string{"--jars", "local:///a.jar, local:///b.jar", "a.jar"}, `--jars names " local:///b.jar", which is no URI`},
		"files with holes in the list":                            {[]string{"--jars", ",local:///a.jar,,b.jar,", "a.jar"}, ""},
		"memory that is none":                                     {[]string{"--driver-memory", "four", "a.jar"}, `spark.driver.memory is "four", which is no amount of memory to Spark`},
		"no memory for executors":                                 {[]string{"-c", "spark.executor.memory=0g", "a.jar"}, `spark.executor.memory is "0g", which is no amount of memory to Spark`},
		"cores with a point":                                      {[]string{"--driver-cores", "1.5", "a.jar"}, `spark.driver.cores is "1.5", which is no positive number`},
		"cores for another cluster manager, which Spark looks at": {[]string{"--total-executor-cores", "0", "a.jar"}, `spark.cores.max is "0", which is no positive number`},
		"no executors":                                            {[]string{"--num-executors", "0", "a.jar"}, `spark.executor.instances is "0", which is no positive number`},
		"no executors at first":                                   {[]string{"--num-executors", "0", "-c", "spark.dynamicAllocation.enabled=True", "a.jar"}, ""},
		"a user to act for and a principal":                       {[]string{"--proxy-user", "u", "-c", "spark.kerberos.principal=p", "a.jar"}, "--proxy-user and a Kerberos principal (--principal, spark.kerberos.principal) are both given, and spark-submit takes one"},
		"the heap among the options of the JVM":                   {[]string{"--driver-java-options", "-Da=b -Xmx4g", "a.jar"}, "spark.driver.extraJavaOptions sets the heap with -Xmx, which spark-submit refuses"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := refused(t, parse(t, test.argv...).Check()); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestMemoryIsReadAsSparkReadsIt(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		"1": true, "512m": true, "512M": true, "1kb": true, "2Gb": true, " 3g\t": true, "1t": true, "1p": true, "1b": true, "8191p": true, "007g": true,
		"": false, "0": false, "0g": false, "-1g": false, "+1g": false, "1.5g": false, "1 g": false, "g": false, "1bb": false, "1gm": false, "1gib": false,
		"1e3": false, "8192p": false, "99999999999999999999": false, "1x": false, "1\u00a0": false,
	} {
		if got := isMemory(value); got != want {
			t.Errorf("%q: %t, want %t", value, got, want)
		}
	}
}

// What bytes mean is known without the parser: a number and a power of 1024.
func TestMemoryOfAnyNumberAndUnit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		number, power := rapid.Int64Min(0).Draw(t, "number"), rapid.IntRange(0, 5).Draw(t, "power")
		fits := number > 0
		for i, rest := 0, number; i < power; i++ {
			if rest > (1<<63-1)/1024 {
				fits = false
				break
			}
			rest *= 1024
		}
		for _, unit := range []string{"bkmgtp"[power : power+1], fmt.Sprintf("%cB", "BKMGTP"[power])} {
			if unit == "BB" {
				continue
			}
			if got := isMemory(strconv.FormatInt(number, 10) + unit); got != fits {
				t.Fatalf("%d%s: %t, want %t", number, unit, got, fits)
			}
		}
	})
}
