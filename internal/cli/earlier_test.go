// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sparkctl/sparkctl/sensor"
	"github.com/sparkctl/sparkctl/xcom"
)

func TestAnEarlierResultCountsOnlyForTheSameUID(t *testing.T) {
	zero := 0
	ended := func(state xcom.State, code *int) xcom.Result {
		return xcom.Result{State: state, PodName: "etl", Namespace: "jobs", PodUID: "u-1", ExitCode: code}
	}
	asked := func(name, namespace, uid string) xcom.Result {
		return xcom.Result{PodName: name, Namespace: namespace, PodUID: uid}
	}
	for name, test := range map[string]struct {
		earlier, base     xcom.Result
		about, handedOver bool
	}{
		"the same driver succeeded":                                 {ended(xcom.Succeeded, &zero), asked("etl", "jobs", "u-1"), true, true},
		"the same driver, its namespace not said":                   {ended(xcom.Succeeded, &zero), asked("etl", "", "u-1"), true, true},
		"the same driver was lost":                                  {ended(xcom.Lost, nil), asked("etl", "jobs", "u-1"), true, true},
		"the same driver was cancelled":                             {ended(xcom.Cancelled, nil), asked("etl", "jobs", "u-1"), true, true},
		"the same driver failed with a code":                        {ended(xcom.Failed, &zero), asked("etl", "jobs", "u-1"), true, true},
		"the same driver passed a deadline, and may have gone on":   {ended(xcom.Failed, nil), asked("etl", "jobs", "u-1"), true, false},
		"the same driver ran":                                       {ended(xcom.Running, nil), asked("etl", "jobs", "u-1"), true, false},
		"another driver of that name":                               {ended(xcom.Succeeded, &zero), asked("etl", "jobs", "u-2"), false, false},
		"a name without a UID":                                      {ended(xcom.Succeeded, &zero), asked("etl", "jobs", ""), false, false},
		"another name with that UID":                                {ended(xcom.Succeeded, &zero), asked("other", "jobs", "u-1"), false, false},
		"another namespace":                                         {ended(xcom.Succeeded, &zero), asked("etl", "other", "u-1"), false, false},
		"an earlier life that knew no UID, asked for one without":   {xcom.Result{State: xcom.Succeeded, PodName: "etl", Namespace: "jobs"}, asked("etl", "jobs", ""), false, false},
		"a submission that made no driver says nothing of this one": {xcom.Result{State: xcom.NotSubmitted}, asked("etl", "jobs", "u-1"), false, false},
	} {
		t.Run(name, func(t *testing.T) {
			m := memory{result: test.earlier}
			if got := m.of(test.base); got != test.about {
				t.Errorf("about the same driver: %v, want %v", got, test.about)
			}
			if got := m.of(test.base) && m.settled(); got != test.handedOver {
				t.Errorf("handed over: %v, want %v", got, test.handedOver)
			}
		})
	}
}

