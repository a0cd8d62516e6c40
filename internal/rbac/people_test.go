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
	want := []string{"get pods", "get pods/log", "list events", "list pods", "watch pods"}
	if diff := cmp.Diff(want, rights(t, rbac.PersonManifest(rbac.Options{Namespace: "jobs", Name: "r"}))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
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
