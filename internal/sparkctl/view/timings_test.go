// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package view_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
	"github.com/sparkctl/sparkctl/sensor"
	"github.com/sparkctl/sparkctl/xcom"
)

func TestTimingsNameThePhasesInTheirOrder(t *testing.T) {
	t.Parallel()
	current := func(phase string, since time.Duration, gates ...string) *view.CurrentPhase {
		return &view.CurrentPhase{Phase: sensor.Phase(phase), Since: ago(since), Gates: gates}
	}
	for _, test := range []struct {
		name    string
		timings view.Timings
		want    string
	}{
		{
			"all that have ended",
			view.Timings{Submit: new(0.042), Queue: new(180.0), Schedule: new(0.0), Pull: new(8.25), Start: new(12.0), Run: new(7384.0)},
			"submit 42ms; queue 3m; schedule <1s; pull 8s; start, pull included 12s; run 123m",
		},
		{"the image was there", view.Timings{Schedule: new(1.0), Pull: new(0.0), Start: new(2.0)}, "schedule 1s; no pull; start 2s"},
		{"a queue that nothing dates", view.Timings{Schedule: new(240.0), QueueInSchedule: true}, "schedule, queue included 4m"},
		{"there was no node for a while", view.Timings{Schedule: new(240.0), Unplaced: new(238.0)}, "schedule 4m (no node would do for 3m58s)"},
		{
			"it is held back",
			view.Timings{Submit: new(1.5), Current: current("queue", 3*time.Minute, "kueue.x-k8s.io/admission")},
			"submit 1s; queue 3m so far, gate kueue.x-k8s.io/admission",
		},
		{"by several", view.Timings{Current: current("queue", 3*time.Minute, "a", "b")}, "queue 3m so far, gates a, b"},
		{"it is pulled", view.Timings{Schedule: new(1.0), Current: current("pull", 30*time.Second)}, "schedule 1s; pull 30s so far"},
		{
			"it runs",
			view.Timings{Schedule: new(1.0), Pull: new(2.0), Start: new(4.0), Current: current("run", 90*time.Second)},
			"schedule 1s; pull 2s; start, pull included 4s; run 90s so far",
		},
		{"nothing is known", view.Timings{}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var text strings.Builder
			if err := (view.Application{State: xcom.Running, Timings: test.timings}).WriteStatus(&text, treeTime(), false, false); err != nil {
				t.Fatal(err)
			}
			_, got, _ := strings.Cut(text.String(), "Timings:")
			got, _, _ = strings.Cut(got, "\n")
			if got = strings.TrimSpace(got); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestAttemptsTellHowLongTheyRan(t *testing.T) {
	t.Parallel()
	a := view.Application{State: xcom.Running, Attempts: []view.Attempt{
		{Attempt: 1, State: xcom.Failed, ExitCode: new(3), Timings: view.Timings{Run: new(125.0)}},
		{Attempt: 2, State: xcom.Running, Timings: view.Timings{Current: &view.CurrentPhase{Phase: sensor.PhaseRun, Since: ago(time.Minute)}}},
	}}
	var text strings.Builder
	if err := a.WriteStatus(&text, treeTime(), false, false); err != nil {
		t.Fatal(err)
	}
	if want := "1 Failed(3) after 2m5s, 2 Running for 60s\n"; !strings.Contains(text.String(), want) {
		t.Errorf("no %q in\n%s", want, text.String())
	}
}
