// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/xcom"
)

// How long after a terminating pod's grace a node may take to report its end. With a sign that
// the node is in trouble, it need not be waited for longer than a kubelet is busy.
const (
	silentNode   = 5 * time.Minute
	troubledNode = 30 * time.Second
)

// deadline says until when the driver may stay as it is, and the verdict it then gets; ok is
// false when it may stay so for ever. It is what [Judge] ends a driver by that has not
// ended itself, and what the loop sets its clock by.
func deadline(o Observation, c Criteria) (at time.Time, v Verdict, ok bool) {
	container := driver.Container(o.Pod, c.Container)
	var limits limits
	if o.Pod.DeletionTimestamp != nil {
		patience, reason := silentNode, "NodeLost"
		if why, found := nodeTrouble(o); found {
			patience, reason = troubledNode, why
		}
		limits.add(o.Pod.DeletionTimestamp.Add(patience), func() Verdict { return lost(nodeSilent(o.Pod, reason)) })
	}
	if running := driver.Running(o.Pod, container); running != nil {
		limits.within(running.StartedAt.Time, c.RunningTimeout, func() Verdict { return overdue(runningTooLong(c.RunningTimeout)) })
		return limits.at, limits.first(), limits.at != time.Time{}
	}
	ob := findObstacle(o, container)
	if ob == nil {
		limits.within(pendingSince(o, c.PendingTimeout), c.PendingTimeout, func() Verdict { return overdue(pendingTooLong(o.Pod, c.PendingTimeout)) })
		return limits.at, limits.first(), limits.at != time.Time{}
	}
	since := o.History.since(ob, o.Now)
	switch ob.patience {
	case none:
		limits.add(since, func() Verdict { return notStarted(ob.cause, 0) })
	case untilQueued:
		limits.within(since, c.QueueTimeout, func() Verdict { return notStarted(ob.cause, c.QueueTimeout) })
	case untilStuck:
		limits.within(since, c.StuckTimeout, func() Verdict { return notStarted(ob.cause, c.StuckTimeout) })
	}
	if ob.patience != untilQueued {
		limits.within(pendingSince(o, c.PendingTimeout), c.PendingTimeout, func() Verdict { return notStarted(ob.cause, c.PendingTimeout) })
	}
	return limits.at, limits.first(), limits.at != time.Time{}
}

// limits finds the earliest of several.
type limits struct {
	at      time.Time
	verdict func() Verdict
}

func (l *limits) add(at time.Time, verdict func() Verdict) {
	if l.at.IsZero() || at.Before(l.at) {
		l.at, l.verdict = at, verdict
	}
}

// within adds the limit that begins at since, unless it is 0, which stands for none.
func (l *limits) within(since time.Time, limit time.Duration, verdict func() Verdict) {
	if limit > 0 {
		l.add(since.Add(limit), verdict)
	}
}

func (l *limits) first() Verdict {
	if l.verdict == nil {
		return Verdict{}
	}
	return l.verdict()
}

// overdue is the verdict about a driver that a deadline has passed for.
func overdue(cause xcom.Cause) Verdict {
	v := final(xcom.Failed, nil, &cause)
	v.Unexplained = cause.Reason == runningTimeout
	return v
}

// notStarted is the verdict about a driver that was not waited for any longer, with the cause it waited for.
func notStarted(cause xcom.Cause, limit time.Duration) Verdict {
	before := "the driver cannot start: "
	if limit > 0 {
		before = fmt.Sprintf("the driver did not start within %s: ", span(limit))
	}
	if cause.Reason == "SubmissionInProgress" {
		cause.Reason, cause.Retryable = "SubmissionAbandoned", yes()
		cause.Hint = "submit it again: the next launcher of the run removes it"
	}
	cause.Message = before + cause.Message
	return final(xcom.Failed, nil, &cause)
}

const runningTimeout = "RunningTimeout"

func runningTooLong(limit time.Duration) xcom.Cause {
	return xcom.Cause{
		Category: xcom.CategoryDeadline, Reason: runningTimeout,
		Message: fmt.Sprintf("the driver ran for longer than %s, and still runs", span(limit)),
		Hint:    "raise --running-timeout, or end the driver: delete its pod",
	}
}

func pendingTooLong(pod *corev1.Pod, limit time.Duration) xcom.Cause {
	cause := xcom.Cause{
		Category: xcom.CategoryDeadline, Reason: "PendingTimeout",
		Message: fmt.Sprintf("the driver did not start within %s, and its pod does not say why", span(limit)),
		Hint:    describeHint(pod),
	}
	if init := runningInit(pod); init != "" {
		cause.Message = fmt.Sprintf("the driver did not start within %s: init container %s still runs", span(limit), init)
		cause.Hint = "read its log: " + logCommand(pod, init)
	}
	return cause
}

// runningInit is the name of the init container that the driver waits for, if one runs. A sidecar, which is an init
// container that is restarted always, keeps nobody waiting for its end.
func runningInit(pod *corev1.Pod) string {
	sidecars := map[string]bool{}
	for _, init := range pod.Spec.InitContainers {
		sidecars[init.Name] = init.RestartPolicy != nil && *init.RestartPolicy == corev1.ContainerRestartPolicyAlways
	}
	for _, init := range pod.Status.InitContainerStatuses {
		if init.State.Running != nil && !sidecars[init.Name] {
			return init.Name
		}
	}
	return ""
}
