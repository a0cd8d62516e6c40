// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/driver"
)

// Phase is a part of a driver's life.
type Phase string

// The phases of a driver, in their order.
const (
	// PhaseSubmit is the launcher's work, until the driver may be scheduled.
	PhaseSubmit Phase = "submit"
	// PhaseQueue is the wait for those who hold the driver back by a scheduling gate, such as Kueue.
	PhaseQueue Phase = "queue"
	// PhaseSchedule is the scheduler's search for a node.
	PhaseSchedule Phase = "schedule"
	// PhasePull is the pulling of images, a part of the start.
	PhasePull Phase = "pull"
	// PhaseStart is from the placement on a node to the start of the driver's container.
	PhaseStart Phase = "start"
	// PhaseRun is the driver's own.
	PhaseRun Phase = "run"
)

// Phases are the lengths of a driver's phases. One that has not ended, or that nothing tells of, is nil. Kubernetes keeps
// whole seconds, so that 0 is less than one.
type Phases struct {
	// Submit is known of drivers whose pod names its launcher: from the launcher's start to the moment at which it let the driver go,
	// or to the pod's creation where that is not dated.
	Submit *time.Duration
	// Queue is known while a foreign gate is on, and later from Kueue's event.
	Queue *time.Duration
	// Schedule is from the end of the phase before, or the pod's creation, to the pod's placement on a node.
	Schedule *time.Duration
	// Unplaced is for how long of Schedule no node would do, as far as the scheduler's events or the pod tell.
	Unplaced *time.Duration
	// Queued says that Schedule holds a wait in a queue, which nothing dates.
	Queued bool
	// Pull is what the kubelet's events say that the pulling of images took.
	Pull *time.Duration
	// Start is from the placement to the start of the driver's container, pulling included.
	Start *time.Duration
	// Run is from the start of the driver's container to its end.
	Run *time.Duration

	// Now is the phase that goes on since Since; empty once the driver has ended, and where that is not known.
	Now   Phase
	Since time.Time
	// Gates are the scheduling gates that the driver waits for now.
	Gates []string
}

// PhasesOf measures the phases of a driver by what its pod and the events about it date. container is the driver's, see [driver.Container].
func PhasesOf(pod *corev1.Pod, container string, events []corev1.Event) Phases {
	container = driver.Container(pod, container)
	m := measured{pod: pod, events: events, created: pod.CreationTimestamp.Time}
	m.started, m.finished = driver.Life(pod, container)
	if condition := driver.Condition(pod, corev1.PodScheduled); condition != nil && condition.Status == corev1.ConditionTrue {
		m.placed = condition.LastTransitionTime.Time
	}
	m.submitting()
	m.queueing()
	p := Phases{
		Submit: between(m.launched, m.submitted), Schedule: between(m.admitted, m.placed), Unplaced: between(m.unplaced(), m.placed), Queued: m.queued,
		Pull: pulled(events), Start: between(m.placed, m.started), Run: between(m.started, m.finished),
	}
	if m.dated {
		p.Queue = between(m.free, m.admitted)
	}
	if !driver.Over(pod, container) {
		p.Now, p.Since = m.lasting(container)
	}
	if p.Now == PhaseQueue {
		p.Gates, _ = driver.Gates(pod)
	}
	return p
}

// measured is what is dated in a driver's life, in the order of the phases; the zero time is not known, or not yet.
type measured struct {
	pod    *corev1.Pod
	events []corev1.Event

	// launched is when the launcher started, submitted when it let the driver go, to the nanosecond of its clock where it says so.
	launched, submitted time.Time
	// created is when the pod was, free when it was left to others, admitted when they left it to the scheduler.
	created, free, admitted   time.Time
	placed, started, finished time.Time
	// dated: somebody let it through at admitted. queued: it waited for others too, and until when is not known.
	dated, queued bool
}

// submitting dates the submission.
func (m *measured) submitting() {
	if _, ours := driver.Gates(m.pod); ours {
		m.launched = launcherStart(m.pod)
		return
	}
	m.launched, m.submitted, m.free = launcherStart(m.pod).Truncate(time.Second), m.created, m.created
	if at, err := time.Parse(time.RFC3339Nano, m.pod.Annotations[driver.AnnotationSubmitted]); err == nil {
		m.launched, m.submitted = launcherStart(m.pod), at
		if whole := at.Truncate(time.Second); whole.After(m.created) && (m.placed.IsZero() || !whole.After(m.placed)) {
			m.free = whole // else the launcher's clock is not the cluster's
		}
	}
}

