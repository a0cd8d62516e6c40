// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparksubmit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparkctl/sparkctl/submitter"
)

// plan is a plan for these arguments, with this beside them.
func plan(t *testing.T, conf map[string]string, argv ...string) submitter.Plan {
	t.Helper()
	app, err := submitter.ParseArguments(argv)
	if err != nil {
		t.Fatal(err)
	}
	return submitter.Plan{Application: app, Conf: conf}
}

func TestOurConfigurationStandsBehindTheUsersOptions(t *testing.T) {
	t.Parallel()
	p := plan(t, map[string]string{"spark.z": "ours", "spark.a": "a=b", "spark.empty": ""},
		"-c", "spark.z=his", "--name=x", "--verbose", "local:///app.jar", "--conf", "spark.z=an argument of the application's")
	want := []string{
		"--conf", "spark.z=his", "--name", "x", "--verbose",
		"--conf", "spark.a=a=b", "--conf", "spark.empty=", "--conf", "spark.z=ours",
		"local:///app.jar", "--conf", "spark.z=an argument of the application's",
	}
	if diff := cmp.Diff(want, Argv(p)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	again, err := submitter.ParseArguments(Argv(p))
	if err != nil || again.Conf["spark.z"] != "ours" {
		t.Errorf("%v: it reads as %q", err, again.Conf["spark.z"])
	}
	if len(p.Application.Options) != 3 {
		t.Errorf("the plan's application changed: %v", p.Application.Options)
	}
}

func TestDescribeSaysTheUsersPart(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		argv []string
		want string
	}{
		"words as they are":             {[]string{"--class", "org.example.Etl", "local:///app.jar", "2026-11-21"}, "spark-submit --class org.example.Etl local:///app.jar 2026-11-21"},
		"words that a shell would read": {[]string{"app.jar", "a b", "", "$HOME", `{"a":1}`, "x;y"}, `spark-submit app.jar "a b" "" "$HOME" "{\"a\":1}" "x;y"`},
		"no secrets": {
			[]string{"-c", "spark.hadoop.fs.s3a.secret.key=hunter2", "--driver-java-options", "-Da=b -Dpassword=hunter2", "app.jar", "--token", "hunter2", "https://me:hunter2@host/"},
			`spark-submit --conf "spark.hadoop.fs.s3a.secret.key=*********(redacted)" --driver-java-options "-Da=*********(redacted)" app.jar ` +
				`--token "*********(redacted)" "https://me:*********(redacted)@host/"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := Describe(plan(t, map[string]string{"spark.x": "ours"}, test.argv...))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	for _, dir := range []string{"good/bin", "folder/bin/spark-submit", "plain/bin", "empty"} {
		if err := os.MkdirAll(filepath.Join(home, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for file, mode := range map[string]os.FileMode{"good/bin/spark-submit": 0o755, "plain/bin/spark-submit": 0o644} {
		if err := os.WriteFile(filepath.Join(home, file), nil, mode); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"good":   "",
		"":       "2 SPARK_HOME is not set, so there is no spark-submit to run",
		"empty":  "2 SPARK_HOME HOME/empty has no bin/spark-submit",
		"absent": "2 SPARK_HOME HOME/absent has no bin/spark-submit",
		"folder": "2 HOME/folder/bin/spark-submit cannot be executed",
		"plain":  "2 HOME/plain/bin/spark-submit cannot be executed",
	} {
		dir := ""
		if name != "" {
			dir = filepath.Join(home, name)
		}
		path, err := Find(dir)
		if got := strings.ReplaceAll(told(t, err), home, "HOME"); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
		if err == nil && path != filepath.Join(dir, "bin", "spark-submit") {
			t.Errorf("%s: %q", name, path)
		}
	}
}
