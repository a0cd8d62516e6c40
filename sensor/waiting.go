// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/pattern"
	"github.com/sparkctl/sparkctl/xcom"
)

// patience is how long a driver may wait for something.
type patience int

const (
	// untilPending: it may come by itself, a node for instance; [Criteria.PendingTimeout] bounds it.
	untilPending patience = iota
	// untilStuck: somebody must do something; [Criteria.StuckTimeout] bounds it.
	untilStuck
	// untilQueued: somebody else decides when it comes; [Criteria.QueueTimeout] bounds it.
	untilQueued
	// none: it never comes.
	none
)

// obstacle is what keeps a driver from starting.
type obstacle struct {
	// key stays the same while Kubernetes flips between words for the same thing, such as ErrImagePull and ImagePullBackOff.
	key      string
	patience patience
	// since is when it began, where Kubernetes dates that; else it is when it was first seen, see [History].
	since time.Time
	cause xcom.Cause
}

// findObstacle says what the driver, whose container has not started, waits for; nil when for nothing
// but time. The closest to the driver tells most: its container, then what comes before
// that (init containers, volumes, sandbox), then the scheduler, then gates.
func findObstacle(o Observation, container string) *obstacle {
	pod := o.Pod
	for _, status := range startOrder(pod, container) {
		if ob := waitingObstacle(o, status); ob != nil {
			return ob
		}
	}
	if pod.Spec.NodeName != "" {
		return preparing(o)
	}
	if ob := gated(o); ob != nil {
		return ob
	}
	condition := driver.Condition(pod, corev1.PodScheduled)
	switch {
	case condition == nil:
		return &obstacle{key: "scheduler", cause: xcom.Cause{
			Category: xcom.CategoryScheduling, Reason: NotScheduled,
			Message: fmt.Sprintf("no scheduler has looked at it (schedulerName %q)", pod.Spec.SchedulerName),
			Hint:    "check spark.kubernetes.scheduler.name, and that a scheduler of that name runs",
		}}
	case condition.Status == corev1.ConditionFalse && condition.Reason == corev1.PodReasonSchedulingGated:
		// There is no gate any more, and the scheduler has not looked since.
		return nil
	case condition.Status == corev1.ConditionFalse:
		return unplaced(pod, condition)
	default:
		return nil
	}
}

// Waiting says what a container of a pod, whether it is a driver's or not, waits for to start; nil when for nothing but time.
func Waiting(pod *corev1.Pod, container string) *xcom.Cause {
	ob := findObstacle(Observation{Pod: pod}, container)
	if ob == nil {
		return nil
	}
	return &ob.cause
}

// NotScheduled is the reason of a pod that no scheduler has looked at, which all are for a moment.
const NotScheduled = "NotScheduled"

// startOrder is the statuses whose waiting keeps the driver's container from starting: its own, and
// those of init containers, which come first.
func startOrder(pod *corev1.Pod, container string) []corev1.ContainerStatus {
	statuses := pod.Status.InitContainerStatuses
	if status := driver.Status(pod, container); status != nil {
		statuses = append([]corev1.ContainerStatus{*status}, statuses...)
	}
	return statuses
}

