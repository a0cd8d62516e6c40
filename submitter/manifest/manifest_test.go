// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package manifest_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/submitter/manifest"
	"github.com/sparkctl/sparkctl/xcom"
)

// folder is where templates are named in tests.
const folder = "templates"

// Each archive has a manifest and, for each of its documents, the argument list with one argument a line, and templates if there are any;
// or the error and its hint.
func TestEveryFieldBecomesWhatItsOperatorWouldMakeOfIt(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal("no archives:", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]string{}
			for _, file := range archive.Files {
				want[file.Name] = string(file.Data)
			}
			got := map[string]string{"manifest.yaml": want["manifest.yaml"]}
			submissions, err := manifest.Read([]byte(want["manifest.yaml"]), folder)
			if err != nil {
				got["error"], got["hint"] = told(t, err)
			}
			for _, s := range submissions {
				describe(got, s)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// describe adds what a submission consists of to the files of an archive.
func describe(files map[string]string, s manifest.Submission) {
	files[s.Name+".argv"] = strings.Join(s.Application.Argv(), "\n") + "\n"
	if len(s.DriverTemplate) > 0 {
		files[s.DriverFile] = string(s.DriverTemplate)
	}
	if len(s.ExecutorTemplate) > 0 {
		files[s.ExecutorFile] = string(s.ExecutorTemplate)
	}
}

// told is the sentence and the hint of a problem that is the user's.
func told(t *testing.T, err error) (sentence, hint string) {
	t.Helper()
	var p *problem.Error
	if !errors.As(err, &p) {
		t.Fatalf("%v is no problem with a hint", err)
	}
	if p.ExitCode() != xcom.ExitUsage || p.Hint() == "" {
		t.Errorf("exit code %d, hint %q", p.ExitCode(), p.Hint())
	}
	return p.Error() + "\n", p.Hint() + "\n"
}

func TestASubmissionSaysWhoItIs(t *testing.T) {
	t.Parallel()
	submissions, err := manifest.Read([]byte(`{"apiVersion": "sparkoperator.k8s.io/v1beta2", "kind": "SparkApplication", "metadata": {"name": "pi", "namespace": "team"},
		"spec": {"type": "Python", "sparkVersion": "4.0.1", "mainApplicationFile": "local:///opt/pi.py", "driver": {}, "executor": {}}}`), folder)
	if err != nil {
		t.Fatal(err)
	}
	got := submissions[0]
	got.Application = submitter.Application{}
	want := manifest.Submission{APIVersion: manifest.KubeflowVersion, Name: "pi", Namespace: "team", SparkVersion: "4.0.1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
