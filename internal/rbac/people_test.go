// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package rbac_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/internal/rbac"
)

// The example is what real drivers are run with.
func TestTheDriversRoleIsThatOfTheExample(t *testing.T) {
	example, err := os.ReadFile("../../examples/rbac/driver.yaml")
	if err != nil {
		t.Fatal(err)
	}
	printed := rbac.DriverManifest(rbac.Options{Namespace: "spark", Name: "spark-driver", ServiceAccount: "spark-driver"})
	if diff := cmp.Diff(rights(t, string(example)), rights(t, printed)); diff != "" {
		t.Errorf("-example +printed:\n%s", diff)
	}
}

func TestAPersonsRoleChangesNothing(t *testing.T) {
	want := []string{"get pods", "get pods/log", "list events", "list pods", "watch events", "watch pods"}
	if diff := cmp.Diff(want, rights(t, rbac.PersonManifest(rbac.Options{Namespace: "jobs", Name: "r"}, nil, ""))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAPersonsRoleGrowsByWhatACommandNeeds(t *testing.T) {
	looks := []string{"get pods", "get pods/log", "list events", "list pods", "watch events", "watch pods"}
	for name, test := range map[string]struct {
		with []string
		more []string
	}{
		"ui":                      {[]string{"ui"}, []string{"create pods/portforward", "get pods/portforward", "get pods/proxy"}},
		"kill":                    {[]string{"kill"}, []string{"delete pods"}},
		"delete":                  {[]string{"delete"}, []string{"delete pods"}},
		"several, each verb once": {[]string{"delete", "kill", "sweep"}, []string{"delete pods"}},
		"submit by the native engine": {[]string{"submit"}, []string{
			"create pods", "patch pods", "delete pods", "create services", "get services", "create configmaps", "get configmaps", "create networkpolicies", "get networkpolicies",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			want := slices.Concat(looks, test.more)
			slices.Sort(want)
			if diff := cmp.Diff(want, rights(t, rbac.PersonManifest(rbac.Options{Namespace: "jobs", Name: "r"}, test.with, rbac.Native))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestEveryCommandThatNeedsMoreIsOffered(t *testing.T) {
	needed := map[string]bool{}
	for _, n := range rbac.PersonNeeds() {
		if n.With != "" {
			needed[n.With] = true
		}
	}
	for _, command := range rbac.PersonCommands() {
		if !needed[command] {
			t.Errorf("%s needs nothing", command)
		}
		delete(needed, command)
	}
	if len(needed) > 0 {
		t.Errorf("not offered: %v", needed)
	}
}

// rights are the verbs and resources that the Roles in a manifest give, sorted.
func rights(t *testing.T, manifest string) []string {
	t.Helper()
	var given []string
	for document := range strings.SplitSeq(manifest, "\n---\n") {
		var role struct {
			Rules []struct{ Resources, Verbs []string }
		}
		if err := yaml.Unmarshal([]byte(document), &role); err != nil {
			t.Fatalf("%v in\n%s", err, document)
		}
		for _, rule := range role.Rules {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					given = append(given, verb+" "+resource)
				}
			}
		}
	}
	slices.Sort(given)
	return given
}
