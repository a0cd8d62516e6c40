// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package progress_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/sensor/progress"
)

// answer is what a real Spark answered, see testdata/record.
func answer(t *testing.T, version, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", version, name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestJobsOfRealAnswers(t *testing.T) {
	for _, version := range []string{"3.5.9", "4.0.5", "4.3.0"} {
		t.Run(version, func(t *testing.T) {
			idle, err := progress.Jobs(answer(t, version, "idle-jobs-running.json"), answer(t, version, "idle-jobs-failed.json"), 0)
			if err != nil {
				t.Fatal(err)
			}
			if got := idle.String(); got != "no job runs (2 done, 1 failed)" {
				t.Errorf("while none runs: %q", got)
			}
			busy, err := progress.Jobs(answer(t, version, "busy-jobs-running.json"), answer(t, version, "busy-jobs-failed.json"), 0)
			if err != nil {
				t.Fatal(err)
			}
			want := &progress.Work{Newest: 3}
			want.Jobs.Active, want.Jobs.Done, want.Jobs.Failed = 1, 3, 1
			want.Stages.Active, want.Stages.Total = 1, 1
			want.Tasks.Total, want.Tasks.Done, want.Tasks.Active = 200, busy.Tasks.Done, busy.Tasks.Active
			if diff := cmp.Diff(want, busy); diff != "" || busy.Tasks.Done < 30 || busy.Tasks.Done > 99 || busy.Tasks.Active < 1 {
				t.Errorf("while one runs: %+v, -want +got:\n%s", busy, diff)
			}
			executors, err := progress.ActiveExecutors(answer(t, version, "busy-executors.json"))
			if err != nil || executors.Running != 0 {
				t.Errorf("the driver is no executor: %+v, %v", executors, err)
			}
		})
	}
}

func TestJobs(t *testing.T) {
	const job = `{"jobId":7,"stageIds":[9,10,11],"numTasks":30,"numActiveTasks":4,"numCompletedTasks":12,"numSkippedTasks":10,
		"numFailedTasks":2,"numCompletedIndices":11,"numActiveStages":1,"numCompletedStages":1,"numSkippedStages":1}`
	for name, test := range map[string]struct {
		running, failed string
		begun           int
		want            string
	}{
		"skipped stages and tasks do not count, and a task computed again counts once": {
			"[" + job + "]", "[]", 0, "job 7 runs (7 done), 1 of 2 stages, 11 of 20 tasks (4 run, 2 failed)",
		},
		"several jobs are added up":                       {"[" + job + "," + strings.Replace(job, "7", "6", 1) + "]", "[]", 0, "2 jobs run (6 done), 2 of 4 stages, 22 of 40 tasks (8 run, 4 failed)"},
		"what began before has ended when nothing runs":   {"[]", "[]", 5, "no job runs (5 done)"},
		"nothing is known of an application before a job": {"[]", "[]", 0, "no job runs"},
		"numbers that Spark cannot count to":              {`[{"jobId":1,"stageIds":[],"numTasks":9e18,"numCompletedIndices":9e18},{"jobId":2,"stageIds":[],"numTasks":9e18}]`, "[]", 0, "2 jobs run (1 done), 0 of 0 stages, 2147483647 of 4294967294 tasks"},
		"numbers below zero are none":                     {`[{"jobId":0,"stageIds":[],"numTasks":-3,"numSkippedTasks":-1,"numActiveTasks":-2}]`, "[]", 0, "job 0 runs, 0 of 0 stages, 0 of 0 tasks"},
	} {
		t.Run(name, func(t *testing.T) {
			w, err := progress.Jobs([]byte(test.running), []byte(test.failed), test.begun)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, w.String()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	for _, text := range []string{"", "{}", "[", "<html>", `[{"jobId":`} {
		if _, err := progress.Jobs([]byte(text), []byte("[]"), 0); err == nil {
			t.Errorf("%q is taken for jobs", text)
		}
	}
}

// table is the API server's table of pods, by name and status.
func table(rows ...string) []byte {
	var cells []string
	for _, row := range rows {
		name, status, _ := strings.Cut(row, "=")
		cells = append(cells, `{"cells":["`+name+`","0/1","`+status+`","0","5s"],"object":null}`)
	}
	return []byte(`{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{},"columnDefinitions":[{"name":"Name"},{"name":"Ready"},{"name":"Status"}],"rows":[` + strings.Join(cells, ",") + `]}`)
}

func TestCountExecutors(t *testing.T) {
	for name, test := range map[string]struct {
		table []byte
		want  progress.Executors
	}{
		"none": {table(), progress.Executors{}},
		"those that are done or sent away do not count": {table("a=Completed", "b=Terminating", "c=Running"), progress.Executors{Running: 1}},
		"one that waits is a better example than one that starts": {
			table("a=ContainerCreating", "b=ImagePullBackOff", "c=Pending"), progress.Executors{Pending: 3, Waiting: "b", Why: "ImagePullBackOff"},
		},
		"one that only starts needs no reason": {table("a=Init:0/1", "b=Running"), progress.Executors{Running: 1, Pending: 1, Waiting: "a", Why: "Init:0/1"}},
		"every other status is a failure":      {table("a=Error", "b=OOMKilled", "c=ExitCode:3", "d=Evicted"), progress.Executors{Failed: 4}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := progress.CountExecutors(test.table)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	for _, text := range []string{"", `{"kind":"PodList","items":[]}`, `{"kind":"Table","columnDefinitions":[{"name":"Name"},{"name":"Status"}],"rows":[{"cells":["a"]}]}`} {
		if _, err := progress.CountExecutors([]byte(text)); err == nil {
			t.Errorf("%q is taken for a table", text)
		}
	}
}

func TestWhyWaiting(t *testing.T) {
	waiting := func(reason, message string) corev1.PodStatus {
		return corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{Name: "spark-kubernetes-executor", Image: "spark:4", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}}}}
	}
	for name, test := range map[string]struct {
		status corev1.PodStatus
		want   string
	}{
		"the scheduler's message": {corev1.PodStatus{Conditions: []corev1.PodCondition{{
			Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: "Unschedulable", Message: "0/3 nodes are available:\n3 Insufficient cpu. preemption: 0/3 nodes are available.",
		}}}, "Unschedulable: 0/3 nodes are available: 3 Insufficient cpu."},
		"the kubelet's message":         {waiting("ErrImagePull", "not found"), "ErrImagePull: image spark:4 cannot be pulled: not found"},
		"a pod that is just made":       {corev1.PodStatus{}, ""},
		"a container that is just made": {waiting("ContainerCreating", ""), ""},
		"a message without end is cut":  {waiting("X", strings.Repeat("é", 400)), "X: " + strings.Repeat("é", 150) + "..."},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, progress.WhyWaiting(&corev1.Pod{Status: test.status})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
