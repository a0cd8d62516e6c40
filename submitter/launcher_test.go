// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestALauncherIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	want := Launcher{Namespace: "jobs", Pod: "launcher-1", UID: "u", Start: time.Date(2026, 11, 21, 10, 0, 0, 5000, time.UTC)}
	if got, known := parseLauncher(want.String()); !known || got != want {
		t.Errorf("%+v, %v", got, known)
	}
	for name, annotation := range map[string]string{
		"nothing":                   "",
		"a host":                    Launcher{Pod: "laptop", Start: want.Start}.String(),
		"one without a start":       "jobs/launcher-1/u/",
		"one with more than it has": "jobs/launcher-1/u/2026-11-21T10:00:00Z/x",
	} {
		if got, known := parseLauncher(annotation); known {
			t.Errorf("%s is read as %+v", name, got)
		}
	}
}

func TestWhetherALauncherCanBeAlive(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 21, 10, 0, 0, 500, time.UTC)
	running := func(at time.Duration) corev1.ContainerStatus {
		return corev1.ContainerStatus{State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(start.Add(at).Truncate(time.Second))}}}
	}
	ended := corev1.ContainerStatus{State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{}}}
	pod := func(uid string, phase corev1.PodPhase, statuses ...corev1.ContainerStatus) *corev1.Pod {
		p := &corev1.Pod{Status: corev1.PodStatus{Phase: phase, ContainerStatuses: statuses}}
		p.UID = "u"
		if uid != "" {
			p.UID = "other"
		}
		return p
	}
	for name, test := range map[string]struct {
		pod  *corev1.Pod
		want bool
	}{
		"there is no pod of the name":                          {nil, false},
		"another pod has the name":                             {pod("other", corev1.PodRunning, running(0)), false},
		"its pod has ended":                                    {pod("", corev1.PodFailed), false},
		"its pod has succeeded":                                {pod("", corev1.PodSucceeded, ended), false},
		"its container runs":                                   {pod("", corev1.PodRunning, running(-time.Second)), true},
		"its container has ended, and a sidecar started later": {pod("", corev1.PodRunning, ended, running(5*time.Second)), false},
		"its container was started again":                      {pod("", corev1.PodRunning, running(10*time.Second)), false},
		"a container runs that had started before, whichever":  {pod("", corev1.PodRunning, ended, running(-time.Second)), true},
		"the kubelet says nothing":                             {pod("", corev1.PodRunning), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := Launcher{Namespace: "jobs", Pod: "launcher-1", UID: "u", Start: start}
			if got := l.lives(test.pod); got != test.want {
				t.Errorf("%v, want %v", got, test.want)
			}
		})
	}
}
