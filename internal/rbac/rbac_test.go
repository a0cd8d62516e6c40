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

// A sensor beside a launcher has the launcher's account.
func TestTheLaunchersRoleGivesWhatASensorNeeds(t *testing.T) {
	text, err := os.ReadFile("../../examples/rbac/launcher.yaml")
	if err != nil {
		t.Fatal(err)
	}
	granted := map[string]bool{}
	for document := range strings.SplitSeq(string(text), "\n---\n") {
		var role struct {
			Rules []struct{ Resources, Verbs []string }
		}
		if err := yaml.Unmarshal([]byte(document), &role); err != nil {
			t.Fatal(err)
		}
		for _, rule := range role.Rules {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					granted[verb+" "+resource] = true
				}
			}
		}
	}
	for _, need := range rbac.Needs() {
		if need.When == "" && !granted[need.Verb+" "+need.Resource] {
			t.Errorf("not granted: %s %s", need.Verb, need.Resource)
		}
	}
}

func TestManifestGrantsWhatIsNeededAndNoMore(t *testing.T) {
	always := []string{"get pods", "list pods", "watch pods", "get pods/log", "list events"}
	for name, test := range map[string]struct {
		options rbac.Options
		kinds   []string
		rights  []string
	}{
		"only a Role":               {rbac.Options{}, []string{"Role"}, always},
		"with an account":           {rbac.Options{ServiceAccount: "a"}, []string{"ServiceAccount", "Role", "RoleBinding"}, always},
		"that may end a driver":     {rbac.Options{Kill: true}, []string{"Role"}, append(slices.Clone(always), "delete pods")},
		"that may read through API": {rbac.Options{Proxy: true}, []string{"Role"}, append(slices.Clone(always), "get pods/proxy")},
	} {
		t.Run(name, func(t *testing.T) {
			test.options.Namespace, test.options.Name, test.options.ServiceAccountNamespace = "jobs", "role", "airflow"
			var kinds, rights []string
			for document := range strings.SplitSeq(rbac.Manifest(test.options), "\n---\n") {
				var object struct {
					Kind     string
					Metadata struct{ Name, Namespace string }
					Rules    []struct{ APIGroups, Resources, Verbs []string }
					Subjects []struct{ Kind, Name, Namespace string }
				}
				if err := yaml.UnmarshalStrict([]byte(document), &map[string]any{}); err != nil {
					t.Fatalf("%v in\n%s", err, document)
				}
				if err := yaml.Unmarshal([]byte(document), &object); err != nil {
					t.Fatal(err)
				}
				kinds = append(kinds, object.Kind)
				for _, rule := range object.Rules {
					for _, verb := range rule.Verbs {
						rights = append(rights, verb+" "+rule.Resources[0])
					}
				}
				want := "jobs"
				if object.Kind == "ServiceAccount" {
					want = "airflow"
				}
				if object.Metadata.Namespace != want {
					t.Errorf("%s in namespace %q, want %q", object.Kind, object.Metadata.Namespace, want)
				}
				for _, subject := range object.Subjects {
					if subject.Name != "a" || subject.Namespace != "airflow" {
						t.Errorf("bound to %s/%s", subject.Namespace, subject.Name)
					}
				}
			}
			if diff := cmp.Diff(test.kinds, kinds); diff != "" {
				t.Errorf("kinds: -want +got:\n%s", diff)
			}
			slices.Sort(rights)
			slices.Sort(test.rights)
			if diff := cmp.Diff(test.rights, rights); diff != "" {
				t.Errorf("rights: -want +got:\n%s", diff)
			}
		})
	}
}
