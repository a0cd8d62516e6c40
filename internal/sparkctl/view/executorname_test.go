// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package view_test

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
)

func TestADriverMakesTheNamesOfItsExecutorsOfItsApplicationsNameAndTheTime(t *testing.T) {
	t.Parallel()
	const running = "{running: {startedAt: '2026-01-01T00:00:00Z'}}"
	const ended = "{terminated: {exitCode: 0, startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:02:00Z'}}"
	long := strings.Repeat("a", 62) + "-b"
	for name, test := range map[string]struct {
		app, state, prefix string
		want               bool
	}{
		"while it runs":                         {"sales", running, "sales-a1b2c39b76dabb88", true},
		"before it ended":                       {"sales", ended, "sales-a1b2c39b76dabb88", true},
		"after it ended":                        {"sales", ended, "sales-a1b2c39b76dc8490", false},
		"before it began":                       {"sales", ended, "sales-a1b2c39b76daa418", false},
		"of another name":                       {"purchases", ended, "sales-a1b2c39b76dabb88", false},
		"of a name that goes on":                {"sales", ended, "sales-2-a1b2c39b76dabb88", false},
		"of a name that begins with a digit":    {"2sales", ended, "xsales-a1b2c39b76dabb88", true},
		"of a name that is longer than a label": {long[:62], ended, long + "-a1b2c39b76dabb88", true},
		"that somebody chose":                   {"sales", ended, "sales", false},
		"of a driver that has not begun":        {"sales", "{waiting: {reason: x}}", "sales-a1b2c39b76dabb88", false},
		"of a driver that could not be started": {
			"sales", "{terminated: {exitCode: 128, startedAt: '1970-01-01T00:00:00Z', finishedAt: '2026-01-01T00:02:00Z'}}", "sales-a1b2c39b76dabb88", false,
		},
		"of a driver whose application's name is unknown": {"", running, "sales-a1b2c39b76dabb88", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pod := read(t, "metadata: {labels: {spark-app-name: '"+test.app+"'}}\nspec: {containers: [{name: spark-kubernetes-driver}]}\nstatus:\n  containerStatuses: [{name: spark-kubernetes-driver, state: "+test.state+"}]")
			life, ok := view.LifeOf(pod, time.Date(2026, 1, 1, 0, 1, 0, 0, time.UTC))
			if got := ok && life.Made(test.prefix); got != test.want {
				t.Errorf("made is %t, want %t", got, test.want)
			}
		})
	}
}

func TestPrefixOf(t *testing.T) {
	t.Parallel()
	for about, want := range map[corev1.ObjectReference]string{
		{Kind: "Pod", Name: "sales-1-exec-12"}:                         "sales-1",
		{Kind: "PersistentVolumeClaim", Name: "sales-1-exec-12-pvc-0"}: "sales-1",
		{Kind: "Pod", Name: "sales-1-exec-12-pvc-0"}:                   "",
		{Kind: "Pod", Name: "sales-1-driver"}:                          "",
		{Kind: "ConfigMap", Name: "sales-1-exec-12"}:                   "",
	} {
		if got := view.PrefixOf(&corev1.Event{InvolvedObject: about}); got != want {
			t.Errorf("%v: %q, want %q", about, got, want)
		}
	}
}
