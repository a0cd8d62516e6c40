// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"os"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/sparkctl/sparkctl/test/ends"
	"github.com/sparkctl/sparkctl/xcom"
)

// What goes wrong before a driver exists, with the real spark-submit and the
// real API server's answers. The sensor repeats it.
func TestSubmitterSaysWhyThereIsNoDriver(t *testing.T) {
	t.Parallel()
	c := connect(t)
	// Room for launchers, not for a driver.
	c.createQuota(t, "team-b", corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{corev1.ResourceRequestsMemory: resource.MustParse("880Mi")}})
	for _, refusal := range []struct {
		end    string // row of the table
		launch launch
		full   bool
	}{
		{end: "refused-rights", launch: launch{account: "spark-sensor"}},
		{end: "refused-by-quota", full: true},
		{end: "refused-service-account", launch: launch{confs: []string{"spark.kubernetes.authenticate.driver.serviceAccountName=no-such-account"}}, full: true},
		{end: "refused-pod-security", launch: launch{bare: true}, full: true},
	} {
		if refusal.full && !full() {
			continue
		}
		t.Run(refusal.end, func(t *testing.T) {
			t.Parallel()
			l := refusal.launch
			l.spark, l.key = newestSpark, refusal.end
			c.checkRefusal(t, refusal.end, c.launch(t, refusal.end, l).end(t))
		})
	}
}

// checkRefusal compares what submitter and sensor say with the table, and writes the recording down if that was asked for.
func (c *cluster) checkRefusal(t *testing.T, name string, said ended) {
	t.Helper()
	if os.Getenv(recordVariable) != "" {
		writeRecording(t, name, c, ends.Recording{Result: []byte(said.line)})
	}
	want, ok := ends.Named(name)
	if !ok {
		t.Fatalf("the table of ends has no row %q", name)
	}
	repeated := c.hostSensor(t, said.line+"\n", "--from-result=-")
	for who, end := range map[string]ended{"submitter": said, "sensor": repeated} {
		for _, difference := range want.Compare(end.result, xcom.ExitCode(end.code)) {
			t.Errorf("%s: %s", who, difference)
		}
	}
	if drivers, err := c.drivers(t.Context(), name); err != nil || len(drivers) != 0 {
		t.Errorf("drivers are there: %v, %v", drivers, err)
	}
}

func TestClientModeIsRefused(t *testing.T) {
	t.Parallel()
	if !full() {
		t.Skip("the submitter's own tests have it: SPARKCTL_E2E_FULL=1 runs it with the real spark-submit")
	}
	c := connect(t)
	end := c.launch(t, "client", launch{spark: newestSpark, key: "client", confs: []string{"spark.submit.deployMode=client"}}).end(t)
	if got := end.summary(); got != "NotSubmitted, exit code 2, of the driver 2" || end.result.Cause == nil || !strings.Contains(end.result.Cause.Message, "client") {
		t.Errorf("the submitter says: %s: %s", got, end.line)
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
