// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
)

func TestKilledFor(t *testing.T) {
	event := func(reason, message string) corev1.Event { return corev1.Event{Reason: reason, Message: message} }
	hook := event("FailedPostStartHook", "PostStartHook failed")
	probe := []corev1.Event{
		event("Unhealthy", "Liveness probe failed: connection refused"),
		event("Killing", "Container spark-kubernetes-driver failed liveness probe, will be restarted"),
	}
	tests := []struct {
		name   string
		end    corev1.ContainerState
		events []corev1.Event
		want   string
	}{
		{"no event says why", exited(137, "Error", "10:05:00"), []corev1.Event{event("Killing", "Stopping container spark-kubernetes-driver")}, "SIGKILL"},
		{"a postStart hook", exited(137, "Error", "10:05:00"), []corev1.Event{hook}, "FailedPostStartHook: the driver's container was killed because its postStart hook failed: PostStartHook failed"},
		{"a liveness probe", exited(143, "Error", "10:05:00"), probe, "ProbeFailed: the driver's container was killed because a probe of it failed: Liveness probe failed: connection refused"},
		{"memory is a better reason", exited(137, "OOMKilled", "10:05:00"), probe, "OOMKilled"},
		{"a driver that ended by itself was not killed", exited(3, "Error", "10:05:00"), probe, "Error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := Judge(Observation{Pod: driverPod(phase(corev1.PodFailed), driverStatus(tt.end)), Now: at("11:00:00").Time}, Criteria{}).KilledFor(tt.events)
			got := v.Cause.Reason
			if !v.Unexplained && got != "OOMKilled" {
				got += ": " + v.Cause.Message
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("KilledFor() mismatch (-want +got):\n%s", diff)
			}
			if v.DriverCode == nil || *v.DriverCode != int(tt.end.Terminated.ExitCode) {
				t.Errorf("the driver's code is lost: %v", v.DriverCode)
			}
		})
	}
}
