// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package progress_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/sensor/progress"
	"github.com/sparkctl/sparkctl/xcom"
)

// most is how long a heartbeat can become of what others say: a few numbers and two quoted texts.
const most = 2 << 10

// told checks what a report is told as: one line that is not endless, in a log and as a bar.
func told(t *testing.T, r *progress.Report) {
	t.Helper()
	m := progress.Moment{Driver: "jobs/etl", State: xcom.Running, Age: time.Minute, Report: r}
	for _, text := range []string{progress.Line(m), progress.Bar(m), r.NoExecutors()} {
		if strings.ContainsAny(text, "\r\n") || len(text) > most || !utf8.ValidString(text) {
			t.Errorf("not a line, or too long: %q", text)
		}
	}
}

// Whatever the driver's REST API answers, it is refused or counted; no count is below 0.
func FuzzJobs(f *testing.F) {
	job := `{"jobId":7,"stageIds":[1,2],"numTasks":40,"numActiveTasks":3,"numCompletedIndices":10,"numFailedTasks":1,"numSkippedTasks":2,` +
		`"numActiveStages":1,"numCompletedStages":1,"numSkippedStages":0}`
	f.Add([]byte(`[`+job+`]`), []byte(`[{"jobId":3}]`), 5)
	f.Add([]byte(`[{"jobId":9223372036854775807,"numTasks":1e300,"numCompletedIndices":9e18},`+job+`]`), []byte(`[]`), 0)
	f.Add([]byte(`[{"jobId":"x","stageIds":{},"numTasks":-4},null,[]]`), []byte(`[{"jobId":-9}]`), -1)
	f.Fuzz(func(t *testing.T, running, failed []byte, begun int) {
		begun = max(0, min(begun, 1<<40)) // an earlier answer of this function
		w, err := progress.Jobs(running, failed, begun)
		if err != nil {
			return
		}
		for _, n := range []int{w.Jobs.Active, w.Jobs.Done, w.Jobs.Failed, w.Newest + 1, w.Stages.Active, w.Stages.Done, w.Stages.Total, w.Tasks.Active, w.Tasks.Done, w.Tasks.Failed, w.Tasks.Total} {
			if n < 0 {
				t.Errorf("a count below 0: %+v", w)
			}
		}
		told(t, &progress.Report{Work: w})
	})
}

// Whatever the API server's table or Spark's list of executors hold, they are refused or counted.
func FuzzExecutors(f *testing.F) {
	f.Add([]byte(`{"kind":"Table","metadata":{"continue":"x"},"columnDefinitions":[{"name":"Name"},{"name":"Status"}],"rows":[{"cells":["a","Running"]},{"cells":["b","Init:\n1"]},{"cells":["c","Error"]}]}`), "Unschedulable", "0/3 nodes")
	f.Add([]byte(`{"kind":"Table","columnDefinitions":[{"name":"Status"},{"name":"Name"}],"rows":[{"cells":["Pending","a"]},{"cells":[]}]}`), "", strings.Repeat("\xff\n", 400))
	f.Add([]byte(`[{"id":"driver","isActive":true},{"id":"1","isActive":true},{"id":{}}]`), "", "")
	f.Fuzz(func(t *testing.T, text []byte, reason, message string) {
		pod := &corev1.Pod{Status: corev1.PodStatus{Conditions: []corev1.PodCondition{
			{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: reason, Message: message},
		}}}
		for _, count := range []func([]byte) (*progress.Executors, error){progress.CountExecutors, progress.ActiveExecutors} {
			e, err := count(text)
			if err != nil {
				continue
			}
			if e.Running < 0 || e.Pending < 0 || e.Failed < 0 || e.Waiting != "" && e.Pending == 0 {
				t.Errorf("miscounted: %+v", e)
			}
			told(t, &progress.Report{Executors: e})
		}
		if why := progress.WhyWaiting(pod); strings.ContainsAny(strings.TrimPrefix(why, reason), "\r\n") || len(why) > len(reason)+most {
			t.Errorf("not a line, or too long: %q", why)
		}
	})
}

// Whatever a line of a driver's log holds, a refusal in it is one short line.
func FuzzRefusal(f *testing.F) {
	f.Add("KubernetesClientException: Failure executing: POST at: https://k/api/v1/namespaces/jobs/pods. Message: pods \"x\" is forbidden: quota. Received status: Status(")
	f.Add("KubernetesClientException POST at: /pods. Message: " + strings.Repeat("\xe2\x82", 400))
	f.Fuzz(func(t *testing.T, line string) {
		said, ok := progress.Refusal(line)
		if !ok && said != "" || strings.ContainsAny(said, "\r\n") || len(said) > most {
			t.Errorf("%v, %q", ok, said)
		}
	})
}
