// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sparkctl/sparkctl/xcom"
)

// An ending is one way in which a driver ends, and what is to be said of it.
// Bare spark-submit exits 0 for all of them. What is told of other ends is in
// the table of ends; here it is who tells it, and for which Spark.
type ending struct {
	name    string
	command []string
	file    string // main file, by default our example's jar
	delete  bool   // delete the driver while it runs
	summary string
	inLog   string // what the driver's followed log holds
	inCause string // what the cause's message holds
}

var endings = []ending{
	{
		name: "success with executors", command: []string{"pi", "4"},
		summary: "Succeeded, exit code 0, of the driver 0", inLog: "Pi is roughly 3.1",
	},
	{
		name: "an exception", command: []string{"throw", "no table of that name"},
		summary: "Failed, exit code 1, of the driver 1", inLog: "no table of that name", inCause: "RuntimeException: no table of that name",
	},
	{
		name: "Python", file: "local:///opt/spark/examples/src/main/python/pi.py", command: []string{"4"},
		summary: "Succeeded, exit code 0, of the driver 0", inLog: "Pi is roughly 3.1",
	},
	{
		name: "a deleted driver", command: []string{"sleep", "300"}, delete: true,
		summary: "Lost, exit code 83, of the driver 143",
	},
}

// chosen are the combinations of the short run: one ending on the newest Spark, and another one on the others.
func chosen(spark string, e ending, ofNewest, ofOthers string) bool {
	return full() || spark == newestSpark && e.name == ofNewest || spark != newestSpark && e.name == ofOthers
}

func TestSensorFollowsWhatTheSubmitterSubmitted(t *testing.T) {
	t.Parallel()
	c := connect(t)
	for _, spark := range sparkVersions {
		for _, e := range endings {
			if !chosen(spark, e, "success with executors", "an exception") {
				continue
			}
			t.Run("Spark "+spark+": "+e.name, func(t *testing.T) {
				t.Parallel()
				name := podName("two", spark, e.name)
				submitted := c.launch(t, name, launch{spark: spark, key: name, file: e.file, command: e.command}).end(t)
				if got := submitted.summary(); got != "Submitted, exit code 0, of the driver none" {
					t.Fatalf("the submitter says: %s", got)
				}
				if got := submitted.result.SparkVersion; got != spark {
					t.Errorf("spark_version %q, want %q", got, spark)
				}
				c.createPod(t, c.sensorPod(name+"-sensor", map[string]string{"SPARKCTL_RESULT": submitted.line}))
				if e.delete {
					c.awaitRunning(t, submitted.result.PodName)
					c.awaitRunning(t, name+"-sensor")
					c.deletePod(t, submitted.result.PodName, -1)
				}
				e.check(t, c.endSensor(t, name+"-sensor"), submitted.result)
			})
		}
	}
}

func TestSubmitterWaitsForTheEnd(t *testing.T) {
	t.Parallel()
	c := connect(t)
	for _, spark := range sparkVersions {
		for _, e := range endings {
			if !chosen(spark, e, "a deleted driver", "success with executors") {
				continue
			}
			t.Run("Spark "+spark+": "+e.name, func(t *testing.T) {
				t.Parallel()
				name := podName("wait", spark, e.name)
				launcher := c.launch(t, name, launch{
					spark: spark, key: name, file: e.file, command: e.command, flags: []string{"--wait"}, most: xcom.MinBytes,
				})
				if e.delete {
					driver := c.awaitDriver(t, name)
					c.awaitRunning(t, driver)
					c.deletePod(t, driver, -1)
				}
				end := launcher.end(t)
				e.check(t, end, xcom.Result{PodUID: end.result.PodUID})
			})
		}
	}
}

// check compares what was said of a driver's end with what happened.
func (e ending) check(t *testing.T, end ended, submitted xcom.Result) {
	t.Helper()
	if got := end.summary(); got != e.summary {
		t.Errorf("got  %s\nwant %s", got, e.summary)
	}
	if got := end.result.PodUID; got != submitted.PodUID {
		t.Errorf("followed pod UID %q, want the submitted one %q", got, submitted.PodUID)
	}
	if !strings.Contains(end.log, e.inLog) {
		t.Errorf("the driver's log was not followed: no %q in the log", e.inLog)
	}
	if end.result.State == xcom.Succeeded {
		return
	}
	if end.result.Cause == nil {
		t.Fatalf("no cause: %s", end.line)
	}
	if !strings.Contains(end.result.Cause.Message, e.inCause) {
		t.Errorf("the cause %q does not hold %q", end.result.Cause.Message, e.inCause)
	}
}

// podName makes a name of a test's own out of what it is about.
func podName(kind, spark, what string) string {
	return strings.ToLower(fmt.Sprintf("%s-%s-%s", kind, strings.ReplaceAll(spark, ".", "-"), strings.ReplaceAll(what, " ", "-")))
}

func TestSensorOnTheHostReadsTheResultFromEverywhere(t *testing.T) {
	t.Parallel()
	c := connect(t)
	submitted := c.launch(t, "launcher", launch{spark: newestSpark, key: "host", command: []string{"exit", "3"}}).end(t)
	file := filepath.Join(t.TempDir(), "return.json")
	if err := os.WriteFile(file, []byte(submitted.line+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	pod := "--pod=" + submitted.result.PodName
	namespace := "--namespace=" + c.namespace
	// The same after the end as before it: an ended driver is still there.
	for _, way := range []struct {
		name    string
		stdin   string
		args    []string
		summary string
	}{
		{name: "a file", args: []string{"--from-result=" + file}},
		{name: "stdin", args: []string{"--from-result=-"}, stdin: submitted.line + "\n"},
		{name: "stdin, as Python writes a dict", args: []string{"--from-result=-"}, stdin: pythonRepr(submitted.line)},
		{name: "the pod's name", args: []string{pod, namespace}},
		{name: "the pod's name and UID", args: []string{pod, namespace, "--uid=" + submitted.result.PodUID}},
		{
			name: "the name with another UID", args: []string{pod, namespace, "--uid=00000000-0000-0000-0000-000000000000"},
			summary: "Lost, exit code 83, of the driver none",
		},
	} {
		t.Run(way.name, func(t *testing.T) {
			want := way.summary
			if want == "" {
				want = "Failed, exit code 3, of the driver 3"
			}
			if got := c.hostSensor(t, way.stdin, way.args...).summary(); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// pythonRepr is what Airflow renders an XCom to without "| tojson".
func pythonRepr(document string) string {
	return strings.NewReplacer(`"`, `'`, "true", "True", "false", "False", "null", "None").Replace(document)
}
