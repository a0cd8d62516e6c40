// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/xcom"
)

func launcher() Launcher {
	return Launcher{Namespace: "jobs", Pod: "launcher-1", UID: "uid-1", Start: time.Date(2026, 11, 21, 11, 0, 0, 5000, time.FixedZone("CET", 3600))}
}

func surroundings() Surroundings {
	return Surroundings{DefaultNamespace: "jobs", Server: "https://10.0.0.1:443", Launcher: launcher()}
}

func TestAPlanSaysAllThatAnEngineNeeds(t *testing.T) {
	t.Parallel()
	app := parse(t, "--class", "org.example.Etl", "a.jar", "x")
	run := Run{Key: "etl/daily", Generation: "2", Attempt: 1}
	got, err := NewPlan(app, run, surroundings())
	if err != nil {
		t.Fatal(err)
	}
	label, name := RunLabel("jobs", "etl/daily"), DriverName("jobs", run)
	want := Plan{
		Application: app, Run: run, Launcher: launcher(), Namespace: "jobs", PodName: name,
		Template: []byte("apiVersion: v1\nkind: Pod\nspec:\n  schedulingGates:\n  - name: sparkctl.dev/submission\n"),
		Labels:   map[string]string{"sparkctl.dev/run": label, "sparkctl.dev/attempt": "1", "app.kubernetes.io/managed-by": "sparkctl"},
		Annotations: map[string]string{
			"sparkctl.dev/run-key": "etl/daily", "sparkctl.dev/generation": "2", "sparkctl.dev/application": fingerprint(app),
			"sparkctl.dev/launcher": "jobs/launcher-1/uid-1/2026-11-21T10:00:00.000005Z",
		},
		Conf: map[string]string{
			"spark.master": "k8s://https://10.0.0.1:443", "spark.submit.deployMode": "cluster", "spark.kubernetes.namespace": "jobs",
			"spark.kubernetes.driver.pod.name": name, "spark.kubernetes.submission.waitAppCompletion": "false",
			"spark.kubernetes.driver.label.sparkctl.dev/run": label, "spark.kubernetes.driver.label.sparkctl.dev/attempt": "1",
			"spark.kubernetes.driver.label.app.kubernetes.io/managed-by":  "sparkctl",
			"spark.kubernetes.driver.annotation.sparkctl.dev/run-key":     "etl/daily",
			"spark.kubernetes.driver.annotation.sparkctl.dev/generation":  "2",
			"spark.kubernetes.driver.annotation.sparkctl.dev/application": fingerprint(app),
			"spark.kubernetes.driver.annotation.sparkctl.dev/launcher":    "jobs/launcher-1/uid-1/2026-11-21T10:00:00.000005Z",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// absent is what no configuration holds: the key was not set.
const absent = "(absent)"

func TestAPlanKeepsWhatTheUserHasSet(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		argv   string
		change func(*Surroundings)
		want   map[string]string
	}{
		"his master": {"--master k8s://https://other", nil, map[string]string{"spark.master": absent}},
		"his pod name": {
			"-c spark.kubernetes.driver.pod.name=mine", nil,
			map[string]string{"spark.kubernetes.driver.pod.name": "mine"},
		},
		"his namespace, before the surroundings'": {
			"-c spark.kubernetes.namespace=his", nil,
			map[string]string{"spark.kubernetes.namespace": "his"},
		},
		"his namespace, given twice and the same": {
			"-c spark.kubernetes.namespace=his", func(s *Surroundings) { s.Namespace = "his" },
			map[string]string{"spark.kubernetes.namespace": "his"},
		},
		"the namespace of the flag, before the surroundings'": {
			"", func(s *Surroundings) { s.Namespace = "flag" },
			map[string]string{"spark.kubernetes.namespace": "flag"},
		},
		"the context of the flag": {
			"", func(s *Surroundings) { s.Context = "flag" },
			map[string]string{"spark.kubernetes.context": "flag"},
		},
		"his context, which the child reads itself": {
			"-c spark.kubernetes.context=his", func(s *Surroundings) { s.Context = "flag" },
			map[string]string{"spark.kubernetes.context": absent},
		},
		"his managed-by": {
			"-c spark.kubernetes.driver.label.app.kubernetes.io/managed-by=argo", nil,
			map[string]string{"spark.kubernetes.driver.label.app.kubernetes.io/managed-by": absent},
		},
		"labels and annotations that are not ours": {
			"-c spark.kubernetes.driver.label.team=a -c spark.kubernetes.driver.annotation.sparkctl.dev/note=b", nil,
			map[string]string{"spark.kubernetes.driver.label.team": absent},
		},
		"no generation, where none was given": {
			"", nil, map[string]string{"spark.kubernetes.driver.annotation.sparkctl.dev/generation": absent},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := surroundings()
			if test.change != nil {
				test.change(&s)
			}
			plan, err := NewPlan(parse(t, append(strings.Fields(test.argv), "a.jar")...), Run{Key: "k", Attempt: 1}, s)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for key := range test.want {
				got[key] = absent
				if value, set := plan.Conf[key]; set {
					got[key] = value
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestAPlanKnowsTheContainerThatTheUserNamed(t *testing.T) {
	t.Parallel()
	app := parse(t, "-c", "spark.kubernetes.driver.podTemplateContainerName=main", "a.jar")
	if plan, err := NewPlan(app, Run{Key: "k", Attempt: 1}, surroundings()); err != nil || plan.Container != "main" {
		t.Errorf("container %q, error %v", plan.Container, err)
	}
}

func TestAPlanRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		argv, key, namespace string
		want                 string
	}{
		"two namespaces": {"-c spark.kubernetes.namespace=a", "k", "b", `--namespace says "b" and spark.kubernetes.namespace says "a"`},
		"a namespace that none can be": {
			"-c spark.kubernetes.namespace=${env:NS}", "k", "", `"${env:NS}" cannot be a namespace's name: a lowercase RFC 1123 label`,
		},
		"a pod name that none can be": {
			"-c spark.kubernetes.driver.pod.name=Etl", "k", "", `"Etl" cannot be a pod's name: a lowercase RFC 1123 subdomain`,
		},
		"a run key that fills the result": {"", strings.Repeat("k", 257), "", "the run key has 257 bytes, 256 are possible"},
		"our label":                       {"-c spark.kubernetes.driver.label.sparkctl.dev/attempt=9", "k", "", "spark.kubernetes.driver.label.sparkctl.dev/attempt sets the label that tells whose driver a pod is"},
		"our annotation, generation not given": {
			"-c spark.kubernetes.driver.annotation.sparkctl.dev/generation=9", "k", "",
			"spark.kubernetes.driver.annotation.sparkctl.dev/generation sets the annotation that tells whose driver a pod is",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := surroundings()
			s.Namespace = test.namespace
			_, err := NewPlan(parse(t, append(strings.Fields(test.argv), "a.jar")...), Run{Key: test.key, Attempt: 1}, s)
			var refused *problem.Error
			if !errors.As(err, &refused) {
				t.Fatalf("%v is no *problem.Error", err)
			}
			if !strings.HasPrefix(refused.Error(), test.want) || refused.ExitCode() != xcom.ExitUsage || refused.Hint() == "" {
				t.Errorf("%q (%d, hint %q), want %q, 2 and a hint", refused, refused.ExitCode(), refused.Hint(), test.want)
			}
		})
	}
}