// launcherStart is when the launcher that made the pod began; its annotation ends with that.
func launcherStart(pod *corev1.Pod) time.Time {
	launcher := pod.Annotations[driver.AnnotationLauncher]
	start, err := time.Parse(time.RFC3339Nano, launcher[strings.LastIndexByte(launcher, '/')+1:])
	if err != nil {
		return time.Time{}
	}
	return start
}

// queueing dates the end of a wait for others. A gate leaves no trace on the pod, and the condition that tells of it stays as it was
// until the pod is placed: Kueue's own event tells, for as long as it is kept.
func (m *measured) queueing() {
	if gates, _ := driver.Gates(m.pod); len(gates) > 0 || m.free.IsZero() {
		return
	}
	m.admitted = m.free
	if event := admission(m.events); event != nil {
		m.dated = true
		if at := first(event); at.After(m.free) {
			m.admitted = at
		}
		return
	}
	m.queued = m.pod.Labels[driver.LabelQueue] != "" || slices.Contains(queueingSchedulers(), m.pod.Spec.SchedulerName)
}

// admission is Kueue's event about a pod that it lets through, nil if there is none (pkg/controller/jobframework: ReasonStarted). The
// kubelet has the same reason for the start of a container.
func admission(events []corev1.Event) *corev1.Event {
	return latest(slices.DeleteFunc(slices.Clone(events), func(e corev1.Event) bool {
		return !strings.HasPrefix(strings.ToLower(e.Message), "admitted by clusterqueue")
	}), "Started")
}

// queueingSchedulers have queues of their own, and do not say on the pod how long it was in one. These are their usual names.
func queueingSchedulers() []string { return []string{"volcano", "yunikorn"} }

// unplaced is since when the scheduler knew of no node for the pod.
func (m *measured) unplaced() time.Time {
	var since time.Time
	for i := range m.events {
		if at := first(&m.events[i]); m.events[i].Reason == "FailedScheduling" && !at.Before(m.admitted) && (since.IsZero() || at.Before(since)) {
			since = at
		}
	}
	return since
}

// lasting is the phase that goes on, and since when.
func (m *measured) lasting(container string) (Phase, time.Time) {
	gates, ours := driver.Gates(m.pod)
	switch {
	case !m.started.IsZero():
		return PhaseRun, m.started
	case ours && m.launched.IsZero():
		return PhaseSubmit, m.created
	case ours:
		return PhaseSubmit, m.launched
	case len(gates) > 0:
		return PhaseQueue, m.free
	case m.pod.Spec.NodeName == "" && m.placed.IsZero():
		return PhaseSchedule, m.admitted
	case m.placed.IsZero():
		return "", time.Time{}
	}
	status := driver.Status(m.pod, container)
	backsOff := status != nil && status.State.Waiting != nil && strings.Contains(status.State.Waiting.Reason, "Pull")
	if event := latest(m.events, "Pulling", "Pulled"); event != nil && event.Reason == "Pulling" && !backsOff {
		return PhasePull, last(event)
	}
	return PhaseStart, m.placed
}

// pulled adds up what the kubelet says of images: "in 1.5s" of those that it pulled, and that others were there. It is nil
// where it says neither.
func pulled(events []corev1.Event) *time.Duration {
	var sum time.Duration
	said := false
	for _, e := range events {
		if e.Reason != "Pulled" {
			continue
		}
		if strings.Contains(e.Message, "already present") {
			said = true
		}
		_, length, _ := strings.Cut(e.Message, `" in `)
		length, _, _ = strings.Cut(length, " ")
		if took, err := time.ParseDuration(strings.TrimSuffix(length, ".")); err == nil {
			said, sum = true, sum+took
		}
	}
	if !said {
		return nil
	}
	return &sum
}

// between is the time from one moment to another, nil unless both are known and in that order.
func between(from, to time.Time) *time.Duration {
	if from.IsZero() || to.IsZero() || to.Before(from) {
		return nil
	}
	d := to.Sub(from)
	return &d
}
