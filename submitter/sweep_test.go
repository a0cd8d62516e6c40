// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sparkctl/sparkctl/internal/driver"
)

func TestSweep(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	policy := SweepPolicy{KeepSucceeded: 7 * 24 * time.Hour, KeepFailed: 24 * time.Hour, Abandoned: time.Hour}
	made := func(ago time.Duration) *corev1.Pod {
		return &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{
				CreationTimestamp: metav1.NewTime(now.Add(-ago)),
				Labels:            map[string]string{driver.LabelManagedBy: "sparkctl", driver.LabelRun: "0123456789abcdef", driver.LabelAttempt: "1"},
			},
			Spec:   corev1.PodSpec{Containers: []corev1.Container{{Name: driver.DefaultContainer}}},
			Status: corev1.PodStatus{Phase: corev1.PodRunning},
		}
	}
	withGate := func(pod *corev1.Pod) *corev1.Pod {
		pod.Spec.SchedulingGates = []corev1.PodSchedulingGate{{Name: driver.GateSubmission}}
		return pod
	}
	ended := func(ago time.Duration, code int32) *corev1.Pod {
		pod := made(30 * 24 * time.Hour)
		pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: driver.DefaultContainer, State: corev1.ContainerState{
			Terminated: &corev1.ContainerStateTerminated{ExitCode: code, FinishedAt: metav1.NewTime(now.Add(-ago))},
		}}}
		return pod
	}
	without := func(label string, pod *corev1.Pod) *corev1.Pod {
		delete(pod.Labels, label)
		return pod
	}
	deleted := func(pod *corev1.Pod) *corev1.Pod {
		pod.DeletionTimestamp = &metav1.Time{Time: now}
		return pod
	}
	rejected := made(25 * time.Hour)
	rejected.Status.Phase = corev1.PodFailed
	justRejected := made(25 * time.Hour)
	justRejected.Status = corev1.PodStatus{Phase: corev1.PodFailed, Conditions: []corev1.PodCondition{{LastTransitionTime: metav1.NewTime(now.Add(-time.Minute))}}}
	for name, test := range map[string]struct {
		pod  *corev1.Pod
		want string
	}{
		"a driver that its launcher left":      {withGate(made(time.Hour)), "announced 60m ago and not completed: its launcher is gone"},
		"not one that may still be completed":  {withGate(made(59 * time.Minute)), ""},
		"not one that runs, however long":      {made(365 * 24 * time.Hour), ""},
		"a success whose time is over":         {ended(7*24*time.Hour, 0), "succeeded 7d ago"},
		"not a success before":                 {ended(7*24*time.Hour-time.Second, 0), ""},
		"a failure whose time is over":         {ended(24*time.Hour, 3), "failed 24h ago"},
		"not a failure before":                 {ended(23*time.Hour, 3), ""},
		"a driver that the kubelet refused":    {rejected, "failed 25h ago"},
		"not one that it refused a moment ago": {justRejected, ""},
		"not one that is being deleted":        {deleted(ended(30*24*time.Hour, 0)), ""},
		"nothing that somebody else manages":   {without(driver.LabelManagedBy, ended(30*24*time.Hour, 0)), ""},
		"nothing that is of no run":            {without(driver.LabelRun, ended(30*24*time.Hour, 0)), ""},
		"nothing that is no attempt":           {without(driver.LabelAttempt, withGate(made(time.Hour))), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got string
			for _, swept := range Sweep([]corev1.Pod{*test.pod}, policy, now) {
				got = swept.Why
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
