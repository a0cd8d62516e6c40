// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// What goes wrong before a driver exists, with the real spark-submit and the
// real API server's answers.
func TestSubmitterSaysWhyThereIsNoDriver(t *testing.T) {
	t.Parallel()
	c := connect(t)
	for _, refusal := range []struct {
		name    string
		launch  launch
		summary string
		message string
		short   bool
	}{
		{
			name:    "no right to create pods",
			launch:  launch{account: "spark-sensor", command: []string{"exit", "0"}},
			summary: "NotSubmitted, exit code 80, of the driver 80", message: "cannot create resource", short: true,
		},
		{
			name:    "Pod Security refuses the driver",
			launch:  launch{command: []string{"exit", "0"}, bare: true},
			summary: "NotSubmitted, exit code 80, of the driver 80", message: "violates PodSecurity",
		},
		{
			name:    "client mode",
			launch:  launch{command: []string{"exit", "0"}, confs: []string{"spark.submit.deployMode=client"}},
			summary: "NotSubmitted, exit code 2, of the driver 2", message: "client",
		},
	} {
		if !refusal.short && !full() {
			continue
		}
		t.Run(refusal.name, func(t *testing.T) {
			t.Parallel()
			l := refusal.launch
			name := "refused-" + strings.ToLower(strings.ReplaceAll(refusal.name, " ", "-"))
			l.spark, l.key = newestSpark, name
			end := c.launch(t, name, l).end(t)
			if got := end.summary(); got != refusal.summary {
				t.Errorf("got  %s\nwant %s", got, refusal.summary)
			}
			if end.result.Cause == nil || !strings.Contains(end.result.Cause.Message, refusal.message) {
				t.Errorf("the cause does not say %q: %s", refusal.message, end.line)
			}
			if drivers, err := c.drivers(t.Context(), name); err != nil || len(drivers) != 0 {
				t.Errorf("drivers are there: %v, %v", drivers, err)
			}
		})
	}
}

func TestTakenNameIsAConflict(t *testing.T) {
	t.Parallel()
	c := connect(t)
	fixed := []string{"spark.kubernetes.driver.pod.name=taken"}
	first := c.launch(t, "first", launch{spark: newestSpark, key: "first", command: []string{"sleep", "600"}, confs: fixed}).end(t)
	second := c.launch(t, "second", launch{spark: newestSpark, key: "second", command: []string{"exit", "0"}, confs: fixed}).end(t)
	if second.code != 87 || second.result.PodUID != "" {
		t.Errorf("exit code %d, want 87, and no pod: %s", second.code, second.line)
	}
	driver, err := c.pod(t.Context(), "taken")
	if err != nil || string(driver.UID) != first.result.PodUID || driver.DeletionTimestamp != nil {
		t.Errorf("the driver that was there first did not stay as it was: %v", err)
	}
}
