// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package view_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
	"github.com/sparkctl/sparkctl/xcom"
)

func read(t *testing.T, text string) *corev1.Pod {
	t.Helper()
	pod := &corev1.Pod{}
	if err := yaml.UnmarshalStrict([]byte(text), pod); err != nil {
		t.Fatal(err)
	}
	return pod
}

func TestAnApplicationIsWhatItsDriverPodSays(t *testing.T) {
	pod := read(t, `
metadata:
  name: daily-0123456789-2-driver
  namespace: jobs
  uid: u
  creationTimestamp: "2026-01-01T00:00:10Z"
  deletionTimestamp: "2026-01-01T00:10:00Z"
  labels: {spark-role: driver, spark-app-selector: spark-1, spark-app-name: daily, spark-version: 4.0.5, app.kubernetes.io/managed-by: sparkctl, sparkctl.dev/attempt: "2", kueue.x-k8s.io/queue-name: q}
  annotations: {sparkctl.dev/run-key: daily/1, sparkctl.dev/generation: "1", sparkctl.dev/launcher: "airflow/pod/uid/2026-01-01T00:00:06.5Z"}
spec:
  nodeName: node-1
  serviceAccountName: spark
  containers: [{name: istio-proxy, image: istio}, {name: spark-kubernetes-driver, image: "spark:4.0.5"}]
status:
  phase: Running
  podIP: 10.0.0.1
  conditions: [{type: PodScheduled, status: "True", lastTransitionTime: "2026-01-01T00:00:12Z"}]
  containerStatuses:
  - {name: istio-proxy, state: {running: {startedAt: "2026-01-01T00:00:14Z"}}}
  - {name: spark-kubernetes-driver, state: {terminated: {exitCode: 0, startedAt: "2026-01-01T00:00:15Z", finishedAt: "2026-01-01T00:05:15Z"}}}
`)
	events := []corev1.Event{
		{Reason: "Pulled", Message: `Successfully pulled image "spark:4.0.5" in 1.5s (2s including waiting). Image size: 1 bytes.`},
		{Reason: "Pulled", Message: `Successfully pulled image "istio" in 250ms.`},
		{Reason: "Pulled", Message: `Container image "spark:4.0.5" already present on machine`},
		{Reason: "Started", Message: `"x" in 9s`},
	}
	code := 0
	want := view.Application{
		Name: "daily-0123456789-2-driver", Namespace: "jobs", UID: "u", State: xcom.Succeeded, Terminating: true, ExitCode: &code,
		ApplicationID: "spark-1", ApplicationName: "daily", SparkVersion: "4.0.5", RunKey: "daily/1", Generation: "1", Attempt: 2,
		SubmittedBy: "sparkctl", Created: "2026-01-01T00:00:10Z", Started: "2026-01-01T00:00:15Z", Finished: "2026-01-01T00:05:15Z",
		Timings: view.Timings{Submit: new(4.0), Schedule: new(2.0), QueueInSchedule: true, Pull: new(1.75), Start: new(3.0), Run: new(300.0)},
		Node:    "node-1", ServiceAccount: "spark", Image: "spark:4.0.5", Queue: "q",
	}
	if diff := cmp.Diff(want, view.Of(pod, events, time.Date(2026, 1, 1, 0, 6, 0, 0, time.UTC))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestADriverThatCouldNotBeStartedHasNoDuration(t *testing.T) {
	pod := read(t, `
metadata: {creationTimestamp: "2026-01-01T00:00:10Z"}
spec: {containers: [{name: spark-kubernetes-driver}]}
status:
  phase: Failed
  containerStatuses: [{name: spark-kubernetes-driver, state: {terminated: {exitCode: 128, reason: StartError, startedAt: "1970-01-01T00:00:00Z", finishedAt: "2026-01-01T00:00:15Z"}}}]
`)
	a := view.Of(pod, nil, time.Date(2026, 1, 1, 0, 6, 0, 0, time.UTC))
	if a.Started != "" || a.Finished != "2026-01-01T00:00:15Z" || a.Timings.Run != nil {
		t.Errorf("started %q, finished %q, ran %v", a.Started, a.Finished, a.Timings.Run)
	}
}

func TestWhatALabelHoldsCannotMoveTheCursor(t *testing.T) {
	list := view.List{Items: []view.Application{{Name: "pi", RunKey: "a\x1b[2Jb\r\u202ec", State: xcom.Running}}}
	var text strings.Builder
	if err := list.WriteTable(&text, time.Now(), true, false, false); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), " a·[2Jb··c ") {
		t.Errorf("got %q", text.String())
	}
}