// waitingObstacle reads a container's waiting reason (the kubelet's pkg/kubelet/images, kuberuntime and
// container/sync_result, and cri-api's errors).
func waitingObstacle(o Observation, status corev1.ContainerStatus) *obstacle {
	waiting := status.State.Waiting
	if waiting == nil {
		return nil
	}
	cause := xcom.Cause{Category: xcom.CategoryConfig, Reason: waiting.Reason, Message: sentence(waiting.Message, waiting.Reason), Hint: describeHint(o.Pod)}
	ob := &obstacle{key: waiting.Reason, patience: untilStuck, cause: cause}
	switch waiting.Reason {
	case "", "ContainerCreating", "PodInitializing":
		return nil
	case "ErrImagePull", "ImagePullBackOff":
		return pullObstacle(o, status, waiting)
	case "InvalidImageName", "ErrImageNeverPull", "SignatureValidationFailed":
		ob.patience = none
		ob.cause.Category, ob.cause.Hint, ob.cause.Retryable = xcom.CategoryImage, neverPulledHint(waiting.Reason), no()
	case "RegistryUnavailable":
		ob.patience = untilPending
		ob.cause.Category, ob.cause.Hint = xcom.CategoryImage, registryHint
	case "ImageInspectError":
		ob.cause.Category, ob.cause.Hint = xcom.CategoryImage, "give the image's full name, with its registry: spark.kubernetes.container.image"
	case "ImageVolumeMountFailed":
		ob.cause.Category = xcom.CategoryImage
	case "RROUnsupported":
		ob.patience = none
		ob.cause.Retryable = no()
	case "CreatePodSandboxError", "ConfigPodSandboxError", "KillPodSandboxError", "ResizePodInPlaceError":
		ob.patience = untilPending
		ob.cause.Category = xcom.CategoryNode
	case "CreateContainerConfigError", "CreateContainerError", "RunContainerError":
		ob.cause.Message = runtimeError(ob.cause.Message)
		if passes(waiting.Message) {
			ob.patience = untilPending
		} else if hint := containerHint(o.Pod, waiting.Message); hint != "" {
			ob.cause.Hint = hint
		}
	}
	return ob
}

// passes reports whether a failure to create a container is the kubelet's own and of the moment.
func passes(message string) bool {
	return strings.Contains(message, "failed to sync") || strings.Contains(message, "deadline exceeded")
}

// containerHint says what to change for a container that cannot be made; empty when the kubelet's words say nothing to go by.
func containerHint(pod *corev1.Pod, message string) string {
	switch {
	case namesMissingObject(message):
		return "create it in namespace " + pod.Namespace + ", or correct what names it: spark.kubernetes.driver.secretKeyRef.*, or the driver's pod template"
	case strings.Contains(message, "runAsNonRoot"):
		return "set runAsUser in the driver's pod template (Spark's own images have user 185), or build the image with a USER that is a number"
	case strings.Contains(message, "recursive read-only"):
		return "take recursiveReadOnly out of the driver's pod template, or choose nodes whose container runtime can do it"
	case strings.Contains(message, "no command specified"):
		return imageCommandHint
	default:
		return ""
	}
}

// namesMissingObject reports whether the kubelet (pkg/kubelet/kubelet_pods.go) named a Secret, a ConfigMap or a key of one that
// is not there.
func namesMissingObject(message string) bool {
	return pattern.Of(`^couldn't find key |^(secret|configmap) ".*" not found$`).MatchString(message)
}

// preparing is what happens between a pod's placement on a node and its first container: volumes, network, image.
func preparing(o Observation) *obstacle {
	event := latest(o.Events, "FailedMount", "FailedAttachVolume", "FailedMapVolume", "FailedCreatePodSandBox", "NetworkNotReady", "Pulling", "Pulled")
	if event == nil {
		return nil
	}
	message := sentence(event.Message, event.Reason)
	ob := &obstacle{key: event.Reason, since: first(event)}
	switch event.Reason {
	case "Pulled":
		return nil
	case "Pulling":
		ob.cause = xcom.Cause{Category: xcom.CategoryImage, Reason: event.Reason, Message: "the node pulls the image: " + message}
	case "FailedCreatePodSandBox", "NetworkNotReady":
		ob.cause = xcom.Cause{Category: xcom.CategoryNode, Reason: event.Reason, Message: message, Retryable: yes(), Hint: describeHint(o.Pod)}
	default:
		ob.cause = xcom.Cause{Category: xcom.CategoryConfig, Reason: event.Reason, Message: message, Hint: describeHint(o.Pod)}
		// Spark makes the driver before its ConfigMap, so that for a moment this is normal.
		if strings.Contains(message, "not found") || strings.Contains(message, "non-existent") || strings.Contains(message, "doesn't exist") {
			ob.patience = untilStuck
			ob.cause.Hint = "create what is missing, or take the volume out of the driver's configuration"
		}
	}
	return ob
}

