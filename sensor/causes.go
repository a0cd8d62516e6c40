// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/driver"
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
	if cause, _, ok := disruption(o.Pod); ok {
		return cause
	}
	cause := deletedCause("the driver pod was deleted before its end was seen")
	if o.Pod.Status.Phase == corev1.PodPending {
		cause.Message += "; when it was last seen, it had not started"
	}
	if o.Successor != "" {
		cause.Reason = "Replaced"
		cause.Message = fmt.Sprintf("the driver pod is gone and another one, with UID %s, has its name; its end was not seen", o.Successor)
	}
	cause.Evidence = []string{lastSeen(o.Pod)}
	return cause
}

func lastSeen(pod *corev1.Pod) string {
	return fmt.Sprintf("last seen: phase %s, resourceVersion %s", pod.Status.Phase, pod.ResourceVersion)
}

// takenAway says whether the pod was ended from outside before its driver's container was, and by
// what. A nil end means that no end of the container is known.
func takenAway(o Observation, end *corev1.ContainerStateTerminated) (xcom.Cause, bool) {
	var finished time.Time
	if end != nil {
		finished = end.FinishedAt.Time
	}
	if cause, at, ok := disruption(o.Pod); ok && !finishedBefore(finished, at) {
		return cause, true
	}
	if o.Pod.Status.Reason == "DeadlineExceeded" || o.Pod.DeletionTimestamp == nil {
		return xcom.Cause{}, false
	}
	requested := o.History.asked
	if requested.IsZero() {
		var known bool
		if requested, known = deletionRequestedBefore(o.Pod, end); !known {
			return xcom.Cause{}, false
		}
	}
	if finishedBefore(finished, requested) {
		return xcom.Cause{}, false
	}
	cause := deletedCause("the driver pod was deleted")
	cause.Evidence = []string{"deletion requested at " + requested.UTC().Format(time.RFC3339)}
	return cause, true
}

// deletionRequested is when somebody asked for the end of a pod that is being deleted, as the pod dates it.
func deletionRequested(pod *corev1.Pod) time.Time {
	at := pod.DeletionTimestamp.Time
	if grace := pod.DeletionGracePeriodSeconds; grace != nil {
		at = at.Add(-time.Duration(*grace) * time.Second)
	}
	return at
}

// deletionRequestedBefore is when somebody asked for the end of a pod that is first seen when its driver has ended, if
// that was before. Once its containers have ended, the kubelet asks again, without grace, and Kubernetes dates the
// deletion anew, to a moment after the end: then who ended by a signal was asked before, at the earliest a grace
// before that, and who ended with a code of his own is taken at his word.
func deletionRequestedBefore(pod *corev1.Pod, end *corev1.ContainerStateTerminated) (time.Time, bool) {
	at := deletionRequested(pod)
	grace := pod.DeletionGracePeriodSeconds
	switch {
	case end == nil || grace != nil && *grace > 0:
		return at, true
	case end.ExitCode != 143 && end.ExitCode != 137:
		return at, end.FinishedAt.After(at)
	case pod.Spec.TerminationGracePeriodSeconds == nil:
		return at, true
	default:
		return at.Add(-time.Duration(*pod.Spec.TerminationGracePeriodSeconds) * time.Second), true
	}
}

// finishedBefore reports whether an end is known to lie before at; Kubernetes dates both to the second.
func finishedBefore(finished, at time.Time) bool { return !finished.IsZero() && finished.Before(at) }

func deletedCause(message string) xcom.Cause {
	return xcom.Cause{
		Category: xcom.CategoryDeleted, Reason: "Deleted", Message: message,
		Hint: "find out who deletes pods in this namespace; the application may have done part of its work",
	}
}

// disruption is the cause of a pod that the cluster took away, and since when it did: an eviction, a
// preemption, a node that shut down or went away. The time is zero where it is not dated.
func disruption(pod *corev1.Pod) (xcom.Cause, time.Time, bool) {
	condition := driver.Condition(pod, corev1.DisruptionTarget)
	if condition != nil && condition.Status == corev1.ConditionTrue && carriedOut(pod, condition) {
		cause := xcom.Cause{
			Category: xcom.CategoryDisruption, Reason: condition.Reason, Retryable: yes(),
			Message:  "the cluster took the driver away: " + sentence(condition.Message, condition.Reason),
			Hint:     disruptionHint(condition.Reason, condition.Message),
			Evidence: []string{"condition DisruptionTarget, reason " + condition.Reason},
		}
		if condition.Reason == "DeletionByTaintManager" || condition.Reason == "DeletionByPodGC" {
			cause.Category = xcom.CategoryNode
			cause.Message = fmt.Sprintf("the driver's node %s is gone or out of reach: %s; %s", pod.Spec.NodeName, sentence(condition.Message, condition.Reason), mayStillRun)
			cause.Hint = stillRunHint
		}
		return cause, condition.LastTransitionTime.Time, true
	}
	cause := xcom.Cause{
		Category: xcom.CategoryDisruption, Reason: pod.Status.Reason, Retryable: yes(),
		Message:  "the cluster took the driver away: " + sentence(pod.Status.Message, pod.Status.Reason),
		Hint:     disruptionHint(pod.Status.Reason, pod.Status.Message),
		Evidence: []string{"status.reason " + pod.Status.Reason},
	}
	switch pod.Status.Reason {
	case "Evicted":
		if strings.Contains(pod.Status.Message, "exceeds the") || strings.Contains(pod.Status.Message, "exceeded its local ephemeral storage limit") {
			// A limit of its own, which the node would enforce again.
			cause.Category, cause.Retryable = xcom.CategoryConfig, no()
			cause.Message = "the driver used more local storage than its limit, and the node evicted it: " + sentence(pod.Status.Message, "Evicted")
			cause.Hint = "raise the limit (ephemeral-storage, or the volume's sizeLimit), or give Spark's local folders a volume: spark.kubernetes.driver.volumes.*.spark-local-dir-1"
		}
	case "NodeLost":
		cause = nodeSilent(pod, "NodeLost")
	case "Preempting", "Terminated", "NodeShutdown":
	default:
		return xcom.Cause{}, time.Time{}, false
	}
	return cause, time.Time{}, true
}

