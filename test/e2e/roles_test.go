// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// A right is one verb on one resource.
type right struct{ group, resource, verb string }

func (r right) String() string { return r.verb + " " + r.resource }

// quiet are the rights whose absence a run without an accident does not show.
var quiet = map[string][]right{
	"launcher": {
		{"", "pods", "delete"},                          // rolling back, cancelling
		{"", "pods", "watch"},                           // without it the end is seen by reading the pod every 15 s, later than it must be
		{"", "pods", "get"},                             // only another launcher's driver is a reason to look for that launcher
		{"", "events", "list"},                          // only while a driver does not start
		{"networking.k8s.io", "networkpolicies", "get"}, // the native engine, when an answer is lost
	},
	"driver": {
		{"", "pods", "delete"}, // one executor that failed or is idle
	},
}

// Every right of the published Roles is needed: without it some version of Spark
// fails or complains.
func TestRolesHoldNothingThatIsNotNeeded(t *testing.T) {
	t.Parallel()
	needsFull(t)
	c := connect(t)
	for _, of := range []string{"launcher", "driver"} {
		rights := publishedRights(t, of)
		for n, without := range rights {
			if slices.Contains(quiet[of], without) {
				continue
			}
			t.Run(fmt.Sprintf("%s without %s", of, without), func(t *testing.T) {
				t.Parallel()
				account := fmt.Sprintf("%s-%d", of, n)
				c.createAccount(t, account, slices.DeleteFunc(slices.Clone(rights), func(r right) bool { return r == without }))
				for _, spark := range slices.Backward(sparkVersions) {
					if c.complains(t, of, account, spark) {
						return
					}
				}
				t.Errorf("no version of Spark needs it")
			})
		}
	}
}

// complains reports whether a run with an account in the place of the published
// one fails, or says that something is forbidden.
func (c *cluster) complains(t *testing.T, of, account, spark string) bool {
	t.Helper()
	l := launch{spark: spark, key: podName(account, spark, "run"), command: []string{"pi", "1"}, flags: []string{"--wait"}}
	if of == "launcher" {
		l.account = account
	} else {
		l.confs = []string{"spark.kubernetes.authenticate.driver.serviceAccountName=" + account}
	}
	end := c.launch(t, l.key, l).end(t)
	forbidden := ""
	for line := range strings.SplitSeq(end.log, "\n") {
		if strings.Contains(strings.ToLower(line), "forbidden") {
			forbidden = line
			break
		}
	}
	t.Logf("Spark %s: %s %.300s", spark, end.summary(), forbidden)
	return end.code != 0 || forbidden != ""
}

// publishedRights reads the Role of examples/rbac.
func publishedRights(t *testing.T, of string) []right {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "examples/rbac", of+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var rights []right
	for document := range strings.SplitSeq(string(text), "\n---\n") {
		var role struct {
			Rules []struct{ APIGroups, Resources, Verbs []string }
		}
		if err := yaml.Unmarshal([]byte(document), &role); err != nil {
			t.Fatal(err)
		}
		for _, rule := range role.Rules {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					rights = append(rights, right{rule.APIGroups[0], resource, verb})
				}
			}
		}
	}
	if len(rights) == 0 {
		t.Fatalf("no rules in the Role of %s", of)
	}
	return rights
}

// createAccount creates a ServiceAccount with these rights and no others.
func (c *cluster) createAccount(t *testing.T, name string, rights []right) {
	t.Helper()
	var rules []any
	for _, r := range rights {
		rules = append(rules, map[string]any{"apiGroups": []any{r.group}, "resources": []any{r.resource}, "verbs": []any{r.verb}})
	}
	metadata := map[string]any{"name": name, "namespace": c.namespace}
	for _, object := range []map[string]any{
		{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata},
		{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": metadata, "rules": rules},
		{
			"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": metadata,
			"roleRef":  map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
			"subjects": []any{map[string]any{"kind": "ServiceAccount", "name": name, "namespace": c.namespace}},
		},
	} {
		made := &unstructured.Unstructured{Object: object}
		in := c.objects.Resource(resources[made.GetKind()]).Namespace(c.namespace)
		if _, err := in.Create(t.Context(), made, metav1.CreateOptions{}); err != nil {
			t.Fatalf("create %s %s: %v", made.GetKind(), name, err)
		}
	}
}
