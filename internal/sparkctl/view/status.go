// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package view

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sparkctl/sparkctl/sensor"
)

// WriteStatus writes everything about one application, a line for each kind of thing, then its executors.
func (a Application) WriteStatus(w io.Writer, now time.Time, wide, colours bool) error {
	var t table
	line := func(name, text string) {
		if text != "" {
			t.add(cell{text: name + ":"}, cell{text: text})
		}
	}
	line("Name", a.FullName())
	state := stateCell(a)
	if a.ExitCode != nil {
		state.text += fmt.Sprintf(" (exit code %d)", *a.ExitCode)
	}
	t.add(cell{text: "State:"}, state)
	if a.Cause != nil {
		line("Cause", string(a.Cause.Category)+"/"+a.Cause.Reason+": "+a.Cause.Message)
		line("Hint", a.Cause.Hint)
	}
	line("Application", a.spark())
	line("Run key", a.run())
	line("Attempts", a.attempts(now))
	line("Submitted by", a.maker())
	line("Created", dated(a.Created, now))
	line("Started", dated(a.Started, now))
	line("Finished", dated(a.Finished, now))
	line("Timings", a.Timings.text(now, ""))
	line("Queue", a.Queue)
	line("Node", a.Node)
	line("Image", a.Image)
	if wide {
		line("Account", a.ServiceAccount)
		line("UID", a.UID)
	}
	line("Web UI", a.UIURL)
	line("Executors", cmp.Or(tellExecutors(a.Executors), "none"))
	if err := t.write(w, colours); err != nil {
		return err
	}
	return a.writeExecutors(w, now, wide, colours)
}

// writeExecutors writes a line for each executor.
func (a Application) writeExecutors(w io.Writer, now time.Time, wide, colours bool) error {
	if len(a.Executors) == 0 {
		return nil
	}
	var t table
	head := []string{"  EXECUTOR", "STATE", "REASON", "AGE"}
	if wide {
		head = append(head, "POD", "NODE")
	}
	t.head(head...)
	for _, e := range a.Executors {
		row := []cell{{text: fmt.Sprintf("  %d", e.ID)}, or(e.State), or(e.why()), or(since(parseTime(e.Created), now))}
		if wide {
			row = append(row, or(e.Name), or(e.Node))
		}
		t.add(row...)
	}
	return t.write(w, colours)
}

// spark is what Spark calls the application.
func (a Application) spark() string {
	var said []string
	if a.ApplicationID != "" {
		said = append(said, a.ApplicationID)
	}
	if a.ApplicationName != "" {
		said = append(said, a.ApplicationName)
	}
	if a.SparkVersion != "" {
		said = append(said, "Spark "+a.SparkVersion)
	}
	return strings.Join(said, ", ")
}

// run is the run key and which run of it.
func (a Application) run() string {
	if a.RunKey == "" {
		return ""
	}
	said := a.RunKey
	if a.Generation != "" {
		said += ", generation " + a.Generation
	}
	if a.Attempt > 0 {
		said += fmt.Sprintf(", attempt %d", a.Attempt)
	}
	return said
}

// attempts are those at the same run; nothing where this is the only one.
func (a Application) attempts(now time.Time) string {
	if len(a.Attempts) < 2 {
		return ""
	}
	var said []string
	for _, other := range a.Attempts {
		text := fmt.Sprintf("%d %s", other.Attempt, other.State)
		if other.ExitCode != nil && *other.ExitCode != 0 {
			text += fmt.Sprintf("(%d)", *other.ExitCode)
		}
		switch t := other.Timings; {
		case t.Run != nil:
			text += " after " + length(*t.Run)
		case t.Current != nil && t.Current.Phase == sensor.PhaseRun:
			text += " for " + since(parseTime(t.Current.Since), now)
		}
		said = append(said, text)
	}
	return strings.Join(said, ", ")
}

// maker is who submitted.
func (a Application) maker() string {
	if a.Resource != "" {
		return a.SubmittedBy + " operator, for SparkApplication " + a.Resource
	}
	return a.SubmittedBy
}

// dated is a moment and how long ago it was.
func dated(text string, now time.Time) string {
	if text == "" {
		return ""
	}
	return text + " (" + since(parseTime(text), now) + " ago)"
}
