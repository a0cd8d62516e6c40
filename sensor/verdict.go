// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/xcom"
)

// Observation is what is known of a driver at one moment.
type Observation struct {
	// Pod as it was last seen; nil if it never was.
	Pod *corev1.Pod
	// Gone: a read of the API said that there is no pod of that name and UID.
	Gone bool
	// Successor is the UID of another pod that has the name now, if one has.
	Successor types.UID
	// Events about the pod, as far as they could be read.
	Events []corev1.Event
	// Node the pod is on; nil unless it could be read, which takes more than namespace rights.
	Node *corev1.Node
	// History of what was seen of the pod before.
	History History
	// Now is the time of the judgement.
	Now time.Time
}

// Criteria say what to judge by.
type Criteria struct {
	// Container is the name of the driver's container; empty means it is found (see [driver.Container]).
	Container string
	// PendingTimeout is how long the driver may take to start: from its pod's creation, or from the end of its
	// queueing, to its container's start. It counts anew, once, when the cluster announces a node. 0 means for ever.
	PendingTimeout time.Duration
	// StuckTimeout is how long the driver may wait for what does not come by itself, such as an image or a
	// Secret that is not there; 0 means as long as PendingTimeout allows.
	StuckTimeout time.Duration
	// QueueTimeout is how long foreign scheduling gates may hold the driver back; 0 means for ever.
	QueueTimeout time.Duration
	// RunningTimeout is how long the driver's container may run; 0 means for ever.
	RunningTimeout time.Duration
}

// Verdict is the judgement about a driver.
type Verdict struct {
	// State of the application.
	State xcom.State
	// Final: nothing that can still happen changes the verdict.
	Final bool
	// DriverCode is the exit code of the driver's container once it has terminated, else nil.
	DriverCode *int
	// ExitCode is what a program that waits for the driver ends with; meaningful when Final.
	ExitCode xcom.ExitCode
	// Cause explains the state; nil when there is nothing to explain.
	Cause *xcom.Cause
	// Unexplained: the driver ended, or did not, by its own doing, and its pod does not say why; its log may, see [Verdict.Explained].
	Unexplained bool
}

// Judge says how a driver stands, with the events that tell of its end as evidence.
func Judge(o Observation, c Criteria) Verdict {
	v := judge(o, c).KilledFor(o.Events)
	if v.Final && v.State != xcom.Succeeded && v.Cause != nil {
		cause := *v.Cause
		cause.Evidence = append(slices.Clip(cause.Evidence), evidence(o.Events, cause.Message)...)
		v.Cause = &cause
	}
	return v
}

// judge is the judgement itself. The order of its questions is the order of
// their weight: what the driver's container did, what was done to the pod,
// whether the pod is still there, how long it has been at it.
func judge(o Observation, c Criteria) Verdict {
	if o.Pod == nil {
		return lost(neverSeen(o))
	}
	container := driver.Container(o.Pod, c.Container)
	if end := driver.Ended(o.Pod, container); end != nil {
		return judgeEnd(o, container, end)
	}
	if o.Pod.Status.Phase == corev1.PodFailed {
		return judgeFailedPod(o, container)
	}
	if o.Gone {
		return lost(gone(o))
	}
	if o.Pod.Status.Phase == corev1.PodSucceeded {
		return lost(notFound(o.Pod))
	}
	if at, v, ok := deadline(o, c); ok && !o.Now.Before(at) {
		return v
	}
	return judgeAlive(o, container)
}

// judgeEnd judges a driver whose container has terminated.
func judgeEnd(o Observation, container string, end *corev1.ContainerStateTerminated) Verdict {
	pod, code := o.Pod, ownCode(end)
	taken, wasTaken := takenAway(o, end)
	switch {
	case end.ExitCode == 0 && wasTaken:
		// An application that handles SIGTERM and then exits with 0 looks like
		// one that had finished; say what was seen.
		taken.Message = "the driver exited with code 0, but before that, " + taken.Message
		return final(xcom.Succeeded, code, &taken)
	case end.ExitCode == 0:
		return final(xcom.Succeeded, code, nil)
	case pod.Status.Reason == "DeadlineExceeded":
		return final(xcom.Failed, code, podDeadline(pod))
	case wasTaken:
		return final(xcom.Lost, code, &taken)
	case end.Reason == reasonUnknown:
		return lost(endUnknown(end))
	case code == nil:
		return final(xcom.Failed, nil, startError(end))
	default:
		v := final(xcom.Failed, code, driverFailed(pod, container, end))
		v.Unexplained = true
		return v.explainedByPod(pod, end)
	}
}

// reasonUnknown is the kubelet's word for the end of a container that it lost.
const reasonUnknown = "ContainerStatusUnknown"

// ownCode is the code that the driver's process ended with. It is nil where there was none: the kubelet makes one up for a
// container that it lost, and the runtime for one that it could not start.
func ownCode(end *corev1.ContainerStateTerminated) *int {
	switch end.Reason {
	case reasonUnknown, "StartError", "ContainerCannotRun":
		return nil
	default:
		code := int(end.ExitCode)
		return &code
	}
}

// judgeFailedPod judges a pod that failed without an end of the driver's container.
func judgeFailedPod(o Observation, container string) Verdict {
	pod := o.Pod
	taken, wasTaken := takenAway(o, nil)
	switch {
	case pod.Status.Reason == "DeadlineExceeded":
		return final(xcom.Failed, nil, podDeadline(pod))
	case refusedByKubelet(pod):
		return final(xcom.Failed, nil, neverStarted(pod))
	case wasTaken:
		return lost(taken)
	case driver.Running(pod, container) != nil:
		// The phase was set by somebody who could not ask the node.
		return lost(nodeSilent(pod, "PodFailed"))
	case container == "" && len(pod.Status.ContainerStatuses) > 0:
		return lost(notFound(pod))
	default:
		return final(xcom.Failed, nil, neverStarted(pod))
	}
}

// judgeAlive says what a driver that has not ended is doing.
func judgeAlive(o Observation, container string) Verdict {
	if driver.Running(o.Pod, container) != nil {
		return Verdict{State: xcom.Running}
	}
	v := Verdict{State: xcom.Pending}
	if ob := findObstacle(o, container); ob != nil {
		v.Cause = &ob.cause
	} else if init := runningInit(o.Pod); init != "" {
		v.Cause = &xcom.Cause{
			Category: xcom.CategoryConfig, Reason: "PodInitializing", Message: "init container " + init + " still runs",
			Hint: "read its log: " + logCommand(o.Pod, init),
		}
	}
	return v
}

// final is a verdict that nothing can change any more.
func final(state xcom.State, code *int, cause *xcom.Cause) Verdict {
	return Verdict{
		State: state, Final: true, DriverCode: code, Cause: cause,
		ExitCode: xcom.Result{State: state, ExitCode: code, Cause: cause}.Exit(),
	}
}

// lost is the final verdict about a driver that was taken away.
func lost(cause xcom.Cause) Verdict { return final(xcom.Lost, nil, &cause) }
