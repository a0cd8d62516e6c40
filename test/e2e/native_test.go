// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	_ "embed"
	"fmt"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// nativeProgram is a PySpark application that checks what the submission gave it.
//
//go:embed native.py
var nativeProgram string

// nativeRuns are what drivers that were made without a JVM are to do. All have the demo's templates of driver and executors.
var nativeRuns = []struct {
	name             string
	launch           launch
	summary          string
	inLog            string // what the driver's log holds when all went well
	leastOfTheShort  bool   // in the short run, on the newest Spark
	leastOfTheOthers bool   // in the short run, on the others
}{
	{
		name: "a JVM with an executor", launch: launch{command: []string{"pi", "4"}},
		summary: "Succeeded, exit code 0, of the driver 0", inLog: "Pi is roughly 3.1", leastOfTheOthers: true,
	},
	{
		name: "its exit code", launch: launch{command: []string{"exit", "3"}},
		summary: "Failed, exit code 3, of the driver 3", inLog: "exiting with code 3",
	},
	{
		name: "Python", launch: launch{file: "local:///opt/spark/examples/src/main/python/pi.py", command: []string{"4"}},
		summary: "Succeeded, exit code 0, of the driver 0", inLog: "Pi is roughly 3.1",
	},
	{
		name: "a Secret, a volume and executors on demand", launch: launch{
			file: "local:///secrets/program/native.py", command: []string{"--an", "argument with 'quotes' = \"and\" more", ""},
			confs: []string{
				"spark.greeting=Ümläut – \"quoted\" = 1",
				"spark.kubernetes.driver.secrets.program=/secrets/program",
				"spark.kubernetes.driver.secretKeyRef.WORD=program:word",
				"spark.kubernetes.driver.volumes.emptyDir.scratch.mount.path=/scratch",
				"spark.kubernetes.driver.volumes.emptyDir.scratch.options.sizeLimit=16Mi",
				"spark.dynamicAllocation.enabled=true",
				"spark.dynamicAllocation.shuffleTracking.enabled=true",
				"spark.dynamicAllocation.minExecutors=0",
				"spark.dynamicAllocation.maxExecutors=1",
				"spark.dynamicAllocation.executorIdleTimeout=2s",
			},
		},
		summary: "Failed, exit code 7, of the driver 7", inLog: "the executors have gone", leastOfTheShort: true,
	},
}

// Drivers that the native engine submits come to the end that they are to come to.
func TestNativeDriversRunToTheirEnd(t *testing.T) {
	t.Parallel()
	c := connect(t)
	secret := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "program"},
		"stringData": map[string]any{"native.py": nativeProgram, "word": "open sesame"},
	}}
	if _, err := c.objects.Resource(resources["Secret"]).Namespace(c.namespace).Create(t.Context(), secret, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, spark := range sparkVersions {
		for i, run := range nativeRuns {
			if !full() && (spark == newestSpark && !run.leastOfTheShort || spark != newestSpark && !run.leastOfTheOthers) {
				continue
			}
			t.Run("Spark "+spark+": "+run.name, func(t *testing.T) {
				t.Parallel()
				l := run.launch
				name := podName("native", spark, fmt.Sprint(i))
				l.spark, l.engine, l.key = spark, "native", name
				l.flags = []string{"--wait"}
				end := c.launch(t, name, l).end(t)
				if got := end.summary(); got != run.summary {
					t.Errorf("got  %s\nwant %s", got, run.summary)
				}
				if end.result.Engine != "native" {
					t.Errorf("the engine is %q", end.result.Engine)
				}
				if !strings.Contains(end.log, run.inLog) {
					t.Errorf("no %q in the driver's log", run.inLog)
				}
				if t.Failed() {
					t.Log(end.log)
				}
			})
		}
	}
}