// gated is a driver that the scheduler may not look at yet. Foreign gates mean that
// it queues; ours means that its submission is not complete.
func gated(o Observation) *obstacle {
	foreign, ours := driver.Gates(o.Pod)
	created := o.Pod.CreationTimestamp.Time
	switch {
	case ours:
		who := o.Pod.Annotations[driver.AnnotationLauncher]
		if of := strings.Split(who, "/"); len(of) == 4 && !launcherStart(o.Pod).IsZero() {
			// Its namespace and pod, or its host; its UID tells people nothing.
			who = fmt.Sprintf("%s, at work since %s", strings.TrimPrefix(of[0]+"/"+of[1], "/"), launcherStart(o.Pod).Format(time.RFC3339))
		}
		if who != "" {
			who = " (" + who + ")"
		}
		return &obstacle{key: "submission", patience: untilStuck, since: created, cause: xcom.Cause{
			Category: xcom.CategoryUnknown, Reason: "SubmissionInProgress",
			Message: "its submission is not complete: its launcher" + who + " has not taken the gate " + driver.GateSubmission + " off",
			Hint:    "see whether its launcher is still at work; once that is gone, submitting the run again removes it",
		}}
	case len(foreign) > 0:
		message := "it is held back by scheduling gate " + strings.Join(foreign, ", ")
		if queue := o.Pod.Labels[driver.LabelQueue]; queue != "" {
			message = fmt.Sprintf("it waits in queue %q, held back by scheduling gate %s", queue, strings.Join(foreign, ", "))
		}
		return &obstacle{key: "queue", patience: untilQueued, since: created, cause: xcom.Cause{
			Category: xcom.CategoryQueued, Reason: "SchedulingGated", Message: message,
			Hint: "it starts when who set the gate takes it off: ask for room in the queue",
		}}
	default:
		return nil
	}
}

// unplaced reads what the scheduler says.
func unplaced(pod *corev1.Pod, condition *corev1.PodCondition) *obstacle {
	message := sentence(condition.Message, condition.Reason)
	// What the scheduler says of preemption behind that is long, and "not helpful" when it matters.
	message, _, _ = strings.Cut(message, " no new claims to deallocate")
	message, _, _ = strings.Cut(message, " preemption: ")
	if pattern.Of(`persistentvolumeclaim "[^"]*" not found`).MatchString(message) {
		return &obstacle{key: "claim", patience: untilStuck, cause: xcom.Cause{
			Category: xcom.CategoryConfig, Reason: "PersistentVolumeClaimNotFound", Message: message, Retryable: no(),
			Hint: "create the claim, or correct spark.kubernetes.driver.volumes.persistentVolumeClaim.*.options.claimName",
		}}
	}
	return &obstacle{key: "node", cause: xcom.Cause{
		Category: xcom.CategoryScheduling, Reason: condition.Reason, Message: message, Hint: placeHint(pod, message),
	}}
}

// placeHint says what to change for a driver that fits no node.
func placeHint(pod *corev1.Pod, message string) string {
	switch {
	case strings.Contains(message, "Insufficient"):
		return "lower spark.driver.memory or spark.kubernetes.driver.request.cores, or give the cluster room"
	case strings.Contains(message, "affinity/selector") && strings.Contains(message, "taint"):
		return selectorHint + "; or " + tolerationHint
	case strings.Contains(message, "affinity/selector"):
		return selectorHint
	case strings.Contains(message, "taint"):
		return tolerationHint
	case strings.Contains(message, "unbound immediate PersistentVolumeClaims"):
		return "see why the claim is not bound, its storage class may be missing: kubectl describe pvc -n " + pod.Namespace
	default:
		return describeHint(pod)
	}
}

const (
	selectorHint   = "check spark.kubernetes.node.selector.* and spark.kubernetes.driver.node.selector.*, and the affinity in the driver's pod template"
	tolerationHint = "add a toleration to the driver's pod template (spark.kubernetes.driver.podTemplateFile)"
)

func describeHint(pod *corev1.Pod) string {
	return fmt.Sprintf("see what happens to the pod: kubectl describe pod -n %s %s", pod.Namespace, pod.Name)
}
