// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"context"
	"os"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/sparkctl/sparkctl/test/ends"
	"github.com/sparkctl/sparkctl/xcom"
)

// What goes wrong before a driver exists, with the real spark-submit and the
// real API server's answers. The sensor repeats it.
func TestSubmitterSaysWhyThereIsNoDriver(t *testing.T) {
	t.Parallel()
	c := connect(t)
	// Room for launchers, not for a driver.
	c.createQuota(t, "team-b", corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{corev1.ResourceRequestsMemory: resource.MustParse("880Mi")}})
	c.createLimits(t)
	c.createPolicy(t)
	for _, refusal := range []struct {
		end    string // row of the table
		launch launch
		full   bool
	}{
		{end: "refused-rights", launch: launch{account: "spark-sensor"}},
		{end: "refused-by-quota", full: true},
		{end: "refused-service-account", launch: launch{confs: []string{"spark.kubernetes.authenticate.driver.serviceAccountName=no-such-account"}}, full: true},
		{end: "refused-by-limits", launch: launch{confs: []string{"spark.kubernetes.driver.limit.cores=2"}}, full: true},
		{end: "refused-by-policy", launch: launch{confs: []string{"spark.kubernetes.driver.label.team=none"}}, full: true},
		{end: "refused-package", launch: launch{confs: []string{"spark.jars.packages=com.example:orders:1.0"}}, full: true},
		{end: "refused-pod-security", launch: launch{bare: true}, full: true},
	} {
		if refusal.full && !full() {
			continue
		}
		t.Run(refusal.end, func(t *testing.T) {
			t.Parallel()
			l := refusal.launch
			l.spark, l.key = newestSpark, refusal.end
			c.checkRefusal(t, refusal.end, c.launch(t, refusal.end, l).end(t))
		})
	}
}

// checkRefusal compares what submitter and sensor say with the table, and writes the recording down if that was asked for.
func (c *cluster) checkRefusal(t *testing.T, name string, said ended) {
	t.Helper()
	if os.Getenv(recordVariable) != "" {
		writeRecording(t, name, c, ends.Recording{Result: []byte(said.line)})
	}
	want, ok := ends.Named(name)
	if !ok {
		t.Fatalf("the table of ends has no row %q", name)
	}
	repeated := c.hostSensor(t, said.line+"\n", "--from-result=-")
	for who, end := range map[string]ended{"submitter": said, "sensor": repeated} {
		for _, difference := range want.Compare(end.result, xcom.ExitCode(end.code)) {
			t.Errorf("%s: %s", who, difference)
		}
	}
	if drivers, err := c.drivers(t.Context(), name); err != nil || len(drivers) != 0 {
		t.Errorf("drivers are there: %v, %v", drivers, err)
	}
}

// createLimits makes a limit range that a driver can pass.
func (c *cluster) createLimits(t *testing.T) {
	t.Helper()
	limits := &corev1.LimitRange{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "LimitRange"},
		ObjectMeta: metav1.ObjectMeta{Name: "team-b"},
		Spec: corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{{
			Type: corev1.LimitTypeContainer, Max: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1")},
		}}},
	}
	if err := c.core.Post().Namespace(c.namespace).Resource("limitranges").Body(limits).Do(t.Context()).Error(); err != nil {
		t.Fatal(err)
	}
}

// createPolicy makes a policy that refuses pods whose label team is "none". It takes a second or two to be in force.
func (c *cluster) createPolicy(t *testing.T) {
	t.Helper()
	const group = "admissionregistration.k8s.io"
	selector := map[string]any{"matchLabels": map[string]any{"kubernetes.io/metadata.name": c.namespace}}
	for _, object := range []struct {
		kind, resource string
		spec           map[string]any
	}{
		{"ValidatingAdmissionPolicy", "validatingadmissionpolicies", map[string]any{
			"matchConstraints": map[string]any{"resourceRules": []any{map[string]any{
				"apiGroups": []any{""}, "apiVersions": []any{"v1"}, "operations": []any{"CREATE"}, "resources": []any{"pods"},
			}}},
			"validations": []any{map[string]any{
				"expression": `!has(object.metadata.labels) || !("team" in object.metadata.labels) || object.metadata.labels["team"] != "none"`,
				"message":    "pods need the label team of the team that pays for them",
			}},
		}},
		{"ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", map[string]any{
			"policyName": c.namespace, "validationActions": []any{"Deny"},
			"matchResources": map[string]any{"namespaceSelector": selector},
		}},
	} {
		policies := c.objects.Resource(schema.GroupVersionResource{Group: group, Version: "v1", Resource: object.resource})
		made := &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": group + "/v1", "kind": object.kind, "metadata": map[string]any{"name": c.namespace}, "spec": object.spec,
		}}
		if _, err := policies.Create(t.Context(), made, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := policies.Delete(context.Background(), c.namespace, metav1.DeleteOptions{}); err != nil {
				t.Errorf("remove the policy: %v", err)
			}
		})
	}
}

func TestClientModeIsRefused(t *testing.T) {
	t.Parallel()
	if !full() {
		t.Skip("the submitter's own tests have it: SPARKCTL_E2E_FULL=1 runs it with the real spark-submit")
	}
	c := connect(t)
	end := c.launch(t, "client", launch{spark: newestSpark, key: "client", confs: []string{"spark.submit.deployMode=client"}}).end(t)
	if got := end.summary(); got != "NotSubmitted, exit code 2, of the driver 2" || end.result.Cause == nil || !strings.Contains(end.result.Cause.Message, "client") {
		t.Errorf("the submitter says: %s: %s", got, end.line)
	}
}

func TestTakenNameIsAConflict(t *testing.T) {
	t.Parallel()
	c := connect(t)
	fixed := []string{"spark.kubernetes.driver.pod.name=taken"}
	first := c.launch(t, "first", launch{spark: newestSpark, key: "first", command: []string{"sleep", "600"}, confs: fixed}).end(t)
	second := c.launch(t, "second", launch{spark: newestSpark, key: "second", command: []string{"exit", "0"}, confs: fixed}).end(t)
	if second.code != 87 || second.result.PodUID != "" {
		t.Errorf("exit code %d, want 87, and no pod: %s", second.code, second.line)
	}
	driver, err := c.pod(t.Context(), "taken")
	if err != nil || string(driver.UID) != first.result.PodUID || driver.DeletionTimestamp != nil {
		t.Errorf("the driver that was there first did not stay as it was: %v", err)
	}
}