// disruptionHint says what keeps the next driver from being taken away for the same reason.
func disruptionHint(reason, message string) string {
	const again = "run the application again"
	switch {
	case reason == "EvictionByEvictionAPI":
		return again + "; a PodDisruptionBudget for drivers, or an autoscaler told not to evict them, keeps the next one"
	case reason == "PreemptionByScheduler" || strings.Contains(message, "critical pod"):
		return again + "; a priorityClassName in the driver's pod template keeps the next one"
	case strings.Contains(message, "low on resource"):
		return again + "; what a driver requests is what a node keeps for it: raise spark.driver.memoryOverhead, or ephemeral-storage in the pod template"
	default:
		return again
	}
}

// carriedOut reports whether a disruption was not only announced: the announcement stays for minutes when the deletion
// that should follow it does not (KEP-3329).
func carriedOut(pod *corev1.Pod, condition *corev1.PodCondition) bool {
	return pod.DeletionTimestamp != nil || pod.Status.Reason != "" || pod.Status.Phase == corev1.PodFailed || condition.Reason == corev1.PodReasonTerminationByKubelet
}

const (
	mayStillRun  = "the driver may still be running there"
	stillRunHint = "make sure that the node is really gone before the application runs again: nothing in the cluster can end what runs on a node that is cut off"
)

// nodeTrouble says why the node of a terminating pod is believed not to answer; found is false when nothing tells.
func nodeTrouble(o Observation) (reason string, found bool) {
	if condition := driver.Condition(o.Pod, corev1.DisruptionTarget); condition != nil && condition.Status == corev1.ConditionTrue &&
		(condition.Reason == "DeletionByTaintManager" || condition.Reason == "DeletionByPodGC") {
		return condition.Reason, true
	}
	if latest(o.Events, "NodeNotReady", "TaintManagerEviction") != nil {
		return "NodeLost", true
	}
	if o.Node == nil {
		return "", false
	}
	for _, condition := range o.Node.Status.Conditions {
		if condition.Type == corev1.NodeReady && condition.Status != corev1.ConditionTrue {
			return "NodeLost", true
		}
	}
	return "", false
}

// nodeSilent is the cause of a driver whose node has not told how it ended.
func nodeSilent(pod *corev1.Pod, reason string) xcom.Cause {
	return xcom.Cause{
		Category: xcom.CategoryNode, Reason: reason, Retryable: yes(), Hint: stillRunHint,
		Message:  fmt.Sprintf("the driver's node %s does not say how it ended; %s", pod.Spec.NodeName, mayStillRun),
		Evidence: []string{lastSeen(pod)},
	}
}

// endUnknown is the cause of a driver whose node forgot how its container ended.
func endUnknown(end *corev1.ContainerStateTerminated) xcom.Cause {
	return xcom.Cause{
		Category: xcom.CategoryNode, Reason: end.Reason,
		Message: "the node does not know how the driver's container ended: " + sentence(end.Message, end.Reason),
		Hint:    "look for the application in the Spark history server; it may have done part of its work, or all of it",
	}
}

func podDeadline(pod *corev1.Pod) *xcom.Cause {
	return &xcom.Cause{
		Category: xcom.CategoryDeadline, Reason: "DeadlineExceeded",
		Message: "the driver pod's activeDeadlineSeconds passed: " + sentence(pod.Status.Message, "DeadlineExceeded"),
		Hint:    "raise activeDeadlineSeconds in the driver's pod template",
	}
}

// notFound is the cause of a pod whose containers ended, with the driver's not among those that can be told.
func notFound(pod *corev1.Pod) xcom.Cause {
	return xcom.Cause{
		Category: xcom.CategoryUnknown, Reason: "ContainerNotFound",
		Message: fmt.Sprintf("the pod's phase is %s, but which of its containers is the driver cannot be told", pod.Status.Phase),
		Hint:    "name it with --container",
	}
}
