// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sparkctl/sparkctl/internal/driver"
)

func TestWhereADriverStands(t *testing.T) {
	t.Parallel()
	const ours, foreign = driver.GateSubmission, "kueue.x-k8s.io/admission"
	exit := func(code int32) *corev1.ContainerStateTerminated {
		return &corev1.ContainerStateTerminated{ExitCode: code}
	}
	for name, test := range map[string]struct {
		gates   []string
		deleted bool
		phase   corev1.PodPhase
		end     *corev1.ContainerStateTerminated
		want    standing
	}{
		"with our gate it cannot run":                                    {gates: []string{ours}, want: gated},
		"with our gate beside another's":                                 {gates: []string{foreign, ours}, want: gated},
		"deleted with our gate it never will":                            {gates: []string{ours}, deleted: true, want: leaving},
		"so also when the pod collector has marked what a finalizer has": {gates: []string{ours}, deleted: true, phase: corev1.PodFailed, want: leaving},
		"another's gate changes nothing":                                 {gates: []string{foreign}, want: active},
		"deleted, it has not ended":                                      {deleted: true, phase: corev1.PodRunning, want: terminating},
		"its container ended with 0":                                     {phase: corev1.PodRunning, end: exit(0), want: succeeded},
		"its container ended with 0, and then it was deleted":            {deleted: true, end: exit(0), want: succeeded},
		"its container ended with 3":                                     {end: exit(3), want: failed},
		"a kubelet refused it":                                           {phase: corev1.PodFailed, want: failed},
		"a phase alone is no success":                                    {phase: corev1.PodSucceeded, want: failed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pod := &corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: driver.DefaultContainer}}}, Status: corev1.PodStatus{Phase: test.phase}}
			for _, gate := range test.gates {
				pod.Spec.SchedulingGates = append(pod.Spec.SchedulingGates, corev1.PodSchedulingGate{Name: gate})
			}
			if test.deleted {
				pod.DeletionTimestamp = new(metav1.Now())
			}
			if test.end != nil {
				pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: driver.DefaultContainer, State: corev1.ContainerState{Terminated: test.end}}}
			}
			if got := standingOf(pod, ""); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}
