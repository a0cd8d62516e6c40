// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/sparkctl/sparkctl/xcom"
)

func quantity(text string) *resource.Quantity {
	q := resource.MustParse(text)
	return &q
}

// asks makes the driver ask for more than there is.
func asks(name corev1.ResourceName, quantity string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) { pod.Spec.Containers[0].Resources.Requests[name] = resource.MustParse(quantity) }
}

// nowhere is a node selector that no node has.
func nowhere(pod *corev1.Pod) { pod.Spec.NodeSelector = map[string]string{"disk": "no-such-disk"} }

// placements are drivers that no node is found for.
func (c *cluster) placements(t *testing.T) []production {
	t.Helper()
	tainted := c.fakeNode(t, "tainted")
	scheduled := []string{"--pending-timeout=8s", "--stuck-timeout=3s", "--queue-timeout=3s"}
	return []production{
		{end: "unschedulable-cpu", pod: asks("cpu", "100"), flags: scheduled},
		{end: "unschedulable-memory", pod: asks("memory", "900Gi"), flags: scheduled, full: true},
		{end: "unschedulable-selector", pod: nowhere, flags: scheduled},
		{end: "unschedulable-taint", pod: func(pod *corev1.Pod) {
			pod.Spec.NodeSelector = map[string]string{corev1.LabelHostname: tainted}
		}, flags: scheduled},
		{end: "unknown-scheduler", pod: func(pod *corev1.Pod) { pod.Spec.SchedulerName = "no-such-scheduler" }, flags: scheduled},
		{end: "foreign-gate", pod: func(pod *corev1.Pod) {
			pod.Labels["kueue.x-k8s.io/queue-name"] = "team-a"
			pod.Spec.SchedulingGates = []corev1.PodSchedulingGate{{Name: "kueue.x-k8s.io/admission"}}
		}, flags: scheduled},
		{end: "own-gate", pod: func(pod *corev1.Pod) {
			pod.Spec.SchedulingGates = []corev1.PodSchedulingGate{{Name: "sparkctl.dev/submission"}}
		}, flags: scheduled},
		c.podOfARemovedNode(t),
		c.podOfALostNode(t),
	}
}

// rejections are pods that a node's kubelet refuses: the scheduler was not asked.
func rejections(node string) []production {
	on := func(change func(*corev1.Pod)) func(*corev1.Pod) {
		return each(func(pod *corev1.Pod) { pod.Spec.NodeName = node }, change)
	}
	failed := phase(corev1.PodFailed)
	return []production{
		{end: "out-of-cpu", pod: on(asks("cpu", "100")), ready: failed},
		{end: "out-of-memory", pod: on(asks("memory", "900Gi")), ready: failed, full: true},
		{end: "node-affinity", pod: on(nowhere), ready: failed},
	}
}

// aNode is the name of a node that runs pods.
func (c *cluster) aNode(t *testing.T) string {
	t.Helper()
	nodes := &corev1.NodeList{}
	if err := c.core.Get().Resource("nodes").Do(t.Context()).Into(nodes); err != nil {
		t.Fatal(err)
	}
	for _, node := range nodes.Items {
		if len(node.Spec.Taints) > 0 {
			continue
		}
		for _, condition := range node.Status.Conditions {
			if condition.Type == corev1.NodeReady && condition.Status == corev1.ConditionTrue {
				return node.Name
			}
		}
	}
	t.Fatal("no node is ready")
	return ""
}

// fakeNode makes a node without a kubelet, tainted so that no pod comes there unasked.
func (c *cluster) fakeNode(t *testing.T, what string) string {
	t.Helper()
	name := strings.TrimPrefix(c.namespace, "sparkctl-") + "-" + what
	node := &corev1.Node{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Node"},
		ObjectMeta: metav1.ObjectMeta{
			// A zone of its own: in a small zone where most nodes are lost, Kubernetes deletes no pods.
			Name: name, Labels: map[string]string{corev1.LabelHostname: name, corev1.LabelTopologyZone: name},
		},
		Spec: corev1.NodeSpec{Taints: []corev1.Taint{{Key: "example.com/reserved", Value: "team-b", Effect: corev1.TaintEffectNoSchedule}}},
	}
	if err := c.core.Post().Resource("nodes").Body(node).Do(t.Context()).Error(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := c.core.Delete().Resource("nodes").Name(name).Do(context.Background()).Error()
		if ignoreNotFound(err) != nil {
			t.Errorf("remove node %s: %v", name, err)
		}
	})
	return name
}

