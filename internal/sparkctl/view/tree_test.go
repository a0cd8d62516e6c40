// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package view_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
	"github.com/sparkctl/sparkctl/sensor/progress"
	"github.com/sparkctl/sparkctl/xcom"
)

// treeTime is the moment of the trees.
func treeTime() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

// ago is a moment before that.
func ago(d time.Duration) string { return treeTime().Add(-d).Format(time.RFC3339) }

// runningApplication has so many executors that run, and one that waits.
func runningApplication(executors int) (view.Application, *progress.Report) {
	a := view.Application{
		Name: "sales-driver", Namespace: "jobs", State: xcom.Running, ApplicationID: "spark-aaaa", ApplicationName: "sales", SparkVersion: "4.0.5",
		RunKey: "daily/sales", Generation: "0", Attempt: 1, Created: ago(200 * time.Second), Started: ago(133 * time.Second), Node: "node-1",
		UIURL: "http://10.0.0.7:4040", Timings: view.Timings{Schedule: new(3.0), Start: new(64.0)},
	}
	for n := range executors {
		a.Executors = append(a.Executors, view.Executor{ID: n + 1, Name: fmt.Sprint("exec-", n+1), State: "Running", Node: "node-2", Created: ago(100 * time.Second)})
	}
	a.Executors = append(a.Executors, view.Executor{ID: executors + 1, State: "Pending", Reason: "Unschedulable", Created: ago(90 * time.Second)})
	work := &progress.Work{Newest: 3}
	work.Jobs.Active, work.Jobs.Done, work.Jobs.Failed = 1, 3, 1
	work.Stages.Done, work.Stages.Total = 1, 3
	work.Tasks.Active, work.Tasks.Done, work.Tasks.Failed, work.Tasks.Total = 8, 100, 2, 400
	return a, &progress.Report{Work: work}
}

func TestTreeOfARunningApplication(t *testing.T) {
	t.Parallel()
	a, report := runningApplication(1)
	want := `jobs/sales-driver
├─ state        Running for 2m13s
├─ application  spark-aaaa, sales, Spark 4.0.5
├─ run          daily/sales, generation 0, attempt 1
├─ phases       schedule 3s; start, pull included 64s
├─ jobs         job 3 runs (2 done, 1 failed); 1 of 3 stages
├─ tasks        [######..................]  25%  100 of 400 (8 run, 2 failed)
├─ note         events cannot be read
├─ driver       Running     3m20s   node-1  http://10.0.0.7:4040
└─ executors    1 Running, 1 Pending
   ├─ exec-1    Running     100s    node-2
   └─ exec-2    Pending     90s     -       Unschedulable`
	got := a.Tree(treeTime(), report, "events cannot be read", view.Screen{Columns: 80, Rows: 24})
	if diff := cmp.Diff(strings.Split(want, "\n"), got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTreeOfAFailedApplication(t *testing.T) {
	t.Parallel()
	a, report := runningApplication(0)
	code := 3
	a.State, a.ExitCode, a.Finished, a.Executors, a.UIURL = xcom.Failed, &code, ago(10*time.Second), nil, ""
	a.Cause = &xcom.Cause{Reason: "Error", Message: "the driver exited with code 3: " + strings.Repeat("word ", 40)}
	want := `jobs/sales-driver
├─ state        Failed (exit code 3) after 2m3s
├─ application  spark-aaaa, sales, Spark 4.0.5
├─ run          daily/sales, generation 0, attempt 1
├─ phases       schedule 3s; start, pull included 64s
├─ cause        Error: the driver exited with code 3: word word word word word
│               word word word word word word word word word word word word
│               word word word word word word word word word word word word wo…
├─ driver       Failed      3m20s   node-1
└─ executors    none`
	got := a.Tree(treeTime(), report, "", view.Screen{Columns: 80, Rows: 24})
	if diff := cmp.Diff(strings.Split(want, "\n"), got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTreeBreaksPhasesBetweenThem(t *testing.T) {
	t.Parallel()
	a, _ := runningApplication(0)
	a.Timings = view.Timings{Submit: new(0.052), Queue: new(180.0), Schedule: new(4.0), Pull: new(5.9), Start: new(6.0), Run: new(12.0)}
	want := []string{
		"├─ phases       submit 52ms; queue 3m; schedule 4s; pull 5s;",
		"│               start, pull included 6s; run 12s",
	}
	if diff := cmp.Diff(want, a.Tree(treeTime(), nil, "", view.Screen{Columns: 72, Rows: 24})[4:6]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTreeHasRoomForWhyAnExecutorDoesNotRun(t *testing.T) {
	t.Parallel()
	a, _ := runningApplication(1)
	a.Executors[0].Node = "ip-10-0-3-17.eu-west-1.compute.internal"
	lines := a.Tree(treeTime(), nil, "", view.Screen{Columns: 80, Rows: 24})
	want := []string{
		"   ├─ exec-1    Running     100s    ip-10-0-3-17.eu-west-1.comp…",
		"   └─ exec-2    Pending     90s     -                             Unschedulable",
	}
	if diff := cmp.Diff(want, lines[len(lines)-2:]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// On no screen does a line break or the screen scroll, and what there is no room for is counted.
func TestTreeFitsOnTheScreen(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{1, 1}, {10, 5}, {80, 12}, {80, 24}, {200, 50}} {
		a, report := runningApplication(40)
		lines := a.Tree(treeTime(), report, strings.Repeat("long ", 100), view.Screen{Columns: size[0], Rows: size[1]})
		if len(lines) >= size[1] && size[1] > 1 {
			t.Errorf("%d lines on %d rows", len(lines), size[1])
		}
		for _, line := range lines {
			if n := utf8.RuneCountInString(line); n >= size[0] && size[0] > 1 {
				t.Errorf("%d columns of %d: %q", n, size[0], line)
			}
		}
		if last := lines[max(0, len(lines)-1):]; size == [2]int{80, 24} && (len(last) == 0 || last[0] != "   └─ and 30 more: 30 Running") {
			t.Errorf("the last line is %q", last)
		}
		if size == [2]int{80, 24} && !strings.Contains(lines[11], "exec-41") {
			t.Errorf("the one that waits is not the first: %q", lines[11])
		}
	}
}

func TestTreeInColours(t *testing.T) {
	t.Parallel()
	a, _ := runningApplication(0)
	lines := a.Tree(treeTime(), nil, "", view.Screen{Columns: 40, Rows: 24, Colours: true})
	for _, want := range []string{"\x1b[1mjobs/sales-driver\x1b[0m", "├─ state        \x1b[36mRunning\x1b[0m for 2m13s", "   └─ exec-1    \x1b[33mPending     \x1b[0m90s     - …"} {
		found := false
		for _, line := range lines {
			found = found || line == want
		}
		if !found {
			t.Errorf("no line is %q in %q", want, lines)
		}
	}
}
