// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"regexp"
	"strings"
	"testing"

	"github.com/sparkctl/sparkctl/xcom"
)

// heard checks that a log has a heartbeat of that form.
func heard(t *testing.T, log, pattern string) {
	t.Helper()
	if !regexp.MustCompile(`driver \S+ runs for \S+: ` + pattern).MatchString(log) {
		t.Errorf("no heartbeat says %q:\n%s", pattern, log)
	}
}

const oneJob = `1 executor runs; job 0 runs, 0 of 1 stage, \d+ of 2000 tasks`

// A launcher reads the driver's own address, and a sensor outside the cluster the API server's proxy; here
// both follow the same driver.
func TestHeartbeatSaysHowFarTheDriverIs(t *testing.T) {
	t.Parallel()
	c := connect(t)
	waiting := c.launch(t, "progress", launch{
		spark: newestSpark, key: "progress", command: []string{"pi", "2000"}, flags: []string{"--wait", "--heartbeat=1s"},
		confs: []string{"spark.log.level=WARN"},
	})
	outside := c.hostSensor(t, "", "--namespace="+c.namespace, "--pod="+c.awaitDriver(t, "progress"), "--heartbeat=1s")
	for _, end := range []ended{outside, waiting.end(t)} {
		if end.result.State != xcom.Succeeded {
			t.Errorf("%s, want success", end.summary())
		}
		heard(t, end.log, oneJob)
	}
}

func TestHeartbeatSaysWhyNoExecutorRuns(t *testing.T) {
	needsFull(t)
	t.Parallel()
	c := connect(t)
	end := c.launch(t, "starved", launch{
		spark: newestSpark, key: "starved", command: []string{"pi", "4"}, flags: []string{"--wait", "--heartbeat=1s", "--running-timeout=80s"},
		confs: []string{"spark.kubernetes.executor.request.cores=100", "spark.log.level=WARN"},
	}).end(t)
	const why = `no executor runs, 1 waits (Unschedulable: `
	heard(t, end.log, regexp.QuoteMeta(why)+`.*Insufficient cpu`)
	if cause := end.result.Cause; end.code != int(xcom.ExitDeadline) || cause == nil || !strings.Contains(cause.Message, why) {
		t.Errorf("exit code %d, cause %+v", end.code, cause)
	}
}

// Without a web UI there is nothing to ask for jobs: one sentence says so, and executors are counted all the same.
func TestHeartbeatWithoutAWebUI(t *testing.T) {
	needsFull(t)
	t.Parallel()
	c := connect(t)
	end := c.launch(t, "blind", launch{
		spark: newestSpark, key: "blind", command: []string{"pi", "4000"}, flags: []string{"--wait", "--heartbeat=1s"},
		confs: []string{"spark.ui.enabled=false", "spark.log.level=WARN"},
	}).end(t)
	if n := strings.Count(end.log, "jobs and tasks cannot be shown"); n != 1 || end.result.State != xcom.Succeeded {
		t.Errorf("said %d times, not once; %s", n, end.summary())
	}
	heard(t, end.log, `1 executor runs\n`)
}
