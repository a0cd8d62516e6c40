// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sparkctl/sparkctl/internal/driver"
)

func TestExecutorsRefused(t *testing.T) {
	t.Parallel()
	refusal := func(message string) []string {
		return []string{
			"26/11/22 01:00:02 WARN ExecutorPodsSnapshotsStoreImpl: Exception when notifying snapshot subscriber.",
			"io.fabric8.kubernetes.client.KubernetesClientException: Failure executing: POST at: https://kubernetes.default.svc/api/v1/namespaces/jobs/pods. Message: " + message,
		}
	}
	for name, test := range map[string]struct {
		log  []string
		want string
	}{
		"for the quota":          {refusal(`pods "x-exec-1" is forbidden: exceeded quota: team, requested: pods=1.`), "QuotaExceeded"},
		"for want of a right":    {refusal(`pods is forbidden: User "system:serviceaccount:jobs:default" cannot create resource "pods".`), "Forbidden"},
		"an application's error": {[]string{`Exception in thread "main" java.lang.IllegalStateException: no`}, ""},
		"nothing":                {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if cause := ExecutorsRefused(test.log); cause != nil {
				got = cause.Reason
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestWhatADriverWaitsForIsSaidInWords(t *testing.T) {
	t.Parallel()
	ours := func(launcher string) func(*corev1.Pod) {
		return func(pod *corev1.Pod) {
			gates(driver.GateSubmission)(pod)
			metav1.SetMetaDataAnnotation(&pod.ObjectMeta, driver.AnnotationLauncher, launcher)
		}
	}
	const notOff = " has not taken the gate sparkctl.dev/submission off"
	for name, test := range map[string]struct {
		pod  *corev1.Pod
		want string
	}{
		"its launcher in a pod": {
			driverPod(ours("airflow/task/uid/2026-11-21T09:59:58.5Z")),
			"its submission is not complete: its launcher (airflow/task, at work since 2026-11-21T09:59:58Z)" + notOff,
		},
		"its launcher on a host":   {driverPod(ours("/laptop//2026-11-21T09:59:58Z")), "its submission is not complete: its launcher (laptop, at work since 2026-11-21T09:59:58Z)" + notOff},
		"who does not say when":    {driverPod(ours("somebody")), "its submission is not complete: its launcher (somebody)" + notOff},
		"nobody knows whose it is": {driverPod(gates(driver.GateSubmission)), "its submission is not complete: its launcher" + notOff},
		"an init container": {driverPod(onNode, driverStatus(waiting("PodInitializing", "")), func(pod *corev1.Pod) {
			pod.Status.InitContainerStatuses = []corev1.ContainerStatus{{Name: "fetch", State: running()}}
		}), "init container fetch still runs"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := Judge(Observation{Pod: test.pod, Now: at("10:00:05").Time}, Criteria{})
			if v.Cause == nil || v.Cause.Message != test.want || v.Cause.Hint == "" {
				t.Errorf("got %+v\nwant %s", v.Cause, test.want)
			}
		})
	}
}
