// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package driver

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func container(name string) corev1.Container { return corev1.Container{Name: name} }

// withPort is the driver's container as Spark makes it: with the driver's port.
func withPort(name string) corev1.Container {
	return corev1.Container{Name: name, Ports: []corev1.ContainerPort{{Name: "metrics"}, {Name: "driver-rpc-port", ContainerPort: 7078}}}
}

// withID is the same without ports: with the application's ID in its environment.
func withID(name string) corev1.Container {
	return corev1.Container{Name: name, Env: []corev1.EnvVar{{Name: "X"}, {Name: "SPARK_APPLICATION_ID", Value: "spark-1"}}}
}

func TestContainer(t *testing.T) {
	t.Parallel()
	sidecar := container("istio-proxy")
	for name, test := range map[string]struct {
		containers []corev1.Container
		configured string
		want       string
	}{
		"Spark's own name":                               {[]corev1.Container{container("spark-kubernetes-driver")}, "", "spark-kubernetes-driver"},
		"Spark's own name, behind sidecars":              {[]corev1.Container{sidecar, container("spark-kubernetes-driver")}, "", "spark-kubernetes-driver"},
		"the configured name":                            {[]corev1.Container{sidecar, container("main")}, "main", "main"},
		"the configured name before Spark's":             {[]corev1.Container{container("spark-kubernetes-driver"), container("main")}, "main", "main"},
		"Spark's own name, where the configured is none": {[]corev1.Container{sidecar, container("spark-kubernetes-driver")}, "main", "spark-kubernetes-driver"},
		"one that a template renamed, by its port":       {[]corev1.Container{sidecar, withPort("main")}, "", "main"},
		"one that a template renamed, by its ID":         {[]corev1.Container{sidecar, withID("main")}, "", "main"},
		"the only one":                                   {[]corev1.Container{container("main")}, "", "main"},
		"the only one, whatever was configured":          {[]corev1.Container{container("main")}, "other", "main"},
		"none of several that look alike":                {[]corev1.Container{container("a"), container("b")}, "", ""},
		"none where there is none":                       {nil, "main", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pod := &corev1.Pod{Spec: corev1.PodSpec{
				InitContainers: []corev1.Container{container("main"), withPort("init")}, Containers: test.containers,
			}}
			if got := Container(pod, test.configured); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestStatusAndCondition(t *testing.T) {
	t.Parallel()
	pod := &corev1.Pod{Status: corev1.PodStatus{
		ContainerStatuses: []corev1.ContainerStatus{{Name: "sidecar"}, {Name: "main", RestartCount: 3}},
		Conditions:        []corev1.PodCondition{{Type: corev1.PodScheduled}, {Type: corev1.DisruptionTarget, Reason: "EvictionByEvictionAPI"}},
	}}
	if diff := cmp.Diff(&pod.Status.ContainerStatuses[1], Status(pod, "main")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(&pod.Status.Conditions[1], Condition(pod, corev1.DisruptionTarget)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got := Status(pod, ""); got != nil {
		t.Errorf("a container without a name has the status %v", got)
	}
	if got := Condition(pod, corev1.PodReady); got != nil {
		t.Errorf("a condition that is not there is %v", got)
	}
}

func TestADriverIsOverWhenItsContainerOrItsPodHasEnded(t *testing.T) {
	t.Parallel()
	ended := corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 1}}
	now := metav1.Now()
	for name, test := range map[string]struct {
		pod  corev1.Pod
		want bool
	}{
		"its container has ended, a sidecar has not": {corev1.Pod{Status: corev1.PodStatus{
			Phase: corev1.PodRunning, ContainerStatuses: []corev1.ContainerStatus{{Name: "sidecar"}, {Name: "main", State: ended}},
		}}, true},
		"a sidecar has ended, its container has not": {corev1.Pod{Status: corev1.PodStatus{
			Phase: corev1.PodRunning, ContainerStatuses: []corev1.ContainerStatus{{Name: "sidecar", State: ended}, {Name: "main"}},
		}}, false},
		"the kubelet refused the pod": {corev1.Pod{Status: corev1.PodStatus{Phase: corev1.PodFailed}}, true},
		"the pod succeeded":           {corev1.Pod{Status: corev1.PodStatus{Phase: corev1.PodSucceeded}}, true},
		"the pod was deleted":         {corev1.Pod{ObjectMeta: metav1.ObjectMeta{DeletionTimestamp: &now}, Status: corev1.PodStatus{Phase: corev1.PodRunning}}, false},
		"the pod waits":               {corev1.Pod{Status: corev1.PodStatus{Phase: corev1.PodPending}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := Over(&test.pod, "main"); got != test.want {
				t.Errorf("%t, want %t", got, test.want)
			}
		})
	}
}

func TestLife(t *testing.T) {
	t.Parallel()
	start, end := metav1.Unix(1700000000, 0), metav1.Unix(1700000060, 0)
	for name, test := range map[string]struct {
		state          corev1.ContainerState
		started, ended time.Time
	}{
		"one that waits":                    {corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{}}, time.Time{}, time.Time{}},
		"one that runs":                     {corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: start}}, start.Time, time.Time{}},
		"one that has ended":                {corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{StartedAt: start, FinishedAt: end}}, start.Time, end.Time},
		"one that could not be started":     {corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{StartedAt: metav1.Unix(0, 0), FinishedAt: end}}, time.Time{}, end.Time},
		"one whose end nobody has seen yet": {corev1.ContainerState{}, time.Time{}, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pod := &corev1.Pod{Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{Name: DefaultContainer, State: test.state}}}}
			started, ended := Life(pod, DefaultContainer)
			if !started.Equal(test.started) || !ended.Equal(test.ended) {
				t.Errorf("from %s to %s, want %s to %s", started, ended, test.started, test.ended)
			}
		})
	}
}

func TestTheNamesThatStandInOtherPeoplesCommandsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	want := []string{
		"sparkctl.dev/run", "sparkctl.dev/attempt", "app.kubernetes.io/managed-by", "sparkctl",
		"sparkctl.dev/run-key", "sparkctl.dev/generation", "sparkctl.dev/application", "sparkctl.dev/launcher", "sparkctl.dev/submitted", "sparkctl.dev/template",
	}
	got := append([]string{LabelRun, LabelAttempt, LabelManagedBy, ManagedBy}, OwnAnnotations()...)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
