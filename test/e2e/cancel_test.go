// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sparkctl/sparkctl/xcom"
)

// awaitDriver waits until a driver of a run key exists and returns its name.
func (c *cluster) awaitDriver(t *testing.T, key string) string {
	t.Helper()
	name := ""
	c.await(t, patience, "a driver of run key "+key, func(ctx context.Context) (bool, error) {
		drivers, err := c.drivers(ctx, key)
		if len(drivers) > 0 {
			name = drivers[0]
		}
		return name != "", err
	})
	return name
}

// awaitContainer waits until a launcher pod's submitter has started: its own log
// says nothing of the time before that.
func (c *cluster) awaitContainer(t *testing.T, pod string) {
	t.Helper()
	c.await(t, patience, "the submitter to start", func(ctx context.Context) (bool, error) {
		seen, err := c.pod(ctx, pod)
		if err != nil {
			return false, err
		}
		for _, status := range seen.Status.ContainerStatuses {
			if status.Name == "submitter" && status.State.Running != nil {
				return true, nil
			}
		}
		return false, nil
	})
}

// A deleted launcher pod gets SIGTERM. Whenever it comes, return.json says what
// is true, and no driver is left behind.
func TestCancelledLauncherLeavesAResultAndNoDriver(t *testing.T) {
	t.Parallel()
	c := connect(t)
	after := func(d time.Duration) func(*testing.T, *launcher) {
		return func(t *testing.T, l *launcher) {
			t.Helper()
			c.awaitContainer(t, l.name)
			timer := time.NewTimer(d)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-t.Context().Done():
			}
		}
	}
	phases := []struct {
		name  string
		flags []string
		until func(*testing.T, *launcher)
		short bool
	}{
		{name: "before the JVM", until: after(0), short: true},
		{name: "while the JVM starts", until: after(time.Second), short: true},
		{name: "while the JVM works", until: after(3 * time.Second)},
		// spark-submit is ended in the middle of its work then.
		{name: "with hardly any grace, 3 s", flags: []string{"--grace-period=1s"}, until: after(3 * time.Second), short: true},
		{name: "with hardly any grace, 4 s", flags: []string{"--grace-period=1s"}, until: after(4 * time.Second)},
		{name: "with hardly any grace, 5 s", flags: []string{"--grace-period=1s"}, until: after(5 * time.Second)},
		{name: "when the driver was just made", short: true, until: func(t *testing.T, l *launcher) {
			t.Helper()
			c.awaitDriver(t, l.key)
		}},
		{name: "when the driver was just made, waiting", flags: []string{"--wait"}, until: func(t *testing.T, l *launcher) {
			t.Helper()
			c.awaitDriver(t, l.key)
		}},
		{name: "while waiting", flags: []string{"--wait"}, short: true, until: func(t *testing.T, l *launcher) {
			t.Helper()
			c.awaitRunning(t, c.awaitDriver(t, l.key))
		}},
	}
	for _, phase := range phases {
		if !phase.short && !full() {
			continue
		}
		t.Run(phase.name, func(t *testing.T) {
			t.Parallel()
			name := "cancel-" + strings.ToLower(strings.NewReplacer(" ", "-", ",", "").Replace(phase.name))
			launcher := c.launch(t, name, launch{
				spark: newestSpark, key: name, command: []string{"sleep", "600"}, flags: phase.flags, cancel: true,
			})
			phase.until(t, launcher)
			end := launcher.cancel(t)
			t.Cleanup(func() {
				if t.Failed() {
					t.Logf("the submitter said:\n%s", end.log)
				}
			})
			switch end.result.State {
			case xcom.Cancelled, xcom.NotSubmitted:
				if end.code != int(xcom.ExitCancelled) {
					t.Errorf("exit code %d, want %d: %s", end.code, xcom.ExitCancelled, end.line)
				}
				c.await(t, time.Minute, "the driver's end", func(ctx context.Context) (bool, error) {
					drivers, err := c.drivers(ctx, name)
					return len(drivers) == 0, err
				})
			case xcom.Submitted:
				// The signal came when everything was done already.
				if end.code != 0 || slices.Contains(phase.flags, "--wait") {
					t.Errorf("exit code %d and state %s after SIGTERM", end.code, end.result.State)
				}
			default:
				t.Errorf("state %s after SIGTERM: %s", end.result.State, end.line)
			}
		})
	}
}

func TestCancelledSensor(t *testing.T) {
	t.Parallel()
	c := connect(t)
	submitted := c.launch(t, "launcher", launch{spark: newestSpark, key: "sensor", command: []string{"sleep", "600"}}).end(t)
	c.awaitRunning(t, submitted.result.PodName)
	sensor := c.sensorPod("sensor", map[string]string{"SPARKCTL_RESULT": submitted.line})
	c.hold(t, sensor)
	c.createPod(t, sensor)
	c.awaitRunning(t, "sensor")
	c.deletePod(t, "sensor", -1)
	if got, want := c.endSensor(t, "sensor").summary(), "Running, exit code 86, of the driver none"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	driver, err := c.pod(t.Context(), submitted.result.PodName)
	if err != nil || driver.DeletionTimestamp != nil {
		t.Errorf("a cancelled sensor leaves the driver alone by default; it is going or gone: %v", err)
	}
}
