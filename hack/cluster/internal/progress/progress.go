// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package progress tells a person what is being done, since when, and, when a
// part fails, which one and what its log said last.
//
// A [Reporter] writes one line when a part begins, one when it ends, and, while
// nothing else happens, one that lists what is still being done.
package progress

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// Quiet is how long a reporter is silent at most while parts are being done.
const Quiet = 15 * time.Second

// Reporter writes progress lines. It may be used by several goroutines.
type Reporter struct {
	mu      sync.Mutex
	out     io.Writer
	now     func() time.Time
	start   time.Time
	last    time.Time
	running map[string]time.Time
}

// New returns a reporter that writes to out and reads the time from now.
func New(out io.Writer, now func() time.Time) *Reporter {
	return &Reporter{out: out, now: now, start: now(), last: now(), running: map[string]time.Time{}}
}

// Error is the failure of one part.
type Error struct {
	Part string
	// Log is the part's log file, or empty.
	Log string
	// Tail holds the last lines of the log.
	Tail []string
	Err  error
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s: %v", e.Part, e.Err)
	if len(e.Tail) > 0 {
		text += fmt.Sprintf("\nlast lines of %s:\n    %s", e.Log, strings.Join(e.Tail, "\n    "))
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// Do runs work as the named part. What fails carries the part's name and the
// last lines of log, a file that may be empty or missing.
func (r *Reporter) Do(ctx context.Context, part, log string, work func(context.Context) error) error {
	began := r.begin(part)
	err := work(ctx)
	r.end(part, began, err)
	if err == nil {
		return nil
	}
	if inner, ok := errors.AsType[*Error](err); ok {
		return inner
	}
	return &Error{Part: part, Log: log, Tail: Tail(log, 15), Err: err}
}

// Say writes one line of its own.
func (r *Reporter) Say(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.line(fmt.Sprintf(format, args...))
}

func (r *Reporter) begin(part string) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	r.running[part] = now
	r.line(part + " ...")
	return now
}

func (r *Reporter) end(part string, began time.Time, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.running, part)
	took := short(r.now().Sub(began))
	switch {
	case errors.Is(err, context.Canceled):
		r.line(fmt.Sprintf("%s: stopped after %s", part, took))
		return
	case err != nil:
		r.line(fmt.Sprintf("%s: failed after %s", part, took))
		return
	}
	r.line(fmt.Sprintf("%s: done in %s", part, took))
}

func (r *Reporter) line(text string) {
	r.last = r.now()
	_, _ = fmt.Fprintf(r.out, "[%6s] %s\n", short(r.last.Sub(r.start)), text)
}

// Remind writes a line about what is still being done if nothing was written
// for as long as [Quiet].
func (r *Reporter) Remind() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.running) == 0 || r.now().Sub(r.last) < Quiet {
		return
	}
	parts := make([]string, 0, len(r.running))
	for part, began := range r.running {
		parts = append(parts, fmt.Sprintf("%s (for %s)", part, short(r.now().Sub(began))))
	}
	slices.Sort(parts)
	r.line("still at it: " + strings.Join(parts, ", "))
}

// Keep calls [Reporter.Remind] until ctx ends.
func (r *Reporter) Keep(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			r.Remind()
		}
	}
}

func short(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	d = d.Round(time.Second)
	return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
}

// Tail returns the last lines of a file, none if it cannot be read.
func Tail(file string, lines int) []string {
	if file == "" {
		return nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	all := strings.Split(strings.TrimRight(string(data), "\n"), "\n")
	if len(all) == 1 && all[0] == "" {
		return nil
	}
	return all[max(0, len(all)-lines):]
}
