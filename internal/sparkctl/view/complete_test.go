// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package view

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sparkctl/sparkctl/xcom"
)

func TestCompletions(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	standing := []Application{
		{Namespace: "jobs", Name: "etl-1-driver", State: xcom.Failed, Created: "2026-01-01T11:00:00Z", ApplicationID: "spark-aa", RunKey: "daily/etl"},
		{Namespace: "jobs", Name: "etl-2-driver", State: xcom.Running, Created: "2026-01-01T11:59:30Z", ApplicationID: "spark-bb", RunKey: "daily/etl"},
		{Namespace: "jobs", Name: "pi-driver", State: xcom.Succeeded, Created: "2026-01-01T10:00:00Z", Resource: "pi", RunKey: "with a blank"},
	}
	for name, test := range map[string]struct {
		begun    string
		standing []Application
		prefixed bool
		want     []string
	}{
		"nothing begun offers all pods, the newest first, and the newest by name": {
			"", standing, false,
			[]string{"@latest\tetl-2-driver", "etl-2-driver\tRunning, 30s", "etl-1-driver\tFailed, 60m", "pi-driver\tSucceeded, 120m"},
		},
		"a beginning leaves out the others":             {"pi-", standing, false, []string{"pi-driver\tSucceeded, 120m"}},
		"an at sign is the beginning of the newest":     {"@", standing, false, []string{"@latest\tetl-2-driver"}},
		"other names count where no pod fits":           {"spark-", standing, false, []string{"spark-bb\tRunning, 30s", "spark-aa\tFailed, 60m"}},
		"a run key of several attempts is one name":     {"daily", standing, false, []string{"daily/etl\tRunning, 30s"}},
		"a name that a shell would split is left out":   {"with", standing, false, nil},
		"pods of other namespaces have theirs in front": {"jobs/p", standing, true, []string{"jobs/pi-driver\tSucceeded, 120m"}},
		"of nothing there is nothing":                   {"", nil, false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, Completions(test.begun, test.standing, test.prefixed, now)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
