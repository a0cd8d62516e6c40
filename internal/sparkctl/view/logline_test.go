// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package view_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
)

// podWith is a pod of an application with these containers.
func podWith(role, executor string, containers ...corev1.Container) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "jobs", Name: "pod", Labels: map[string]string{"spark-role": role, "spark-exec-id": executor}},
		Spec:       corev1.PodSpec{Containers: containers},
	}
}

func TestLogSourceOf(t *testing.T) {
	t.Parallel()
	mesh, spark := corev1.Container{Name: "mesh"}, corev1.Container{Name: "mine", Env: []corev1.EnvVar{{Name: "SPARK_EXECUTOR_ID"}}}
	for name, test := range map[string]struct {
		pod       *corev1.Pod
		container string
		want      string
	}{
		"a driver":                            {podWith("driver", "", corev1.Container{Name: "spark-kubernetes-driver"}), "", "driver spark-kubernetes-driver"},
		"an executor":                         {podWith("executor", "3", mesh, corev1.Container{Name: "spark-kubernetes-executor"}), "", "exec-3 spark-kubernetes-executor"},
		"an executor that a template renamed": {podWith("executor", "3", mesh, spark), "", "exec-3 mine"},
		"an executor of one container":        {podWith("executor", "3", mesh), "", "exec-3 mesh"},
		"an executor that nothing tells of":   {podWith("executor", "3", mesh, mesh), "", "exec-3 "},
		"a container that is asked for":       {podWith("executor", "3", mesh, spark), "mesh", "exec-3 mesh"},
		"an executor without a number":        {podWith("executor", "", spark), "", "pod mine"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := view.LogSourceOf(test.pod, test.container)
			if got := s.Short() + " " + s.Container; got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestLogFormatAppend(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 678912345, time.FixedZone("", 3600))
	driver := view.LogSourceOf(podWith("driver", "", corev1.Container{Name: "d"}), "")
	executor := view.LogSourceOf(podWith("executor", "12", corev1.Container{Name: "e"}), "")
	for name, test := range map[string]struct {
		form   view.LogFormat
		source view.LogSource
		at     time.Time
		text   string
		want   string
	}{
		"the line alone":                             {view.LogFormat{}, driver, at, "a\tb", "a\tb\n"},
		"the source, at a width":                     {view.LogFormat{Prefix: true, Width: 7}, driver, at, "a", "driver  | a\n"},
		"the source, in its colour":                  {view.LogFormat{Prefix: true, Width: 7, Colours: true}, executor, at, "a", "\x1b[35mexec-12 |\x1b[0m a\n"},
		"the time, in UTC":                           {view.LogFormat{Timestamps: true}, driver, at, "a", "2026-01-02T02:04:05.678Z a\n"},
		"no time where there is none":                {view.LogFormat{Timestamps: true}, driver, time.Time{}, "a", "a\n"},
		"what moves the cursor, off a terminal":      {view.LogFormat{}, driver, at, "a\x1b[2Jb\r", "a\x1b[2Jb\r\n"},
		"nothing that moves the cursor, on one":      {view.LogFormat{Terminal: true}, driver, at, "a\x1b[2Jb\r\u202e\tc", "a·[2Jb··\tc\n"},
		"colours of the line's own, on a terminal":   {view.LogFormat{Terminal: true}, driver, at, "\x1b[31;1mred\x1b[0m\x1b]", "\x1b[31;1mred\x1b[0m·]\n"},
		"bytes that are no text, on a terminal":      {view.LogFormat{Terminal: true}, driver, at, "\x1b\xffa", "·\ufffda\n"},
		"what is looked for, marked":                 {view.LogFormat{Colours: true, Mark: regexp.MustCompile("b+")}, driver, at, "abbc", "a\x1b[1;31mbb\x1b[0mc\n"},
		"what is looked for, not marked without any": {view.LogFormat{Mark: regexp.MustCompile("b+")}, driver, at, "abbc", "abbc\n"},
		"an object": {
			view.LogFormat{JSON: true, Prefix: true, Timestamps: true, Colours: true},
			executor, at, "<\"\x1b",
			`{"namespace":"jobs","pod":"pod","container":"e","role":"executor","executor":12,"time":"2026-01-02T02:04:05.678912345Z","message":"<\"\u001b"}` + "\n",
		},
		"an object without a time": {
			view.LogFormat{JSON: true}, driver, time.Time{}, "a", `{"namespace":"jobs","pod":"pod","container":"d","role":"driver","message":"a"}` + "\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := string(test.form.Append([]byte("before "), test.source, test.at, test.text))
			if diff := cmp.Diff("before "+test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestLogFilterShows(t *testing.T) {
	t.Parallel()
	all := func(texts ...string) (all []*regexp.Regexp) {
		for _, text := range texts {
			all = append(all, regexp.MustCompile(text))
		}
		return all
	}
	for name, test := range map[string]struct {
		filter view.LogFilter
		want   bool
	}{
		"all without a filter":              {view.LogFilter{}, true},
		"one that holds all":                {view.LogFilter{Grep: all("ERROR", `task \d`)}, true},
		"none that lacks one of all":        {view.LogFilter{Grep: all("ERROR", "WARN")}, false},
		"one that holds one of several":     {view.LogFilter{Include: all("ERROR", "WARN")}, true},
		"none that holds none of several":   {view.LogFilter{Include: all("INFO", "WARN")}, false},
		"none that holds what is excluded":  {view.LogFilter{Grep: all("ERROR"), Exclude: all("WARN", "task")}, false},
		"one that holds nothing of what is": {view.LogFilter{Exclude: all("WARN")}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := test.filter.Shows("ERROR task 3 failed"); got != test.want {
				t.Errorf("got %v", got)
			}
		})
	}
}
