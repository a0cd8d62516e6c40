// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// parse reads arguments that are right.
func parse(t *testing.T, argv ...string) Application {
	t.Helper()
	app, err := ParseArguments(argv)
	if err != nil {
		t.Fatal(err)
	}
	return app
}

func TestAnApplicationIsNamedAsSparkNamesIt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		argv []string
		want string
	}{
		"by --name before all else":             {[]string{"-c", "spark.app.name=conf", "--name", "option", "--class", "org.example.Etl", "a.jar"}, "option"},
		"by configuration before the class":     {[]string{"--class", "org.example.Etl", "-c", "spark.app.name=conf", "a.jar"}, "conf"},
		"by its class":                          {[]string{"--class", "org.example.Etl", "local:///opt/a.jar"}, "org.example.Etl"},
		"by its file, without the folders":      {[]string{"local:///opt/jobs/etl.py", "/x"}, "etl.py"},
		"by its file, where there is no folder": {[]string{"etl.R"}, "etl.R"},
		"by its folder, where it is none":       {[]string{"local:///opt/etl/"}, "etl"},
		"by a name that is empty":               {[]string{"--name", "", "--class", "org.example.Etl", "a.jar"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := parse(t, test.argv...).Name(); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestTheMasterNamesTheAPIServer(t *testing.T) {
	t.Parallel()
	for master, want := range map[string]string{
		"":                            "",
		"k8s://host:6443":             "https://host:6443",
		"k8s://https://host:6443":     "https://host:6443",
		"k8s://http://127.0.0.1:8001": "http://127.0.0.1:8001",
		"k8s://https://host/prefix":   "https://host/prefix",
		"k8s://[fd00::1]:6443":        "https://[fd00::1]:6443",
	} {
		argv := []string{"a.jar"}
		if master != "" {
			argv = []string{"--master", master, "a.jar"}
		}
		if got := parse(t, argv...).Master(); got != want {
			t.Errorf("--master %q leads to %q, want %q", master, got, want)
		}
	}
}

func TestTheLastOptionOfANameCounts(t *testing.T) {
	t.Parallel()
	app := parse(t, "--class", "a", "--class", "b", "a.jar", "--class", "c")
	class, given := app.Option("--class")
	if diff := cmp.Diff([]any{"b", true}, []any{class, given}); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if value, given := app.Option("--jars"); given {
		t.Errorf("--jars was never given, but is %q", value)
	}
}

func TestTheEnvironmentWeighsLeast(t *testing.T) {
	t.Parallel()
	env := map[string]string{"SPARK_DRIVER_MEMORY": "1g", "SPARK_EXECUTOR_MEMORY": "2g", "SPARK_EXECUTOR_CORES": "3", "MASTER": "local", "DEPLOY_MODE": "client"}
	app := parse(t, "--driver-memory", "4g", "a.jar").WithProperties(map[string]string{"spark.executor.memory": "5g"})
	app, err := app.WithEnvironment(func(name string) string { return env[name] })
	want := map[string]string{"spark.driver.memory": "4g", "spark.executor.memory": "5g", "spark.executor.cores": "3"}
	if diff := cmp.Diff(want, app.Conf); diff != "" || err != nil {
		t.Errorf("%v -want +got:\n%s", err, diff)
	}
	_, err = app.WithEnvironment(func(name string) string { return map[string]string{"SPARK_REMOTE": "sc://h"}[name] })
	if refused(t, err) != "SPARK_REMOTE names a server of Spark Connect: spark-submit of Spark 3.4 and newer submits no driver beside it" {
		t.Error(err)
	}
}

func TestKeysThatSparkIgnoresAreNamed(t *testing.T) {
	t.Parallel()
	app := parse(t, "-c", "spark.x=1", "--conf", "hadoop.y=spark.z", "--name", "x.y=1", "-c", "sparkle=2", "a.jar", "-c", "z=1")
	if diff := cmp.Diff([]string{"hadoop.y", "sparkle"}, app.Ignored()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"spark.x": "1", "spark.app.name": "x.y=1"}, app.Conf); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTheDefaultsAreReadUnlessAFileStandsInForThem(t *testing.T) {
	t.Parallel()
	for argv, want := range map[string]bool{
		"a.jar":                                           true,
		"a.jar --properties-file p":                       true,
		"--properties-file p a.jar":                       false,
		"--extra-properties-file p a.jar":                 true,
		"--load-spark-defaults --properties-file=p a.jar": true,
	} {
		if got := parse(t, strings.Fields(argv)...).ReadsDefaults(); got != want {
			t.Errorf("%s: %t, want %t", argv, got, want)
		}
	}
}
