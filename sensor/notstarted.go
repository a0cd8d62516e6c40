// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/xcom"
)

// startError is the cause of a container whose command the runtime could not start.
func startError(end *corev1.ContainerStateTerminated) *xcom.Cause {
	cause := &xcom.Cause{
		Category: xcom.CategoryConfig, Reason: end.Reason,
		Message:   "the driver's container could not be started: " + runtimeError(sentence(end.Message, end.Reason)),
		Hint:      imageCommandHint,
		Retryable: no(),
	}
	if strings.Contains(end.Message, "not a directory") || strings.Contains(end.Message, "chdir to cwd") {
		cause.Hint = "correct workingDir in the driver's pod template, or the image's WORKDIR"
	}
	return cause
}

// refusedByKubelet reports whether a pod failed because its node did not take it: the kubelet's admission
// sets a phase and a reason, any plug-in's, and no container is ever touched.
func refusedByKubelet(pod *corev1.Pod) bool {
	condition := driver.Condition(pod, corev1.DisruptionTarget)
	disrupted := condition != nil && condition.Status == corev1.ConditionTrue
	return pod.Status.Reason != "" && !disrupted && len(pod.Status.ContainerStatuses) == 0 && len(pod.Status.InitContainerStatuses) == 0
}

// neverStarted is the cause of a pod that failed before the driver's container ran.
func neverStarted(pod *corev1.Pod) *xcom.Cause {
	for _, init := range pod.Status.InitContainerStatuses {
		if end := init.State.Terminated; end != nil && end.ExitCode != 0 {
			return initFailed(pod, init.Name, end)
		}
	}
	reason := pod.Status.Reason
	if reason == "" {
		reason = "PodFailed"
	}
	cause := &xcom.Cause{
		Category: xcom.CategoryAdmission, Reason: reason,
		Message: "the driver's node did not take it, and it never started: " + sentence(pod.Status.Message, reason),
		Hint:    "submit it again; if the same node refuses it again, ask who runs the cluster",
	}
	switch {
	case strings.HasPrefix(reason, "OutOf"), reason == "NodeShutdown", reason == "Evicted", reason == "UnexpectedAdmissionError", reason == "NodeAffinity":
		// The next try may meet another node, or more room.
		cause.Retryable = yes()
	}
	return cause
}

// logCommand is what shows a container's log.
func logCommand(pod *corev1.Pod, container string) string {
	return fmt.Sprintf("kubectl logs -n %s %s -c %s", pod.Namespace, pod.Name, container)
}

func initFailed(pod *corev1.Pod, name string, end *corev1.ContainerStateTerminated) *xcom.Cause {
	cause := &xcom.Cause{
		Category: xcom.CategoryConfig, Reason: "InitContainerFailed",
		Message: fmt.Sprintf("init container %s exited with code %d%s, so the driver never started", name, end.ExitCode, inWords(end.ExitCode)),
		Hint:    "read its log: " + logCommand(pod, name),
	}
	if end.Reason == "OOMKilled" {
		cause.Category = xcom.CategoryMemory
		cause.Message = fmt.Sprintf("init container %s used more memory than its limit and was killed, so the driver never started", name)
	}
	return cause
}
