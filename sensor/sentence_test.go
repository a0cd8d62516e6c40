// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

func TestSentence(t *testing.T) {
	tests := []struct{ name, message, want string }{
		{"no message: the reason", " \n", "Reason"},
		{"lines become one", "a\n  b", "a b"},
		{"the pod it is about goes", `container has runAsNonRoot and image will run as root (pod: "etl_jobs(5ca28810)", container: spark)`, "container has runAsNonRoot and image will run as root"},
		{"a container's ID goes", `failed container "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" twice`, "failed container twice"},
		{"the code of a call goes", "Failed to inspect image: rpc error: code = Unknown desc = short name mode is enforcing", "Failed to inspect image: short name mode is enforcing"},
		{"the API's reason behind its message goes", `persistentvolumeclaim "data" not found. not found`, `persistentvolumeclaim "data" not found`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := sentence(tt.message, "Reason"); got != tt.want {
				t.Errorf("sentence(%q) = %q, want %q", tt.message, got, tt.want)
			}
		})
	}
}

func TestRuntimeError(t *testing.T) {
	const chain = "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "
	for message, want := range map[string]string{
		chain + `unable to start container process: exec: "/opt/x": permission denied: unknown`: `exec: "/opt/x": permission denied`,
		chain + "invalid mount: unknown":        "invalid mount",
		"failed to generate spec: no such user": "failed to generate spec: no such user",
	} {
		if got := runtimeError(message); got != want {
			t.Errorf("runtimeError(%q) = %q, want %q", message, got, want)
		}
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		2 * time.Minute: "2m", 30 * time.Minute: "30m", time.Hour: "1h", 90 * time.Minute: "1h30m", 90 * time.Second: "1m30s", 10 * time.Minute: "10m",
		500 * time.Millisecond: "500ms", 10 * time.Second: "10s", time.Hour + time.Second: "1h0m1s",
	} {
		if got := span(d); got != want {
			t.Errorf("span(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestAnInitContainerThatRunsIsNamed(t *testing.T) {
	pod := driverPod(onNode, driverStatus(waiting("PodInitializing", "")), func(pod *corev1.Pod) {
		always := corev1.ContainerRestartPolicyAlways
		pod.Spec.InitContainers = []corev1.Container{{Name: "proxy", RestartPolicy: &always}, {Name: "fetch"}}
		pod.Status.InitContainerStatuses = []corev1.ContainerStatus{{Name: "proxy", State: running()}, {Name: "fetch", State: running()}}
	})
	v := Judge(Observation{Pod: pod, Now: at("11:00:00").Time}, Criteria{PendingTimeout: 30 * time.Minute})
	const want = "the driver did not start within 30m: init container fetch still runs"
	if v.Cause == nil || v.Cause.Message != want || !strings.HasSuffix(v.Cause.Hint, "kubectl logs -n jobs etl-driver -c fetch") {
		t.Errorf("Judge() = %+v, want %q and where its log is", v.Cause, want)
	}
}