func TestADriverThatIsGoneIsRecalled(t *testing.T) {
	lost := sensor.Verdict{State: xcom.Lost, Final: true, ExitCode: xcom.ExitLost, Cause: &xcom.Cause{Category: xcom.CategoryDeleted, Reason: "NotFound", Message: "gone"}}
	at := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	terminated := func(name string, code int) xcom.ContainerStatus {
		return xcom.ContainerStatus{ContainerName: name, ContainerState: "terminated", ExitCode: &code}
	}
	seen := func(state xcom.State, status ...xcom.ContainerStatus) xcom.Result {
		return xcom.Result{State: state, PodName: "etl", PodUID: "u-1", Phase: "Running", NodeName: "n1", ContainerStatus: status}
	}
	type outcome struct {
		State    xcom.State
		Code     xcom.ExitCode
		Message  string
		Evidence string
	}
	const driver = "spark-kubernetes-driver"
	for name, test := range map[string]struct {
		known     xcom.Result
		container string
		want      outcome
	}{
		"its container had exited with 0":           {seen(xcom.Submitted, terminated("sidecar", 1), terminated(driver, 0)), "", outcome{State: xcom.Succeeded}},
		"a container that bears the name given":     {seen(xcom.Submitted, terminated(driver, 1), terminated("mine", 0)), "mine", outcome{State: xcom.Succeeded}},
		"its only container had exited with 0":      {seen(xcom.Submitted, terminated("main", 0)), "", outcome{State: xcom.Succeeded}},
		"its container had exited with 3":           {seen(xcom.Submitted, terminated(driver, 3)), "", outcome{xcom.Failed, 3, "the driver exited with code 3, as was seen before its pod was deleted", ""}},
		"its container was ended by SIGTERM":        {seen(xcom.Submitted, terminated(driver, 143)), "", outcome{xcom.Lost, 83, "gone", "last seen at 2026-11-21T10:00:00Z: state Submitted, phase Running on node n1, container " + driver + " terminated"}},
		"a sidecar had exited with 0, it had not":   {seen(xcom.Running, terminated("a", 0), xcom.ContainerStatus{ContainerName: driver, ContainerState: "running"}), "", outcome{xcom.Lost, 83, "gone", "last seen at 2026-11-21T10:00:00Z: state Running, phase Running on node n1, container " + driver + " running"}},
		"which of two containers it was is unknown": {seen(xcom.Running, terminated("a", 0), terminated("b", 0)), "", outcome{xcom.Lost, 83, "gone", "last seen at 2026-11-21T10:00:00Z: state Running, phase Running on node n1"}},
		"a deadline had passed": {func() xcom.Result {
			r := seen(xcom.Failed)
			r.Cause = &xcom.Cause{Category: xcom.CategoryDeadline, Reason: "RunningTimeout", Message: "too long"}
			return r
		}(), "", outcome{xcom.Failed, 84, "too long; an earlier life of this sensor saw that, and the pod is gone by now", ""}},
		"nothing was known of its UID": {xcom.Result{State: xcom.Unknown, PodName: "etl"}, "", outcome{xcom.Lost, 83, "gone", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			v := memory{result: test.known, at: at}.recall(lost, test.container)
			got := outcome{State: v.State, Code: v.ExitCode}
			if v.Cause != nil {
				got.Message = v.Cause.Message
				for _, line := range v.Cause.Evidence {
					got.Evidence += line
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if !v.Final {
				t.Error("not final")
			}
		})
	}
	if lost.Cause.Evidence != nil {
		t.Error("the verdict that was given was changed")
	}
}

func TestAResultIsWaitedForUntilItNamesADriver(t *testing.T) {
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	result := func(rest string) string { return `{"schema":"sparkctl.dev/result/v1",` + rest + `}` }
	for name, test := range map[string]struct {
		texts []string // one every three seconds
		want  string
	}{
		"the launcher is at work":                {[]string{"", " \n", result(`"state":"Submitting"`)}, "waits"},
		"the driver is named":                    {[]string{result(`"state":"Submitted","pod_name":"a"`)}, "done"},
		"no driver was made":                     {[]string{result(`"state":"Submitting"`), result(`"state":"NotSubmitted","exit_code":80`)}, "done"},
		"a copy that was caught halfway":         {[]string{`{"schema":"spark`, result(`"state":"Submitted","pod_name":"a"`)}, "done"},
		"a copy that grows":                      {[]string{`{`, `{"s`, `{"sche`, `{"schema`}, "waits"},
		"a file that is no result and stays one": {[]string{"hello", "hello", "hello"}, "error"},
	} {
		t.Run(name, func(t *testing.T) {
			w, got := &resultWait{path: "return.json"}, "waits"
			for n, text := range test.texts {
				done, err := w.look(now.Add(time.Duration(n)*3*time.Second), []byte(text), nil)
				switch {
				case err != nil:
					got = "error"
				case done:
					got = "done"
				}
			}
			if got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

func TestAResultFileIsReadNoFurtherThanAResultGoes(t *testing.T) {
	text, err := readResult("/dev/zero")
	if err != nil || len(text) != xcom.MaxRead+1 {
		t.Fatalf("%d bytes, %v", len(text), err)
	}
	if _, err := xcom.Read(text); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("taken for a result: %v", err)
	}
}
