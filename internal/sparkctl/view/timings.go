// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package view

import (
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/sparkctl/sparkctl/sensor"
)

// Timings are the lengths of an application's phases, in seconds, see [sensor.Phases]. Kubernetes keeps whole seconds: 0 is less than
// one. A phase that has not ended, or that nothing tells of, is absent.
type Timings struct {
	// From the launcher's start to the moment at which the driver may be scheduled. Only a driver that sparkctl or submitter made names its launcher; a spark-submit leaves no trace of its start.
	Submit *float64 `json:"submit,omitempty"`
	// How long others' scheduling gates, such as Kueue's, held the driver back; known as long as Kueue's event is kept, an hour by default.
	Queue *float64 `json:"queue,omitempty"`
	// From there to the placement of the driver pod on a node.
	Schedule *float64 `json:"schedule,omitempty"`
	// Whether `schedule` holds a wait in a queue of Kueue, YuniKorn or Volcano, which nothing dates.
	QueueInSchedule bool `json:"queue_in_schedule,omitempty"`
	// For how long of `schedule` no node would do; known as long as the scheduler's event is kept.
	Unplaced *float64 `json:"unplaced,omitempty"`
	// What the kubelet says the pulling of images took, 0 where they were there; a part of `start`, known as long as its event is kept.
	Pull *float64 `json:"pull,omitempty"`
	// From the placement to the start of the driver's container.
	Start *float64 `json:"start,omitempty"`
	// From the start of the driver's container to its end.
	Run *float64 `json:"run,omitempty"`
	// The phase that goes on.
	Current *CurrentPhase `json:"current,omitempty"`
}

// CurrentPhase is a phase that has not ended.
type CurrentPhase struct {
	// One of submit, queue, schedule, pull, start and run.
	Phase sensor.Phase `json:"phase"`
	// When it began, RFC 3339.
	Since string `json:"since"`
	// How long that is ago.
	Seconds float64 `json:"seconds"`
	// The scheduling gates that hold the driver back.
	Gates []string `json:"gates,omitempty"`
}

// timingsOf are the timings that phases are at now.
func timingsOf(p sensor.Phases, now time.Time) Timings {
	t := Timings{
		Submit: seconds(p.Submit), Queue: seconds(p.Queue), Schedule: seconds(p.Schedule), QueueInSchedule: p.Queued && p.Schedule != nil,
		Unplaced: seconds(p.Unplaced), Pull: seconds(p.Pull), Start: seconds(p.Start), Run: seconds(p.Run),
	}
	if p.Now != "" {
		t.QueueInSchedule = t.QueueInSchedule || p.Queued && p.Now == sensor.PhaseSchedule
		t.Current = &CurrentPhase{Phase: p.Now, Since: rfc3339(p.Since), Seconds: max(0, now.Sub(p.Since)).Truncate(time.Second).Seconds(), Gates: p.Gates}
	}
	return t
}

func seconds(d *time.Duration) *float64 {
	if d == nil {
		return nil
	}
	length := d.Truncate(time.Millisecond).Seconds()
	return &length
}

// text tells the phases that are known, in their order, with the one that goes on at now; one that is hidden is left out.
func (t Timings) text(now time.Time, hidden sensor.Phase) string {
	var said []string
	for _, phase := range []struct {
		phase   sensor.Phase
		words   string
		seconds *float64
		then    string
	}{
		{sensor.PhaseSubmit, "", t.Submit, ""},
		{sensor.PhaseQueue, "", t.Queue, ""},
		{sensor.PhaseSchedule, t.scheduleWords(), t.Schedule, t.unplacedWords()},
		{sensor.PhasePull, "", t.Pull, ""},
		{sensor.PhaseStart, t.startWords(), t.Start, ""},
		{sensor.PhaseRun, "", t.Run, ""},
	} {
		words := phase.words
		if words == "" {
			words = string(phase.phase)
		}
		switch {
		case t.Current != nil && t.Current.Phase == phase.phase && phase.phase != hidden:
			said = append(said, words+" "+t.Current.text(now))
		case phase.seconds != nil && phase.phase == sensor.PhasePull && *phase.seconds == 0:
			said = append(said, "no pull")
		case phase.seconds != nil:
			said = append(said, words+" "+length(*phase.seconds)+phase.then)
		}
	}
	return strings.Join(said, "; ")
}

// text is how long a phase has been going on, and what for where that is known.
func (c CurrentPhase) text(now time.Time) string {
	said := since(parseTime(c.Since), now) + " so far"
	switch len(c.Gates) {
	case 0:
	case 1:
		said += ", gate " + c.Gates[0]
	default:
		said += ", gates " + strings.Join(c.Gates, ", ")
	}
	return said
}

func (t Timings) scheduleWords() string {
	if t.QueueInSchedule {
		return "schedule, queue included"
	}
	return ""
}

func (t Timings) unplacedWords() string {
	if t.Unplaced == nil || *t.Unplaced < 1 {
		return ""
	}
	return " (no node would do for " + length(*t.Unplaced) + ")"
}

func (t Timings) startWords() string {
	if t.Pull != nil && *t.Pull == 0 {
		return ""
	}
	return "start, pull included"
}

// length is a number of seconds as people write it.
func length(seconds float64) string {
	d := time.Duration(seconds * float64(time.Second))
	switch {
	case d < time.Millisecond:
		return "<1s"
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	}
	return duration.HumanDuration(d)
}
