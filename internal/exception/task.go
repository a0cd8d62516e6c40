// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package exception

import (
	"fmt"

	"github.com/sparkctl/sparkctl/internal/pattern"
)

// taskFailure is a task that failed too often, and its job with it (Spark: TaskSetManager.abort, DAGScheduler.abortStage).
type taskFailure struct {
	task, times, executor string
	why                   string // the last failure
}

// abortedJob begins the message of a job that was aborted.
const abortedJob = "Job aborted due to stage failure: "

// failedTask reads the message of a job that was aborted.
func failedTask(message string) (taskFailure, bool) {
	m := pattern.Of(`^` + abortedJob + `Task (\S+ in stage \S+) failed (\d+) times, most recent failure: Lost task \S+ in stage \S+ \(TID \d+\)(?: \(\S+ executor ([^)\s]+)\))?: (.+)$`).FindStringSubmatch(message)
	if m == nil {
		return taskFailure{}, false
	}
	return taskFailure{task: m[1], times: m[2], executor: m[3], why: m[4]}, true
}

// where says which task failed, how often and where.
func (f taskFailure) where() string {
	where := fmt.Sprintf("task %s failed %s times", f.task, f.times)
	if f.times == "1" {
		where = fmt.Sprintf("task %s failed", f.task)
	}
	switch {
	case f.executor == "":
		return where
	case f.times == "1":
		return where + " on executor " + f.executor
	default:
		return where + ", the last time on executor " + f.executor
	}
}
