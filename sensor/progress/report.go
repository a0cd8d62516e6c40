// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package progress says how far a Spark application is: what its executors do, from
// their pods, and what its jobs, stages and tasks do, from the REST API of the driver's web UI.
//
// Reading answers and saying sentences is pure: [Jobs], [CountExecutors], [Refusal], [Line].
// [Reader] asks: two small calls a time, more only where something is wrong. Whatever
// cannot be read is left out of a [Report]; nothing here decides how an application ends.
package progress

import (
	"fmt"
	"strings"
)

// Report is how far an application is. A part that could not be read is nil.
type Report struct {
	Executors *Executors
	Work      *Work
	// Refused is what the API server said when it last refused the driver an executor; empty when it does not.
	Refused string
	// UIGone: the driver's web UI has answered before and does not any more, as when the SparkContext has stopped.
	UIGone bool
}

// Executors counts executor pods.
type Executors struct {
	Running, Pending, Failed int
	// More: there are more than were counted.
	More bool
	// Waiting names one of the pending, the one with most to tell.
	Waiting string
	// Why is what the pending wait for; empty when nothing but time.
	Why string
}

// Work counts what the running jobs do, as the job page of Spark's UI counts: a skipped stage and its tasks are not counted.
type Work struct {
	// Jobs.Active run. Jobs.Done have ended, the failed among them: Spark numbers jobs from 0 on.
	Jobs struct{ Active, Done, Failed int }
	// Newest is the highest number of a running job, -1 when none runs.
	Newest int
	// Stages and Tasks are those of the running jobs.
	Stages struct{ Active, Done, Total int }
	Tasks  struct{ Active, Done, Failed, Total int }
}

// String says a report in words; empty when nothing is known.
func (r *Report) String() string {
	if r == nil {
		return ""
	}
	var said []string
	if text := r.executors(); text != "" {
		said = append(said, text)
	}
	if r.Work != nil {
		said = append(said, r.Work.String())
	}
	if r.UIGone {
		said = append(said, "the driver's web UI does not answer any more")
	}
	return strings.Join(said, "; ")
}

// NoExecutors says why no executor runs; empty when one does, or when they could not be counted.
func (r *Report) NoExecutors() string {
	if r == nil || r.Executors == nil || r.Executors.Running > 0 {
		return ""
	}
	return r.executors()
}

func (r *Report) executors() string {
	e := r.Executors
	if e == nil {
		if r.Refused != "" {
			return "executors are refused (" + r.Refused + ")"
		}
		return ""
	}
	text := "no executor runs"
	if e.Running > 0 {
		text = Count(e.Running, "executor") + verb(e.Running, " run")
	}
	if e.More {
		text = "at least " + text
	}
	if e.Pending > 0 {
		text += fmt.Sprintf(", %d%s", e.Pending, verb(e.Pending, " wait"))
		if e.Why != "" {
			text += " (" + e.Why + ")"
		}
	}
	if e.Failed > 0 {
		text += fmt.Sprintf(", %d failed", e.Failed)
	}
	if r.Refused != "" {
		text += ", more are refused (" + r.Refused + ")"
	}
	return strings.Replace(text, "no executor runs, more are", "no executor runs: they are", 1)
}

// Summary says which jobs run and how many have ended.
func (w Work) Summary() string {
	var text string
	switch w.Jobs.Active {
	case 0:
		text = "no job runs"
	case 1:
		text = fmt.Sprintf("job %d runs", w.Newest)
	default:
		text = fmt.Sprintf("%d jobs run", w.Jobs.Active)
	}
	var ended []string
	if done := w.Jobs.Done - w.Jobs.Failed; done > 0 {
		ended = append(ended, fmt.Sprintf("%d done", done))
	}
	if w.Jobs.Failed > 0 {
		ended = append(ended, fmt.Sprintf("%d failed", w.Jobs.Failed))
	}
	if len(ended) > 0 {
		text += " (" + strings.Join(ended, ", ") + ")"
	}
	return text
}

// String says what the jobs do.
func (w Work) String() string {
	text := w.Summary()
	if w.Jobs.Active == 0 {
		return text
	}
	text += fmt.Sprintf(", %d of %s, %d of %s", w.Stages.Done, Count(w.Stages.Total, "stage"), w.Tasks.Done, Count(w.Tasks.Total, "task"))
	var now []string
	if w.Tasks.Active > 0 {
		now = append(now, fmt.Sprintf("%d%s", w.Tasks.Active, verb(w.Tasks.Active, " run")))
	}
	if w.Tasks.Failed > 0 {
		now = append(now, fmt.Sprintf("%d failed", w.Tasks.Failed))
	}
	if len(now) > 0 {
		text += " (" + strings.Join(now, ", ") + ")"
	}
	return text
}

// Count is a number with its noun: "1 stage", "2 stages".
func Count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func verb(n int, verb string) string {
	if n == 1 {
		return verb + "s"
	}
	return verb
}
