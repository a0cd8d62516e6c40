// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package progress_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sparkctl/sparkctl/sensor/progress"
	"github.com/sparkctl/sparkctl/xcom"
)

func work() *progress.Work {
	w := &progress.Work{Newest: 2}
	w.Jobs.Active, w.Jobs.Done = 1, 2
	w.Stages.Done, w.Stages.Total = 1, 2
	w.Tasks.Done, w.Tasks.Total, w.Tasks.Active = 310, 400, 4
	return w
}

func TestLine(t *testing.T) {
	runs := func(r *progress.Report) progress.Moment {
		return progress.Moment{Driver: "spark/etl", State: xcom.Running, Age: 12*time.Minute + 5*time.Second, Report: r}
	}
	for name, test := range map[string]struct {
		moment progress.Moment
		want   string
	}{
		"everything": {
			runs(&progress.Report{Executors: &progress.Executors{Running: 3, Pending: 1, Why: "Unschedulable: 0/3 nodes are available"}, Work: work()}),
			"driver spark/etl runs for 12m: 3 executors run, 1 waits (Unschedulable: 0/3 nodes are available); job 2 runs (2 done), 1 of 2 stages, 310 of 400 tasks (4 run)",
		},
		"executors alone":                {runs(&progress.Report{Executors: &progress.Executors{Running: 1, Failed: 2}}), "driver spark/etl runs for 12m: 1 executor runs, 2 failed"},
		"jobs alone":                     {runs(&progress.Report{Work: &progress.Work{}}), "driver spark/etl runs for 12m: no job runs"},
		"more executors than counted":    {runs(&progress.Report{Executors: &progress.Executors{Running: 400, More: true}}), "driver spark/etl runs for 12m: at least 400 executors run"},
		"executors that never exist":     {runs(&progress.Report{Executors: &progress.Executors{}, Refused: "exceeded quota: q"}), "driver spark/etl runs for 12m: no executor runs: they are refused (exceeded quota: q)"},
		"some more that never exist":     {runs(&progress.Report{Executors: &progress.Executors{Running: 1}, Refused: "exceeded quota: q"}), "driver spark/etl runs for 12m: 1 executor runs, more are refused (exceeded quota: q)"},
		"a SparkContext that is no more": {runs(&progress.Report{Executors: &progress.Executors{}, UIGone: true}), "driver spark/etl runs for 12m: no executor runs; the driver's web UI does not answer any more"},
		"nothing but age and phase":      {runs(nil), "driver spark/etl runs for 12m"},
		"a driver that waits":            {progress.Moment{Driver: "spark/etl", State: xcom.Pending, Age: 3 * time.Hour, Why: "SchedulingGated: queue a"}, "driver spark/etl has been pending for 3h0m: SchedulingGated: queue a"},
		"an API server that is silent":   {progress.Moment{Driver: "spark/etl", State: xcom.Running, Silent: 3 * time.Minute, Report: &progress.Report{Work: work()}}, "the API server has not answered for 3m; driver spark/etl was last seen Running 3m ago"},
		"silent from the start":          {progress.Moment{Driver: "spark/etl", Silent: 40 * time.Second}, "the API server has not answered for 40s; driver spark/etl has not been seen yet"},
		"not seen yet":                   {progress.Moment{Driver: "spark/etl"}, "driver spark/etl has not been seen yet"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, progress.Line(test.moment)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestBarBeginsWithWhatChanges(t *testing.T) {
	m := progress.Moment{Driver: "spark/etl", State: xcom.Running, Age: time.Minute, Report: &progress.Report{Work: work()}}
	const want = "[##################......] 1m: job 2 runs (2 done), 1 of 2 stages, 310 of 400 tasks (4 run)"
	if diff := cmp.Diff(want, progress.Bar(m)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	m.Report = nil
	if diff := cmp.Diff("the driver runs for 1m", progress.Bar(m)); diff != "" {
		t.Errorf("without tasks, -want +got:\n%s", diff)
	}
}

func TestNoExecutors(t *testing.T) {
	for name, test := range map[string]struct {
		report *progress.Report
		want   string
	}{
		"nothing is known":  {nil, ""},
		"not counted":       {&progress.Report{Work: work()}, ""},
		"one runs":          {&progress.Report{Executors: &progress.Executors{Running: 1, Pending: 3}}, ""},
		"two wait, and why": {&progress.Report{Executors: &progress.Executors{Pending: 2, Why: "Unschedulable"}, Work: work()}, "no executor runs, 2 wait (Unschedulable)"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, test.report.NoExecutors()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
