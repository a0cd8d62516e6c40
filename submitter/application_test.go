// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/xcom"
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

func TestCheck(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		argv []string
		want string
	}{
		"an application that can be submitted": {[]string{"--master", "k8s://https://h", "--deploy-mode", "cluster", "-c", "spark.kubernetes.submission.waitAppCompletion=false", "a.jar"}, ""},
		"another cluster manager":              {[]string{"--master", "local[2]", "a.jar"}, `master "local[2]" is not Kubernetes: it does not start with k8s://`},
		"client mode by configuration":         {[]string{"-c", "spark.submit.deployMode=client", "a.jar"}, `deploy mode "client" is not possible: the driver runs as a pod of its own, so it is cluster mode`},
		"a wait that spark-submit would do":    {[]string{"-c", "spark.kubernetes.submission.waitAppCompletion=TRUE", "a.jar"}, "spark.kubernetes.submission.waitAppCompletion=true is not possible: spark-submit ends with 0 for a failed driver, so the waiting is ours"},
		"an empty main file":                   {[]string{""}, "no main file: spark-submit's arguments name no jar, Python or R file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := parse(t, test.argv...).Check()
			if test.want == "" && err == nil {
				return
			}
			var refused *problem.Error
			if !errors.As(err, &refused) || refused.Error() != test.want || refused.ExitCode() != xcom.ExitUsage || refused.Hint() == "" {
				t.Errorf("%v, want %q, code 2 and a hint", err, test.want)
			}
		})
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
