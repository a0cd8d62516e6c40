// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/secret"
	"github.com/sparkctl/sparkctl/xcom"
)

func yes() *bool { v := true; return &v }
func no() *bool  { v := false; return &v }

// neverSeen is the cause of a driver that was not there from the first look on.
func neverSeen(o Observation) xcom.Cause {
	if o.Successor != "" {
		return xcom.Cause{
			Category: xcom.CategoryDeleted, Reason: "Replaced",
			Message: fmt.Sprintf("another pod has the driver's name now, with UID %s: the driver is gone and its end was not seen", o.Successor),
			Hint:    "check the UID given, or look for the application in the Spark history server",
		}
	}
	return xcom.Cause{
		Category: xcom.CategoryDeleted, Reason: "NotFound",
		Message: "no such driver pod exists, and its end was not seen",
		Hint:    "check --namespace and --pod, or look for the application in the Spark history server",
	}
}

// gone is the cause of a driver that was seen, and then was not there any more.
func gone(o Observation) xcom.Cause {
	if cause, ok := disruption(o.Pod); ok {
		return cause
	}
	message := "the driver pod was deleted before its end was seen"
	if o.Successor != "" {
		message = fmt.Sprintf("the driver pod is gone and another one, with UID %s, has its name; its end was not seen", o.Successor)
	}
	return xcom.Cause{
		Category: xcom.CategoryDeleted, Reason: "Deleted", Message: message,
		Hint:     "find out who deletes pods in this namespace; the application may have done part of its work",
		Evidence: []string{lastSeen(o.Pod)},
	}
}

func lastSeen(pod *corev1.Pod) string {
	return fmt.Sprintf("last seen: phase %s, resourceVersion %s", pod.Status.Phase, pod.ResourceVersion)
}

// takenAway says whether the pod was ended from outside before finished, and by
// what. A zero finished means that no end of the container is known.
func takenAway(pod *corev1.Pod, finished time.Time) (xcom.Cause, bool) {
	if cause, ok := disruption(pod); ok {
		return cause, true
	}
	if pod.Status.Reason == "DeadlineExceeded" || pod.DeletionTimestamp == nil {
		return xcom.Cause{}, false
	}
	requested := pod.DeletionTimestamp.Time
	if pod.DeletionGracePeriodSeconds != nil {
		requested = requested.Add(-time.Duration(*pod.DeletionGracePeriodSeconds) * time.Second)
	}
	if !finished.IsZero() && finished.Before(requested) {
		return xcom.Cause{}, false
	}
	return xcom.Cause{
		Category: xcom.CategoryDeleted, Reason: "Deleted",
		Message:  "the driver pod was deleted",
		Hint:     "find out who deletes pods in this namespace; the application may have done part of its work",
		Evidence: []string{"deletion requested at " + requested.UTC().Format(time.RFC3339)},
	}, true
}

// disruption is the cause of a pod that the cluster took away: an eviction, a
// preemption, a node that shut down or went away.
func disruption(pod *corev1.Pod) (xcom.Cause, bool) {
	if condition := driver.Condition(pod, corev1.DisruptionTarget); condition != nil && condition.Status == corev1.ConditionTrue {
		return xcom.Cause{
			Category: xcom.CategoryDisruption, Reason: condition.Reason,
			Message:   "the cluster took the driver away: " + sentence(condition.Message, condition.Reason),
			Retryable: yes(),
			Evidence:  []string{"condition DisruptionTarget, reason " + condition.Reason},
		}, true
	}
	switch reason := pod.Status.Reason; reason {
	case "Evicted", "Preempting", "Terminated", "NodeShutdown", "NodeLost":
		return xcom.Cause{
			Category: xcom.CategoryDisruption, Reason: reason,
			Message:  "the cluster took the driver away: " + sentence(pod.Status.Message, reason),
			Evidence: []string{"status.reason " + reason},
		}, true
	default:
		return xcom.Cause{}, false
	}
}

// driverFailed is the cause of a driver that ended with a code of its own.
func driverFailed(end *corev1.ContainerStateTerminated) *xcom.Cause {
	if end.Reason == "OOMKilled" && end.ExitCode == 137 {
		return &xcom.Cause{
			Category: xcom.CategoryMemory, Reason: "OOMKilled",
			Message:   "the driver's container used more memory than its limit and was killed (exit code 137)",
			Hint:      "raise spark.driver.memory, or spark.driver.memoryOverhead when the memory is used outside the JVM's heap",
			Retryable: no(),
		}
	}
	cause := &xcom.Cause{
		Category: xcom.CategoryApplication, Reason: reasonOf(end),
		Message: fmt.Sprintf("the driver exited with code %d%s", end.ExitCode, inWords(end.ExitCode)),
		Hint:    "read the driver's log",
	}
	return cause
}

// saidByPod is what the pod itself says of the driver's end: the exception that Spark 4.1 writes into
// an annotation when spark.kubernetes.driver.annotateExitException is set, else
// what the driver left as its termination message, which can be the tail of its log.
func saidByPod(pod *corev1.Pod, end *corev1.ContainerStateTerminated) string {
	for _, text := range []string{pod.Annotations[driver.AnnotationExitException], end.Message} {
		lines := strings.Split(strings.TrimSpace(text), "\n")
		if said := LastException(lines); said != "" {
			return said
		}
		if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
			return shorten(secret.Mask(last), maxException)
		}
	}
	return ""
}

