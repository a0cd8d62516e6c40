// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package view

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/secret"
)

// Event is what Kubernetes told of a pod, or of a claim for a volume.
type Event struct {
	// When it happened last, RFC 3339.
	Last string `json:"last"`
	// How often it happened.
	Count int `json:"count"`
	// Normal or Warning.
	Type string `json:"type"`
	// Kubernetes' word for what happened.
	Reason string `json:"reason"`
	// What happened; secrets are masked.
	Message string `json:"message"`
	// When it happened first, RFC 3339. Only `events` tells it, as all that follows.
	First string `json:"first,omitempty"`
	// What it is about within its application: driver, exec-3, or pvc/NAME.
	Object string `json:"object,omitempty"`
	// Kubernetes' kind of that.
	Kind string `json:"kind,omitempty"`
	// Its name in Kubernetes.
	Name string `json:"name,omitempty"`
	// Who told it.
	From string `json:"from,omitempty"`
	// The event's own name.
	Event string `json:"event,omitempty"`
	// The namespace that it is in.
	Namespace string `json:"namespace,omitempty"`
}

// EventsOf are the events about a driver pod in the order in which they happened, secrets masked.
func EventsOf(events []corev1.Event) []Event {
	var told []Event
	events = slices.Clone(events)
	SortEvents(events)
	for i := range events {
		e := eventOf(&events[i])
		told = append(told, Event{Last: e.Last, Count: e.Count, Type: e.Type, Reason: e.Reason, Message: e.Message})
	}
	return told
}

// eventOf is an event with its secrets masked.
func eventOf(e *corev1.Event) Event {
	told := Event{
		Count: max(1, int(e.Count)), Type: e.Type, Reason: e.Reason, Message: secret.Mask(strings.Join(strings.Fields(e.Message), " ")),
		Kind: e.InvolvedObject.Kind, Name: e.InvolvedObject.Name, From: cmp.Or(e.Source.Component, e.ReportingController),
		Event: e.Name, Namespace: e.Namespace,
	}
	// Which field dates an event depends on who wrote it.
	last := e.LastTimestamp.Time
	if e.Series != nil {
		last, told.Count = e.Series.LastObservedTime.Time, int(e.Series.Count)
	}
	told.Last = earliestSet(last, e.EventTime.Time, e.CreationTimestamp.Time)
	told.First = earliestSet(e.FirstTimestamp.Time, e.EventTime.Time, e.CreationTimestamp.Time)
	return told
}

// earliestSet is the first of some times that is one, RFC 3339.
func earliestSet(times ...time.Time) string {
	for _, at := range times {
		if !at.IsZero() {
			return rfc3339(at)
		}
	}
	return ""
}

// Events are what Kubernetes told of an application.
type Events struct {
	Items []Event `json:"items"`
}

// SortEvents puts events in the order in which they happened last, those of one second in that in which they happened first.
func SortEvents(events []corev1.Event) {
	slices.SortStableFunc(events, func(x, y corev1.Event) int {
		a, b := eventOf(&x), eventOf(&y)
		return cmp.Or(strings.Compare(a.Last, b.Last), strings.Compare(a.First, b.First), cmp.Compare(len(x.ResourceVersion), len(y.ResourceVersion)),
			strings.Compare(x.ResourceVersion, y.ResourceVersion))
	})
}

// Names are those of the events as kubectl takes them.
func (l Events) Names() []string {
	names := make([]string, len(l.Items))
	for i, e := range l.Items {
		names[i] = e.FullName()
	}
	return names
}

// FullName names the event itself.
func (e Event) FullName() string { return e.Namespace + "/" + e.Event }

// WriteTable writes a line for each event.
func (l Events) WriteTable(w io.Writer, now time.Time, wide, colours bool) error {
	var t table
	if wide {
		t.head("LAST", "FIRST", "COUNT", "TYPE", "OBJECT", "NAME", "FROM", "REASON", "MESSAGE")
	} else {
		t.head("LAST", "COUNT", "TYPE", "OBJECT", "REASON", "MESSAGE")
	}
	for _, e := range l.Items {
		kind := or(e.Type)
		if e.Type != corev1.EventTypeNormal {
			kind.colour = "33"
		}
		last, count, about, reason, message := or(since(parseTime(e.Last), now)), cell{text: fmt.Sprint(e.Count)}, or(e.Object), or(e.Reason), or(e.Message)
		if wide {
			t.add(last, or(since(parseTime(e.First), now)), count, kind, about, or(e.Name), or(e.From), reason, message)
		} else {
			t.add(last, count, kind, about, reason, message)
		}
	}
	return t.write(w, colours)
}

// WriteLine writes an event as it comes: with its own time in place of an age, which would be wrong in a moment.
func (e Event) WriteLine(w io.Writer, wide, colours bool) error {
	var t table
	kind := cell{text: fmt.Sprintf("%-7s", cmp.Or(e.Type, "-"))}
	if e.Type != corev1.EventTypeNormal {
		kind.colour = "33"
	}
	row := []cell{or(e.Last), {text: fmt.Sprintf("%dx", e.Count)}, kind, {text: fmt.Sprintf("%-7s", e.Object)}}
	if wide {
		row = append(row, or(e.Name), or(e.From))
	}
	t.add(append(row, or(e.Reason), or(e.Message))...)
	return t.write(w, colours)
}
