// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"strings"
	"sync"
	"testing"
	"time"
)

// A fault happens while a sensor follows a driver; whatever it is, the verdict is
// the one without it, and no line of the driver's log is lost or doubled.
type fault struct {
	name string
	run  func(t *testing.T, f *faults)
}

// The short run: the faults that the verdict depends on most. Each has a test of its own in the full run.
func TestFaultsWhileFollowing(t *testing.T) {
	t.Parallel()
	if full() {
		t.Skip("each of these, and more, is a test of its own in the full run")
	}
	f := newFaults(t)
	heal := endInSilence(t, f)
	for _, one := range []fault{
		// First, since after the API server was away it takes the cluster a minute to run new pods.
		{"the connection breaks, and", func(t *testing.T, f *faults) {
			together(t, f,
				fault{"the pod is removed while it cannot be seen", removedDuringOutage},
				fault{"another pod gets the name while it cannot be seen", replacedDuringOutage})
		}},
		{"the API server is killed 5 times, and is down when the driver ends", func(t *testing.T, f *faults) {
			apiServerKilledAndDown(t, f, 5)
		}},
		{"nothing answered when the driver ended", heal},
	} {
		timed(t, f, one)
	}
}

// together runs faults that do not get into each other's way side by side: they wait more than they work, so
// that none needs a place among the parallel tests.
func together(t *testing.T, f *faults, all ...fault) {
	t.Helper()
	var done sync.WaitGroup
	for _, one := range all {
		done.Go(func() { timed(t, f, one) })
	}
	done.Wait()
}

// timed runs a fault as a subtest and tells how long it took.
func timed(t *testing.T, f *faults, one fault) {
	t.Helper()
	start := time.Now()
	t.Run(one.name, func(t *testing.T) { one.run(t, f) })
	t.Logf("%s: %s", one.name, time.Since(start).Round(100*time.Millisecond))
}

// inFull runs one fault on a cluster of its own in the full run.
func inFull(t *testing.T, run func(t *testing.T, f *faults)) {
	t.Helper()
	needsFull(t)
	run(t, newFaults(t))
}

func TestFaultAPIServerKilled(t *testing.T) {
	inFull(t, func(t *testing.T, f *faults) { apiServerKilled(t, f, 20) })
}

func TestFaultAPIServerDownAtTheEnd(t *testing.T) { inFull(t, apiServerDownAtTheEnd) }
func TestFaultRemovedDuringOutage(t *testing.T)   { inFull(t, removedDuringOutage) }
func TestFaultReplacedDuringOutage(t *testing.T)  { inFull(t, replacedDuringOutage) }

// want is what is to be said of an end.
type want struct {
	summary  string
	category string // of the cause, empty when there is none to be
	reason   string
	message  string // what the cause's message holds
}

// check compares what was said of an end with what happened, and tells how late it came.
func (w want) check(t *testing.T, end ended, since time.Time) {
	t.Helper()
	t.Logf("%s, %s after it could be known", end.summary(), time.Since(since).Round(10*time.Millisecond))
	if got := end.summary(); got != w.summary {
		t.Errorf("got  %s\nwant %s\n%s", got, w.summary, end.line)
	}
	cause := end.result.Cause
	if cause == nil {
		if w.category != "" {
			t.Errorf("no cause: %s", end.line)
		}
		return
	}
	t.Logf("%s, %s: %s", cause.Category, cause.Reason, cause.Message)
	if string(cause.Category) != w.category || !strings.Contains(w.reason, cause.Reason) || !strings.Contains(cause.Message, w.message) {
		t.Errorf("the cause is %s, %s: %s\nwant        %s, %s: ...%s...", cause.Category, cause.Reason, cause.Message, w.category, w.reason, w.message)
	}
}

// exited is what is to be said of a driver that ended with a code of its own.
func exited(summary string) want { return want{summary, "application", "Error", "exit"} }
