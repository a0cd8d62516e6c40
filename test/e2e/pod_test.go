// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
)

// patience is how long a pod may take to its end on a small, busy machine.
const patience = 4 * time.Minute

// restricted is what Pod Security "restricted" asks of a container.
func restricted(container corev1.Container, cpu, memory string) corev1.Container {
	no := false
	container.SecurityContext = &corev1.SecurityContext{
		AllowPrivilegeEscalation: &no,
		Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
	}
	container.Resources.Requests = corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse(cpu), corev1.ResourceMemory: resource.MustParse(memory),
	}
	return container
}

// newPod is a pod that fits "restricted" and is never restarted.
func (c *cluster) newPod(name, account string, user *int64, containers ...corev1.Container) *corev1.Pod {
	yes, grace := true, int64(90)
	return &corev1.Pod{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: c.namespace},
		Spec: corev1.PodSpec{
			ServiceAccountName:            account,
			RestartPolicy:                 corev1.RestartPolicyNever,
			TerminationGracePeriodSeconds: &grace,
			SecurityContext: &corev1.PodSecurityContext{
				RunAsNonRoot: &yes, RunAsUser: user, FSGroup: user,
				SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
			},
			Containers: containers,
		},
	}
}

// createPod creates a pod and shows its containers' logs if the test fails.
func (c *cluster) createPod(t *testing.T, pod *corev1.Pod) {
	t.Helper()
	if err := c.core.Post().Namespace(c.namespace).Resource("pods").Body(pod).Do(t.Context()).Error(); err != nil {
		t.Fatalf("create pod %s: %v", pod.Name, err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			c.describe(t, pod.Name)
		}
	})
}

// describe logs what a pod is and what its containers said last.
func (c *cluster) describe(t *testing.T, name string) {
	t.Helper()
	pod, err := c.pod(context.Background(), name)
	if err != nil {
		t.Logf("pod %s: %v", name, err)
		return
	}
	t.Logf("pod %s: phase %s, %s%s", name, pod.Status.Phase, pod.Status.Reason, pod.Status.Message)
	for _, status := range pod.Status.ContainerStatuses {
		t.Logf("container %s of %s: %s\n%s", status.Name, name, oneState(status.State), c.log(context.Background(), name, status.Name, 60))
	}
}

func oneState(state corev1.ContainerState) string {
	switch {
	case state.Terminated != nil:
		return fmt.Sprintf("terminated with %d (%s) %s", state.Terminated.ExitCode, state.Terminated.Reason, state.Terminated.Message)
	case state.Waiting != nil:
		return fmt.Sprintf("waits: %s %s", state.Waiting.Reason, state.Waiting.Message)
	default:
		return "runs"
	}
}

func (c *cluster) pod(ctx context.Context, name string) (*corev1.Pod, error) {
	pod := &corev1.Pod{}
	err := c.core.Get().Namespace(c.namespace).Resource("pods").Name(name).Do(ctx).Into(pod)
	return pod, err
}

// finalizer keeps a pod until the test has read how it ended.
const finalizer = "sparkctl.dev/e2e"

// hold keeps a pod that the test will delete until the end of the test.
func (c *cluster) hold(t *testing.T, pod *corev1.Pod) {
	t.Helper()
	pod.Finalizers = append(pod.Finalizers, finalizer)
	t.Cleanup(func() {
		release := []byte(`{"metadata":{"finalizers":null}}`)
		err := c.core.Patch(types.MergePatchType).Namespace(c.namespace).Resource("pods").Name(pod.Name).
			Body(release).Do(context.Background()).Error()
		if ignoreNotFound(err) != nil {
			t.Errorf("release pod %s: %v", pod.Name, err)
		}
	})
}

// followLog reads a container's log until the container has ended.
func (c *cluster) followLog(ctx context.Context, pod, container string) ([]byte, error) {
	return c.core.Get().Namespace(c.namespace).Resource("pods").Name(pod).SubResource("log").
		Param("container", container).Param("follow", "true").DoRaw(ctx)
}

// log returns a container's log, its last lines only when tail is not 0.
func (c *cluster) log(ctx context.Context, pod, container string, tail int64) string {
	request := c.core.Get().Namespace(c.namespace).Resource("pods").Name(pod).SubResource("log").Param("container", container)
	if tail > 0 {
		request = request.Param("tailLines", fmt.Sprint(tail))
	}
	text, err := request.DoRaw(ctx)
	if err != nil {
		return fmt.Sprintf("(no log: %v)", err)
	}
	return string(text)
}

// awaitEnd waits for the end of a container and returns how it ended.
func (c *cluster) awaitEnd(t *testing.T, pod, container string) *corev1.ContainerStateTerminated {
	t.Helper()
	var end *corev1.ContainerStateTerminated
	c.await(t, patience, fmt.Sprintf("container %s of pod %s to end", container, pod), func(ctx context.Context) (bool, error) {
		seen, err := c.pod(ctx, pod)
		if err != nil {
			return false, err
		}
		for _, status := range seen.Status.ContainerStatuses {
			if status.Name == container {
				end = status.State.Terminated
			}
		}
		return end != nil, nil
	})
	return end
}

// awaitRunning waits until a pod runs.
func (c *cluster) awaitRunning(t *testing.T, name string) {
	t.Helper()
	c.await(t, patience, "pod "+name+" to run", func(ctx context.Context) (bool, error) {
		pod, err := c.pod(ctx, name)
		return err == nil && pod.Status.Phase == corev1.PodRunning, ignoreNotFound(err)
	})
}

// deletePod asks for a pod's end, with its own grace when grace is negative.
func (c *cluster) deletePod(t *testing.T, name string, grace int64) {
	t.Helper()
	options := &metav1.DeleteOptions{}
	if grace >= 0 {
		options.GracePeriodSeconds = &grace
	}
	options.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "DeleteOptions"}
	err := c.core.Delete().Namespace(c.namespace).Resource("pods").Name(name).Body(runtime.Object(options)).Do(t.Context()).Error()
	if ignoreNotFound(err) != nil {
		t.Fatalf("delete pod %s: %v", name, err)
	}
}

// drivers lists the names of the driver pods that were made for a run key.
func (c *cluster) drivers(ctx context.Context, key string) ([]string, error) {
	pods := &corev1.PodList{}
	err := c.core.Get().Namespace(c.namespace).Resource("pods").Param("labelSelector", "spark-role=driver").Do(ctx).Into(pods)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, pod := range pods.Items {
		if pod.Annotations["sparkctl.dev/run-key"] == key {
			names = append(names, pod.Name)
		}
	}
	return names, nil
}
