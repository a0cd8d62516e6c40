// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
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
	// Now is the time of the judgement.
	Now time.Time
}

// Criteria say what to judge by.
type Criteria struct {
	// Container is the name of the driver's container; empty means it is found (see [driver.Container]).
	Container string
	// PendingTimeout is how long the driver may take from its pod's creation to its container's start; 0 means for ever.
	PendingTimeout time.Duration
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
	// Unexplained: the driver failed by itself and its pod does not say why; its log may, see [Verdict.Explained].
	Unexplained bool
}

// Explained is v with what the driver's log says of its end, see [LastException]; v itself if that is nothing.
func (v Verdict) Explained(said string) Verdict {
	if !v.Unexplained || said == "" {
		return v
	}
	cause := *v.Cause
	cause.Message += ": " + said
	v.Cause, v.Unexplained = &cause, false
	return v
}

// Judge says how a driver stands. The order of its questions is the order of
// their weight: what the driver's container did, what was done to the pod,
// whether the pod is still there, how long it has been at it.
func Judge(o Observation, c Criteria) Verdict {
	if o.Pod == nil {
		return lost(neverSeen(o))
	}
	container := driver.Container(o.Pod, c.Container)
	if status := driver.Status(o.Pod, container); status != nil && status.State.Terminated != nil {
		return judgeEnd(o.Pod, status.State.Terminated)
	}
	if o.Pod.Status.Phase == corev1.PodFailed {
		return judgeFailedPod(o.Pod)
	}
	if o.Gone {
		return lost(gone(o))
	}
	if o.Pod.Status.Phase == corev1.PodSucceeded {
		// Every container exited with 0, and which of them was the driver's is not known.
		return lost(xcom.Cause{
			Category: xcom.CategoryUnknown, Reason: "ContainerNotFound",
			Message: "the pod succeeded, but which of its containers is the driver cannot be told",
			Hint:    "name it with --container",
		})
	}
	if v, passed := judgeDeadline(o, c); passed {
		return v
	}
	return judgeAlive(o.Pod, container)
}

// judgeEnd judges a driver whose container has terminated.
func judgeEnd(pod *corev1.Pod, end *corev1.ContainerStateTerminated) Verdict {
	code := int(end.ExitCode)
	v := Verdict{Final: true, DriverCode: &code}
	taken, wasTaken := takenAway(pod, end.FinishedAt.Time)
	switch {
	case code == 0:
		v.State = xcom.Succeeded
		if wasTaken {
			// An application that handles SIGTERM and then exits with 0 looks like
			// one that had finished; say what was seen.
			taken.Message = "the driver exited with code 0, but " + taken.Message + " before it ended"
			v.Cause = &taken
		}
		return v
	case wasTaken:
		l := lost(taken)
		l.DriverCode = &code
		return l
	case pod.Status.Reason == "DeadlineExceeded":
		v.State, v.ExitCode, v.Cause = xcom.Failed, xcom.ExitDeadline, podDeadline(pod)
		return v
	case end.Reason == "ContainerStatusUnknown":
		// The kubelet made this code up: it lost the container.
		return lost(endUnknown(end))
	case end.Reason == "StartError" || end.Reason == "ContainerCannotRun":
		v.State, v.ExitCode, v.Cause = xcom.Failed, xcom.ExitNotStarted, startError(end)
		return v
	default:
		v.State, v.ExitCode, v.Cause = xcom.Failed, xcom.ForDriver(code), driverFailed(end)
		v.Unexplained = v.Cause.Category == xcom.CategoryApplication
		return v.Explained(saidByPod(pod, end))
	}
}

// judgeFailedPod judges a pod that failed without an end of the driver's container.
func judgeFailedPod(pod *corev1.Pod) Verdict {
	if taken, ok := takenAway(pod, time.Time{}); ok {
		return lost(taken)
	}
	if pod.Status.Reason == "DeadlineExceeded" {
		return Verdict{State: xcom.Failed, Final: true, ExitCode: xcom.ExitDeadline, Cause: podDeadline(pod)}
	}
	return Verdict{State: xcom.Failed, Final: true, ExitCode: xcom.ExitNotStarted, Cause: neverStarted(pod)}
}

// judgeDeadline judges a driver that has been pending or running for longer than it may.
func judgeDeadline(o Observation, c Criteria) (Verdict, bool) {
	at, cause, ok := deadline(o.Pod, c)
	if !ok || o.Now.Before(at) {
		return Verdict{}, false
	}
	return Verdict{State: xcom.Failed, Final: true, ExitCode: xcom.ExitDeadline, Cause: cause}, true
}

// judgeAlive says what a driver that has not ended is doing.
func judgeAlive(pod *corev1.Pod, container string) Verdict {
	status := driver.Status(pod, container)
	if status != nil && status.State.Running != nil {
		return Verdict{State: xcom.Running}
	}
	return Verdict{State: xcom.Pending, Cause: pendingCause(pod, status)}
}

// lost is the final verdict about a driver that was taken away.
func lost(cause xcom.Cause) Verdict {
	return Verdict{State: xcom.Lost, Final: true, ExitCode: xcom.ExitLost, Cause: &cause}
}

// deadline says when the phase that the driver is in has lasted too long, and the cause it then
// has; ok is false when no deadline runs.
func deadline(pod *corev1.Pod, c Criteria) (at time.Time, cause *xcom.Cause, ok bool) {
	status := driver.Status(pod, driver.Container(pod, c.Container))
	if status != nil && status.State.Running != nil {
		if c.RunningTimeout == 0 {
			return time.Time{}, nil, false
		}
		return status.State.Running.StartedAt.Add(c.RunningTimeout), runningTooLong(c.RunningTimeout), true
	}
	if c.PendingTimeout == 0 {
		return time.Time{}, nil, false
	}
	return pod.CreationTimestamp.Add(c.PendingTimeout), pendingTooLong(pod, status, c.PendingTimeout), true
}