// podOfARemovedNode is a pod that ran, as far as its status tells, on a node that was then removed from the cluster.
func (c *cluster) podOfARemovedNode(t *testing.T) production {
	t.Helper()
	node := c.fakeNode(t, "removed")
	return production{
		end:  "removed-node",
		full: true, // pods of no node are collected after a minute
		pod:  func(pod *corev1.Pod) { pod.Spec.NodeName = node },
		act: func(ctx context.Context, f *followed) error {
			if err := f.pretendToRun(ctx); err != nil {
				return err
			}
			return f.core.Delete().Resource("nodes").Name(node).Do(ctx).Error()
		},
	}
}

// podOfALostNode is a pod that ran, as far as its status tells, on a node that says that it is ready and then nothing
// more. The faults have one whose kubelet is stopped.
func (c *cluster) podOfALostNode(t *testing.T) production {
	t.Helper()
	node := c.fakeNode(t, "lost")
	return production{
		end:  "node-lost",
		full: true, // a node is lost after 20 s, its pods are deleted after 10 s, and their end is waited for
		pod:  func(pod *corev1.Pod) { pod.Spec.NodeName = node },
		act: func(ctx context.Context, f *followed) error {
			if err := f.pretendToRun(ctx); err != nil {
				return err
			}
			now := time.Now().UTC().Format(time.RFC3339)
			ready := fmt.Sprintf(`{"status":{"conditions":[{"type":"Ready","status":"True","reason":"KubeletReady","message":"ready",
				"lastHeartbeatTime":%q,"lastTransitionTime":%q}]}}`, now, now)
			return f.core.Patch(types.MergePatchType).Resource("nodes").Name(node).SubResource("status").Body([]byte(ready)).Do(ctx).Error()
		},
	}
}

// pretendToRun makes the status of a pod on a node without a kubelet that of one that runs.
func (f *followed) pretendToRun(ctx context.Context) error {
	running := `{"status":{"phase":"Running","containerStatuses":[{"name":"spark-kubernetes-driver","image":"spark","imageID":"",
		"ready":true,"restartCount":0,"state":{"running":{"startedAt":"2026-01-01T00:00:00Z"}}}]}}`
	err := f.core.Patch(types.MergePatchType).Namespace(f.namespace).Resource("pods").Name(f.name).SubResource("status").
		Body([]byte(running)).Do(ctx).Error()
	if err != nil {
		return fmt.Errorf("let the pod run: %w", err)
	}
	return f.awaitTold(ctx, xcom.Running)
}

// priorities is a driver that has to make room for a more important pod: both want the one piece there is of something.
func (c *cluster) priorities(t *testing.T) []production {
	t.Helper()
	node, slot := c.aNode(t), corev1.ResourceName("example.com/slot-"+c.namespace[strings.LastIndexByte(c.namespace, 0x2d)+1:])
	at := strings.ReplaceAll(string(slot), "/", "~1")
	patchNode := func(ctx context.Context, patch string) error {
		return c.core.Patch(types.JSONPatchType).Resource("nodes").Name(node).SubResource("status").Body([]byte(patch)).Do(ctx).Error()
	}
	if err := patchNode(t.Context(), fmt.Sprintf(`[{"op":"add","path":"/status/capacity/%s","value":"1"},{"op":"add","path":"/status/allocatable/%s","value":"1"}]`, at, at)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := patchNode(context.Background(), fmt.Sprintf(`[{"op":"remove","path":"/status/capacity/%s"}]`, at)); err != nil {
			t.Errorf("take the resource away: %v", err)
		}
	})
	class := c.namespace
	classes := c.objects.Resource(schema.GroupVersionResource{Group: "scheduling.k8s.io", Version: "v1", Resource: "priorityclasses"})
	text, err := json.Marshal(map[string]any{
		"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": map[string]any{"name": class}, "value": 1000,
	})
	if err != nil {
		t.Fatal(err)
	}
	object := &unstructured.Unstructured{}
	if err := object.UnmarshalJSON(text); err != nil {
		t.Fatal(err)
	}
	if _, err := classes.Create(t.Context(), object, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := classes.Delete(context.Background(), class, metav1.DeleteOptions{}); err != nil {
			t.Errorf("remove the priority class: %v", err)
		}
	})
	return []production{{end: "preempted", pod: each(sleeps, limit(slot, "1")), act: func(ctx context.Context, f *followed) error {
		if err := f.awaitTold(ctx, xcom.Running); err != nil {
			return err
		}
		important := f.plainDriver("important", "exit 0")
		limit(slot, "1")(important)
		important.Spec.PriorityClassName = class
		return f.core.Post().Namespace(f.namespace).Resource("pods").Body(important).Do(ctx).Error()
	}}}
}