func reasonOf(end *corev1.ContainerStateTerminated) string {
	if end.Reason != "" {
		return end.Reason
	}
	return "Error"
}

// inWords says what an exit code stands for where Spark, the JVM or the kernel
// gave it a meaning (Spark: SparkExitCode, ExecutorExitCode).
func inWords(code int32) string {
	meaning, ok := map[int32]string{
		1:   "an exception nobody caught, or System.exit(1)",
		11:  "too many executors failed, spark.executor.maxNumFailures",
		50:  "uncaught exception",
		52:  "out of memory in the JVM",
		101: "the main class was not found",
		124: "spark.driver.timeout",
		126: "the command cannot be executed",
		127: "the command was not found",
		134: "SIGABRT: the JVM crashed",
		137: "SIGKILL: killed from outside, often for lack of memory",
		139: "SIGSEGV: the JVM crashed",
		143: "SIGTERM: asked to end",
	}[code]
	if !ok {
		return ""
	}
	return " (" + meaning + ")"
}

// endUnknown is the cause of a driver whose node forgot how its container ended.
func endUnknown(end *corev1.ContainerStateTerminated) xcom.Cause {
	return xcom.Cause{
		Category: xcom.CategoryNode, Reason: end.Reason,
		Message: "the node does not know how the driver's container ended: " + sentence(end.Message, end.Reason),
		Hint:    "look for the application in the Spark history server; it may have done part of its work, or all of it",
	}
}

func startError(end *corev1.ContainerStateTerminated) *xcom.Cause {
	return &xcom.Cause{
		Category: xcom.CategoryConfig, Reason: end.Reason,
		Message:   "the driver's container could not be started: " + sentence(end.Message, end.Reason),
		Hint:      "check that the image has Spark's entrypoint, and the container's command in the pod template",
		Retryable: no(),
	}
}

func podDeadline(pod *corev1.Pod) *xcom.Cause {
	return &xcom.Cause{
		Category: xcom.CategoryDeadline, Reason: "DeadlineExceeded",
		Message: "the driver pod's activeDeadlineSeconds passed: " + sentence(pod.Status.Message, "DeadlineExceeded"),
		Hint:    "raise activeDeadlineSeconds in the driver's pod template",
	}
}

// neverStarted is the cause of a pod that failed before the driver's container ran.
func neverStarted(pod *corev1.Pod) *xcom.Cause {
	for _, init := range pod.Status.InitContainerStatuses {
		if end := init.State.Terminated; end != nil && end.ExitCode != 0 {
			return &xcom.Cause{
				Category: xcom.CategoryConfig, Reason: "InitContainerFailed",
				Message: fmt.Sprintf("init container %s exited with code %d%s, so the driver never started", init.Name, end.ExitCode, inWords(end.ExitCode)),
				Hint:    fmt.Sprintf("read its log: kubectl logs -n %s %s -c %s", pod.Namespace, pod.Name, init.Name),
			}
		}
	}
	reason := pod.Status.Reason
	if reason == "" {
		reason = "PodFailed"
	}
	return &xcom.Cause{
		Category: xcom.CategoryAdmission, Reason: reason,
		Message: "the driver never started: " + sentence(pod.Status.Message, reason),
	}
}

func runningTooLong(limit time.Duration) *xcom.Cause {
	return &xcom.Cause{
		Category: xcom.CategoryDeadline, Reason: "RunningTimeout",
		Message: fmt.Sprintf("the driver ran for longer than %s, and still runs", limit),
		Hint:    "raise --running-timeout, or end the driver: delete its pod",
	}
}

func pendingTooLong(pod *corev1.Pod, status *corev1.ContainerStatus, limit time.Duration) *xcom.Cause {
	cause := xcom.Cause{
		Category: xcom.CategoryDeadline, Reason: "PendingTimeout",
		Message: fmt.Sprintf("the driver did not start within %s", limit),
		Hint:    "raise --pending-timeout, or look at the pod's events: kubectl describe pod -n " + pod.Namespace + " " + pod.Name,
	}
	if why := pendingCause(pod, status); why != nil {
		cause.Message += ": " + why.Reason + ": " + why.Message
	}
	return &cause
}

// pendingCause says what a driver that has not started waits for; nil when nothing but time.
func pendingCause(pod *corev1.Pod, status *corev1.ContainerStatus) *xcom.Cause {
	if status != nil && status.State.Waiting != nil {
		waiting := status.State.Waiting
		switch waiting.Reason {
		case "", "ContainerCreating", "PodInitializing":
			return nil
		case "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError", "RegistryUnavailable":
			return &xcom.Cause{Category: xcom.CategoryImage, Reason: waiting.Reason, Message: sentence(waiting.Message, waiting.Reason)}
		default:
			return &xcom.Cause{Category: xcom.CategoryConfig, Reason: waiting.Reason, Message: sentence(waiting.Message, waiting.Reason)}
		}
	}
	if condition := driver.Condition(pod, corev1.PodScheduled); condition != nil && condition.Status == corev1.ConditionFalse {
		return &xcom.Cause{Category: xcom.CategoryScheduling, Reason: condition.Reason, Message: sentence(condition.Message, condition.Reason)}
	}
	return nil
}

// sentence is what Kubernetes says, on one line, or else its reason.
func sentence(message, reason string) string {
	if text := oneLine(message); text != "" {
		return text
	}
	return reason
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
