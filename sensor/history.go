// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/exception"
	"github.com/sparkctl/sparkctl/internal/secret"
)

// History is when what Kubernetes does not date was first seen. The zero value is that of a
// driver nobody has looked at yet.
type History struct {
	// queued: the pod was seen with a foreign scheduling gate.
	queued bool
	// ungated is when it was first seen without, after that.
	ungated time.Time
	// first is when each obstacle was first seen, by its key. Nothing is taken out: words that
	// flip, or an obstacle that comes back, do not buy time.
	first map[string]time.Time
	// asked is when the pod was asked to go, if that was seen before its driver had ended.
	asked time.Time
}

// After is the history with one more observation, made at o.Now.
func (h History) After(o Observation, c Criteria) History {
	if o.Pod == nil {
		return h
	}
	foreign, _ := driver.Gates(o.Pod)
	switch {
	case len(foreign) > 0:
		h.queued = true
	case h.ungated.IsZero() && (h.queued || o.Pod.Labels[driver.LabelQueue] != ""):
		// A gate leaves no trace, so the end of queueing is when we see that it is over; a
		// pod that Kueue let through before we came has waited for an unknown part of its age.
		h.ungated = o.Now
	}
	container := driver.Container(o.Pod, c.Container)
	if h.asked.IsZero() && o.Pod.DeletionTimestamp != nil && driver.Ended(o.Pod, container) == nil {
		h.asked = deletionRequested(o.Pod)
	}
	keys := make([]string, 0, 2)
	if ob := findObstacle(o, container); ob != nil && ob.since.IsZero() {
		keys = append(keys, ob.key)
	}
	if o.Pod.Status.NominatedNodeName != "" {
		keys = append(keys, nominated)
	}
	for _, key := range keys {
		if _, known := h.first[key]; !known {
			h.first = maps.Clone(h.first)
			if h.first == nil {
				h.first = map[string]time.Time{}
			}
			h.first[key] = o.Now
		}
	}
	return h
}

// nominated is the key of the scheduler's promise of a node that it makes room on (status.nominatedNodeName).
const nominated = "nominated"

// since is when ob began, now if that is not known.
func (h History) since(ob *obstacle, now time.Time) time.Time {
	if !ob.since.IsZero() {
		return ob.since
	}
	if at, known := h.first[ob.key]; known {
		return at
	}
	return now
}

// pendingSince is when the time to start began to run: with the pod's creation, or the end of its queueing. It
// begins once more when help is announced within limit: a node that is added, or made free.
func pendingSince(o Observation, limit time.Duration) time.Time {
	since := o.Pod.CreationTimestamp.Time
	if o.History.ungated.After(since) {
		since = o.History.ungated
	}
	help := o.History.first[nominated]
	if event := latest(o.Events, "TriggeredScaleUp", "Nominated"); event != nil && first(event).After(help) {
		help = first(event)
	}
	if help.After(since) && help.Before(since.Add(limit)) {
		return help
	}
	return since
}

// latest is the newest event with one of the reasons, nil if there is none.
func latest(events []corev1.Event, reasons ...string) *corev1.Event {
	var newest *corev1.Event
	for i := range events {
		for _, reason := range reasons {
			if events[i].Reason == reason && (newest == nil || !last(&events[i]).Before(last(newest))) {
				newest = &events[i]
			}
		}
	}
	return newest
}

// mostEvidence is how many events are told: a result has 4 KiB for everything.
const mostEvidence = 2

// evidence tells the newest of the events that say why a driver did not start, or was taken away, beyond
// what said says.
func evidence(events []corev1.Event, said string) []string {
	telling := slices.DeleteFunc(slices.Clone(events), func(e corev1.Event) bool { return e.Type != corev1.EventTypeWarning && e.Reason != "Preempted" })
	slices.SortStableFunc(telling, func(a, b corev1.Event) int { return last(&b).Compare(last(&a)) })
	var told []string
	for _, e := range telling {
		message := exception.Shorten(secret.Mask(e.Message))
		if len(told) == mostEvidence || strings.Contains(said, message) {
			continue
		}
		said += message
		told = append(told, fmt.Sprintf("event %s at %s: %s", e.Reason, last(&e).UTC().Format(time.RFC3339), message))
	}
	return told
}

// first is when an event first happened; which field says so depends on who wrote it.
func first(e *corev1.Event) time.Time {
	switch {
	case !e.FirstTimestamp.IsZero():
		return e.FirstTimestamp.Time
	case !e.EventTime.IsZero():
		return e.EventTime.Time
	default:
		return e.CreationTimestamp.Time
	}
}

// last is when an event last happened.
func last(e *corev1.Event) time.Time {
	switch {
	case e.Series != nil && !e.Series.LastObservedTime.IsZero():
		return e.Series.LastObservedTime.Time
	case !e.LastTimestamp.IsZero():
		return e.LastTimestamp.Time
	default:
		return first(e)
	}
}
