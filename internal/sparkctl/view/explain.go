// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package view

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/exception"
	"github.com/sparkctl/sparkctl/internal/secret"
	"github.com/sparkctl/sparkctl/xcom"
)

// Masked are lines of a log with what looks like a secret masked.
func Masked(lines []string) []string {
	masked := make([]string, len(lines))
	for i, line := range lines {
		masked[i] = secret.Mask(line)
	}
	return masked
}

// Telling picks the n lines of a driver's log that say most about its end: the last ones, but where it has ended not what Spark logs
// at level INFO or below while it cleans up. left is how many lines those are; a log of nothing else is left whole.
func Telling(lines []string, n int, ended bool) (telling []string, left int) {
	end := len(lines)
	if ended {
		for end > 0 && slices.Contains([]string{"INFO", "DEBUG", "TRACE"}, exception.Level(lines[end-1])) {
			end--
		}
	}
	if end == 0 {
		end = len(lines)
	}
	return lines[max(0, end-n):end], len(lines) - end
}

// Starved takes over why no executor runs, unless one does. The driver goes on by itself once that is mended.
func (a *Application) Starved(why *xcom.Cause) {
	if a.State != xcom.Running || a.Cause != nil || slices.ContainsFunc(a.Executors, func(e Executor) bool { return e.State == string(corev1.PodRunning) }) {
		return
	}
	a.Cause = advised(why)
}

// WriteExplanation writes why the application stands as it does, and everything that says so.
func (a Application) WriteExplanation(w io.Writer, now time.Time, wide, colours bool) error {
	var text strings.Builder
	text.WriteString(plain(a.inOneSentence(now)) + "\n")
	if a.Cause != nil {
		if a.Cause.Hint != "" {
			text.WriteString("\nWhat to try: " + plain(a.Cause.Hint) + "\n")
		}
		if a.State.Final() || a.Cause.Retryable != nil && !*a.Cause.Retryable {
			text.WriteString("Trying again: " + again(a.Cause.Retryable) + "\n")
		}
		for i, line := range a.Cause.Evidence {
			if i == 0 {
				text.WriteString("\nEvidence:\n")
			}
			text.WriteString("  " + plain(line) + "\n")
		}
	}
	text.WriteByte('\n')
	if _, err := io.WriteString(w, text.String()); err != nil {
		return fmt.Errorf("write explanation: %w", err)
	}
	// The cause has been told.
	rest := a
	rest.Cause = nil
	if err := rest.WriteStatus(w, now, wide, colours); err != nil {
		return err
	}
	if err := a.writeIdle(w); err != nil {
		return err
	}
	return a.writeSeen(w, now)
}

// writeIdle writes why executors do not run, those of one kind together.
func (a Application) writeIdle(w io.Writer) error {
	var t table
	var kinds []Executor
	of := map[Executor][]string{}
	for _, e := range a.Executors {
		if e.State == string(corev1.PodRunning) || e.Message == "" {
			continue
		}
		kind := Executor{State: e.State, Reason: e.Reason, Message: e.Message}
		if of[kind] == nil {
			kinds = append(kinds, kind)
		}
		of[kind] = append(of[kind], strconv.Itoa(e.ID))
	}
	if len(kinds) == 0 {
		return nil
	}
	if _, err := io.WriteString(w, "\nExecutors that do not run:\n"); err != nil {
		return fmt.Errorf("write executors: %w", err)
	}
	for _, kind := range kinds {
		ids := of[kind]
		numbers := strings.Join(ids[:min(len(ids), 5)], ",")
		if more := len(ids) - 5; more > 0 {
			numbers += fmt.Sprintf(" and %d more", more)
		}
		t.add(cell{text: "  " + numbers}, cell{text: kind.State}, or(kind.Reason), or(kind.Message))
	}
	return t.write(w, false)
}

// writeSeen writes the events and the end of the log.
func (a Application) writeSeen(w io.Writer, now time.Time) error {
	if len(a.Events) > 0 {
		var t table
		if _, err := io.WriteString(w, "\nEvents:\n"); err != nil {
			return fmt.Errorf("write events: %w", err)
		}
		for _, e := range a.Events {
			t.add(cell{text: "  " + since(parseTime(e.Last), now) + " ago"}, cell{text: fmt.Sprintf("%dx", e.Count)}, or(e.Type), or(e.Reason), or(e.Message))
		}
		if err := t.write(w, false); err != nil {
			return err
		}
	}
	if len(a.Log) == 0 {
		return nil
	}
	var text strings.Builder
	behind := ""
	if a.LogLeft > 0 {
		behind = fmt.Sprintf(", but for the %d of routine behind them", a.LogLeft)
	}
	fmt.Fprintf(&text, "\nLast %d lines of the driver's log%s:\n", len(a.Log), behind)
	for _, line := range a.Log {
		text.WriteString("  " + plain(strings.ReplaceAll(line, "\t", "    ")) + "\n")
	}
	if _, err := io.WriteString(w, text.String()); err != nil {
		return fmt.Errorf("write log: %w", err)
	}
	return nil
}

// inOneSentence is the state and its cause.
func (a Application) inOneSentence(now time.Time) string {
	switch {
	case a.Cause != nil:
		return string(a.State) + ": " + a.Cause.Message
	case a.State == xcom.Running && len(a.Executors) == 0:
		return "Running: for " + cmp.Or(a.duration(now), "a moment") + ", without an executor"
	case a.State == xcom.Running:
		return "Running: for " + cmp.Or(a.duration(now), "a moment") + "; executors: " + tellExecutors(a.Executors)
	case a.State == xcom.Pending:
		return "Pending: the driver has not started, and its pod does not say why"
	default:
		return string(a.State)
	}
}

// again says whether trying again may help.
func again(retryable *bool) string {
	switch {
	case retryable == nil:
		return "may or may not end differently"
	case *retryable:
		return "may end differently"
	default:
		return "would end the same"
	}
}
