// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/xcom"
)

func TestTheGateIsAddedToTheUsersTemplate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ template, want string }{
		"where there is none": {"", "apiVersion: v1\nkind: Pod\nspec:\n  schedulingGates:\n  - name: sparkctl.dev/submission\n"},
		"where it is empty":   {"# nothing yet\n", "apiVersion: v1\nkind: Pod\nspec:\n  schedulingGates:\n  - name: sparkctl.dev/submission\n"},
		"without a spec":      {"metadata:\n  labels:\n    team: a\n", "metadata:\n  labels:\n    team: a\nspec:\n  schedulingGates:\n  - name: sparkctl.dev/submission\n"},
		"which keeps all it has, also what this program does not know": {
			"apiVersion: v1\nkind: Pod\nspec:\n  securityContext: {runAsUser: 185}\n  ofTheFuture: [1, 2.5, true]\n  nodeSelector: {disk: ssd}\n",
			"apiVersion: v1\nkind: Pod\nspec:\n  nodeSelector:\n    disk: ssd\n  ofTheFuture:\n  - 1\n  - 2.5\n  - true\n  schedulingGates:\n  - name: sparkctl.dev/submission\n  securityContext:\n    runAsUser: 185\n",
		},
		"behind other gates":  {"spec:\n  schedulingGates: [{name: kueue.x-k8s.io/admission}]\n", "spec:\n  schedulingGates:\n  - name: kueue.x-k8s.io/admission\n  - name: sparkctl.dev/submission\n"},
		"also if it is JSON":  {`{"spec":{"priority":1000000}}`, "spec:\n  priority: 1000000\n  schedulingGates:\n  - name: sparkctl.dev/submission\n"},
		"whose node is empty": {"spec:\n  nodeName: \"\"\n", "spec:\n  nodeName: \"\"\n  schedulingGates:\n  - name: sparkctl.dev/submission\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Gated([]byte(test.template))
			if diff := cmp.Diff(test.want, string(got)); diff != "" || err != nil {
				t.Errorf("%v, -want +got:\n%s", err, diff)
			}
		})
	}
}

func TestATemplateThatCannotBeGatedIsRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ template, want, hint string }{
		"which is bound to a node":   {"spec: {nodeName: n1}", "the driver's pod template sets spec.nodeName, and a pod that is bound", "choose the node with nodeSelector kubernetes.io/hostname: n1"},
		"which is no YAML":           {"spec: [", "the driver's pod template is no pod: ", "check the file with: kubectl create --dry-run=client -f FILE"},
		"which is a list":            {"- a\n", "the driver's pod template is no pod: ", "check the file with: kubectl create --dry-run=client -f FILE"},
		"whose spec is text":         {"spec: a\n", "the driver's pod template is no pod: its spec is no mapping", "write under spec what a pod has there"},
		"which has our gate already": {"spec: {schedulingGates: [{name: sparkctl.dev/submission}]}", "the driver's pod template has the scheduling gate sparkctl.dev/submission", "take it out"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Gated([]byte(test.template))
			mustRefuse(t, err, test.want, test.hint)
		})
	}
}

// mustRefuse checks a mistake of the user's.
func mustRefuse(t *testing.T, err error, want, hint string) {
	t.Helper()
	var refused *problem.Error
	if !errors.As(err, &refused) {
		t.Fatalf("%v is no *problem.Error", err)
	}
	if !strings.HasPrefix(refused.Error(), want) || refused.ExitCode() != xcom.ExitUsage || refused.Hint() != hint {
		t.Errorf("%q (%d), hint %q, want %q, hint %q", refused, refused.ExitCode(), refused.Hint(), want, hint)
	}
}

func TestTheTemplatesPath(t *testing.T) {
	t.Parallel()
	for conf, want := range map[string]string{
		"":                                "",
		"/templates/driver.yaml":          "/templates/driver.yaml",
		"driver.yaml":                     "driver.yaml",
		"dir/with:colon.yaml":             "dir/with:colon.yaml",
		"file:/templates/driver.yaml":     "/templates/driver.yaml",
		"file:///templates/driver.yaml":   "/templates/driver.yaml",
		"local:///templates/driver.yaml":  "/templates/driver.yaml",
		"file://host/templates/driver.ya": "/templates/driver.ya",
	} {
		if got, err := (Application{Conf: map[string]string{ConfTemplate: conf}}).TemplatePath(); got != want || err != nil {
			t.Errorf("%q is %q, %v, want %q", conf, got, err, want)
		}
	}
	_, err := Application{Conf: map[string]string{ConfTemplate: "s3a://bucket/driver.yaml"}}.TemplatePath()
	mustRefuse(t, err, `spark.kubernetes.driver.podTemplateFile is "s3a://bucket/driver.yaml", which is no local file`,
		"mount it into the launcher's pod, from a ConfigMap for example, and name its path there")
}
