// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package view_test

import (
	"testing"
	"time"

	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
)

func TestAdviceNamesThisProgramsCommands(t *testing.T) {
	t.Parallel()
	for hint, want := range map[string]string{
		"follow it with: sensor -n jobs --pod etl-driver; or give another name":                 "follow it with: sparkctl wait jobs/etl-driver; or give another name",
		"remove it with: kubectl delete pod -n jobs etl-driver":                                 "remove it with: sparkctl kill jobs/etl-driver",
		"the driver is not affected; follow it again with sensor --pod, or raise --api-timeout": "the driver is not affected; ask again, or raise --api-timeout",
		"check --namespace and --pod, or look for the application in the Spark history server":  "look for the application in the Spark history server",
		"give the driver's service account (spark.x) what is refused; a Role is in examples/rbac/driver.yaml": "give the driver's service account (spark.x) what is refused; " +
			"sparkctl rbac --for driver prints a Role",
		"give the service account the verbs get, list and watch on pods in the driver's namespace (a Role is in examples/rbac/sensor.yaml)": "ask for the Role that this prints: " +
			"sparkctl rbac --for cli",
		"see why the claim is not bound: kubectl describe pvc -n jobs": "see why the claim is not bound: kubectl describe pvc -n jobs",
		"": "",
	} {
		if got := view.Advice(hint); got != want {
			t.Errorf("%s\nbecame %s\nwant   %s", hint, got, want)
		}
	}
}

// The hints are the sensor's own: where their words change, this fails.
func TestHintsOfAJudgementNameThisProgramsCommands(t *testing.T) {
	t.Parallel()
	const head = "metadata: {name: etl-driver, namespace: jobs}\nspec: {nodeName: node-1, containers: [{name: spark-kubernetes-driver}], initContainers: [{name: fetch}]}\nstatus:\n  phase: "
	for name, test := range map[string]struct{ status, want string }{
		"a driver that failed": {
			"Failed\n  containerStatuses: [{name: spark-kubernetes-driver, state: {terminated: {exitCode: 3, reason: Error}}}]",
			"read the driver's log: sparkctl logs jobs/etl-driver --driver-only",
		},
		"an init container that failed": {
			"Failed\n  initContainerStatuses: [{name: fetch, state: {terminated: {exitCode: 4, reason: Error}}}]",
			"read its log: sparkctl logs jobs/etl-driver --driver-only -c fetch",
		},
		"a container that cannot be made": {
			"Pending\n  containerStatuses: [{name: spark-kubernetes-driver, state: {waiting: {reason: CreateContainerError, message: why}}}]",
			"see what happens to the pod: sparkctl events jobs/etl-driver",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := view.Of(read(t, head+test.status), nil, time.Now())
			if a.Cause == nil || a.Cause.Hint != test.want {
				t.Errorf("got %+v\nwant %s", a.Cause, test.want)
			}
		})
	}
}
