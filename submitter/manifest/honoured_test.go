// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package manifest_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/submitter/manifest"
	"github.com/sparkctl/sparkctl/submitter/native"
)

// What a template wishes for must still be there once Spark's own steps have gone over it.
func TestEveryWishOfATemplateReachesTheDriver(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"kubeflow-every-template", "kubeflow-sidecar-alone", "apache-every-field"} {
		for _, version := range []string{"3.3.4", "3.5.9", "4.1.4"} {
			t.Run(name+" in Spark "+version, func(t *testing.T) {
				t.Parallel()
				archive, err := txtar.ParseFile("testdata/" + name + ".txtar")
				if err != nil {
					t.Fatal(err)
				}
				submissions, err := manifest.Read(archive.Files[0].Data, folder)
				if err != nil {
					t.Fatal(err)
				}
				objects := build(t, submissions[0], version)
				var wish, pod any
				if err := yaml.Unmarshal(submissions[0].DriverTemplate, &wish); err != nil {
					t.Fatal(err)
				}
				text, err := json.Marshal(objects.Pod)
				if err != nil {
					t.Fatal(err)
				}
				if err := json.Unmarshal(text, &pod); err != nil {
					t.Fatal(err)
				}
				for _, lost := range missing("pod", wish, pod) {
					t.Errorf("lost %s", lost)
				}
			})
		}
	}
}

func TestTheExecutorsTemplateIsHandedToTheDriver(t *testing.T) {
	t.Parallel()
	archive, err := txtar.ParseFile("testdata/kubeflow-every-template.txtar")
	if err != nil {
		t.Fatal(err)
	}
	submissions, err := manifest.Read(archive.Files[0].Data, folder)
	if err != nil {
		t.Fatal(err)
	}
	owned, err := json.Marshal(build(t, submissions[0], "4.1.4").Owned)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"podspec-configmap-key", "runtimeClassName: kata", "podTemplateContainerName=spark-kubernetes-executor"} {
		if !strings.Contains(string(owned), part) {
			t.Errorf("no object of the driver has %q", part)
		}
	}
}

// build makes the objects of a submission.
func build(t *testing.T, s manifest.Submission, version string) native.Objects {
	t.Helper()
	if err := s.Application.Check(); err != nil {
		t.Fatal(err)
	}
	plan, err := submitter.NewPlan(s.Application, submitter.Run{Key: s.Name, Attempt: 1}, submitter.Surroundings{
		DefaultNamespace: "team", Server: "https://cluster", Template: s.DriverTemplate,
	})
	if err != nil {
		t.Fatal(err)
	}
	spark, err := native.ParseVersion(version)
	if err != nil {
		t.Fatal(err)
	}
	objects, err := native.Build(native.Input{
		Plan: plan, Spark: spark, ApplicationID: "spark-0", UniqueID: "0123456789abcdef", LocalDirID: "id", Submitted: time.UnixMilli(1700000000000),
		Launcher: native.Launcher{User: "somebody", ExecutorTemplate: s.ExecutorTemplate},
	})
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

// missing are the paths of what is in want and not in got: of a list, each element must have one that has all of it.
func missing(path string, want, got any) []string {
	switch want := want.(type) {
	case map[string]any:
		in, _ := got.(map[string]any)
		var lost []string
		for key, value := range want {
			lost = append(lost, missing(path+"."+key, value, in[key])...)
		}
		return lost
	case []any:
		in, _ := got.([]any)
		var lost []string
		for i, value := range want {
			if !slices.ContainsFunc(in, func(g any) bool { return len(missing("", value, g)) == 0 }) {
				lost = append(lost, fmt.Sprintf("%s[%d]: %v", path, i, value))
			}
		}
		return lost
	default:
		if fmt.Sprint(want) != fmt.Sprint(got) {
			return []string{fmt.Sprintf("%s: %v is %v", path, want, got)}
		}
		return nil
	}
}
