// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package rbac_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/internal/rbac"
)

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