func TestColumnsAreAsWideWithColoursAsWithout(t *testing.T) {
	list := view.List{Items: []view.Application{{Name: "pi", State: xcom.Running}, {Name: "größer", State: xcom.Failed}}}
	var plain, coloured strings.Builder
	for w, colours := range map[*strings.Builder]bool{&plain: false, &coloured: true} {
		if err := list.WriteTable(w, time.Now(), false, true, colours); err != nil {
			t.Fatal(err)
		}
	}
	bare := strings.NewReplacer("\x1b[36m", "", "\x1b[31m", "", "\x1b[0m", "").Replace(coloured.String())
	if diff := cmp.Diff(plain.String(), bare); diff != "" {
		t.Errorf("-plain +coloured:\n%s", diff)
	}
	if !strings.Contains(coloured.String(), "\x1b[31mFailed\x1b[0m") {
		t.Errorf("no colour in %q", coloured.String())
	}
	want := "NAMESPACE   NAME     STATE     REASON   DURATION   AGE\n" +
		"-           pi       Running   -        -          -\n" +
		"-           größer   Failed    -        -          -\n"
	if diff := cmp.Diff(want, plain.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAnAgeHasTwoUnitsAtMost(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for age, want := range map[time.Duration]string{
		-time.Second: "0s", 119 * time.Second: "119s", 120 * time.Second: "2m", 125 * time.Second: "2m5s", 10*time.Minute + time.Second: "10m",
		179 * time.Minute: "179m", 3 * time.Hour: "3h", 200 * time.Minute: "3h20m", 8*time.Hour + time.Minute: "8h",
		47 * time.Hour: "47h", 48 * time.Hour: "2d", 49 * time.Hour: "2d1h", 8*24*time.Hour + time.Hour: "8d", 400 * 24 * time.Hour: "400d",
	} {
		var text strings.Builder
		list := view.List{Items: []view.Application{{Name: "n", Created: start.Format(time.RFC3339)}}}
		if err := list.WriteTable(&text, start.Add(age), false, false, false); err != nil {
			t.Fatal(err)
		}
		if got := text.String(); !strings.HasSuffix(got, " "+want+"\n") {
			t.Errorf("%s: want %s in\n%s", age, want, got)
		}
	}
}

func TestAnExecutorIsWhatItsPodSays(t *testing.T) {
	const head = "metadata: {name: e, labels: {spark-exec-id: '7'}}\nspec: {nodeName: node-1, containers: [{name: spark-kubernetes-executor}, {name: proxy}]}\nstatus:\n  phase: "
	code := 137
	for name, test := range map[string]struct {
		status string
		want   view.Executor
	}{
		"one that runs": {
			"Running\n  containerStatuses: [{name: spark-kubernetes-executor, state: {running: {}}}]",
			view.Executor{State: "Running"},
		},
		"one that was killed, whatever its sidecar did": {
			"Failed\n  containerStatuses: [{name: proxy, state: {terminated: {exitCode: 1, reason: Error}}}, {name: spark-kubernetes-executor, state: {terminated: {exitCode: 137, reason: OOMKilled}}}]",
			view.Executor{State: "Failed", Reason: "OOMKilled", ExitCode: &code},
		},
		"one that was evicted: the pod's reason is the weightier": {
			"Failed\n  reason: Evicted\n  message: 'low on memory, password=hunter2hunter2'\n  containerStatuses: [{name: spark-kubernetes-executor, state: {terminated: {exitCode: 137, reason: Error}}}]",
			view.Executor{State: "Failed", Reason: "Evicted", Message: "low on memory, password=*********(redacted)", ExitCode: &code},
		},
		"one that no node has room for": {
			"Pending\n  conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable}]",
			view.Executor{State: "Pending", Reason: "Unschedulable"},
		},
		"one whose image is missing": {
			"Pending\n  containerStatuses: [{name: spark-kubernetes-executor, image: x, state: {waiting: {reason: ErrImagePull, message: not found}}}]",
			view.Executor{State: "Pending", Reason: "ErrImagePull", Message: "image x cannot be pulled: not found"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			test.want.ID, test.want.Name, test.want.Node = 7, "e", "node-1"
			if diff := cmp.Diff(test.want, view.ExecutorOf(read(t, head+test.status))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestAFilterKeepsWhatFitsAllOfIt(t *testing.T) {
	now := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	a := view.Application{State: xcom.Failed, Created: "2026-01-01T22:00:00Z"}
	for name, test := range map[string]struct {
		filter view.Filter
		want   bool
	}{
		"nothing is asked":         {view.Filter{}, true},
		"the state":                {view.Filter{States: []xcom.State{xcom.Running, xcom.Failed}}, true},
		"another state":            {view.Filter{States: []xcom.State{xcom.Running}}, false},
		"young enough":             {view.Filter{NewerThan: 2 * time.Hour}, true},
		"too old":                  {view.Filter{NewerThan: time.Hour}, false},
		"old enough":               {view.Filter{OlderThan: 2 * time.Hour}, true},
		"too young":                {view.Filter{OlderThan: 3 * time.Hour}, false},
		"the state, but too young": {view.Filter{States: []xcom.State{xcom.Failed}, OlderThan: 3 * time.Hour}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.filter.Fits(a, now); got != test.want {
				t.Errorf("fits is %t, want %t", got, test.want)
			}
		})
	}
}
