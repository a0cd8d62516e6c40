// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e && linux

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/sparkctl/sparkctl/xcom"
)

// Launchers of one run that start at once come to one driver, and each of them names it.
func TestRunLaunchersAtOnce(t *testing.T) {
	t.Parallel()
	launchers := 4
	if full() {
		launchers = 20
	}
	c := connect(t)
	w := c.watchDrivers(t)
	same := launch{spark: newestSpark, key: "at-once", command: []string{"sleep", "600"}} // outlives every start
	processes := make([]*process, launchers)
	for i := range processes {
		processes[i] = c.newProcess(t, same, "")
	}
	for _, p := range processes {
		p.start(t)
	}
	announced := 0
	results := map[string]int{}
	for _, p := range processes {
		end := p.end(t)
		if end.code != 0 || end.result.State != xcom.Submitted {
			t.Errorf("exit code %d, want 0 and Submitted: %s", end.code, end.line)
		}
		results[end.result.PodUID]++
		if strings.Contains(p.told(), "spark-submit POST pods #1") {
			announced++
		}
	}
	settled()
	c.nothingLeft(t)
	ever, history := w.run("at-once")
	if len(ever) != 1 || results[string(ever[0])] != launchers {
		t.Errorf("drivers that ran: %v; results by UID: %v, want one driver in all %d; seen was\n%s", ever, results, launchers, history)
	}
	t.Logf("%d launchers, %d of them ran spark-submit, one driver", launchers, announced)
}

// jobs are what runs a launcher again when its pod was evicted.
var jobs = schema.GroupVersionResource{Group: "batch", Version: "v1", Resource: "jobs"}

// A Job whose launcher's pod is drained again and again has one driver: each next launcher takes it over.
func TestRunJobEvicted(t *testing.T) {
	t.Parallel()
	times := 1
	if full() {
		times = 3
	}
	c := connect(t)
	w := c.watchDrivers(t)
	c.createJob(t, "evicted", 15*times) // the driver outlives the drained launchers
	evicted := map[string]bool{}
	key := ""
	for i := range times {
		pod := c.launcherOf(t, "evicted", evicted)
		// The first one while its driver is held back, the others while they follow it.
		said := []string{"running spark-submit", "is taken over", "is taken over"}[i]
		if i == 0 && times == 1 {
			said = "the driver exists"
		}
		c.await(t, patience, "launcher "+pod+" to say: "+said, func(ctx context.Context) (bool, error) {
			return strings.Contains(c.log(ctx, pod, "submitter", 0), said), nil
		})
		if said == "running spark-submit" {
			c.await(t, patience, "the driver to be announced", func(context.Context) (bool, error) {
				key = w.onlyKey()
				return key != "", nil
			})
		}
		body := fmt.Sprintf(`{"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": %q, "namespace": %q}}`, pod, c.namespace)
		err := c.core.Post().Namespace(c.namespace).Resource("pods").Name(pod).SubResource("eviction").
			SetHeader("Content-Type", "application/json").Body([]byte(body)).Do(t.Context()).Error()
		if err != nil {
			t.Fatalf("evict launcher %s: %v", pod, err)
		}
		evicted[pod] = true
		t.Logf("evicted %s after it said %q", pod, said)
	}
	last := c.launcherOf(t, "evicted", evicted)
	code := c.awaitEnd(t, last, "submitter").ExitCode
	log := c.log(t.Context(), last, "submitter", 0)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the last launcher said\n%s", log)
		}
	})
	line := lastLine(log)
	end := ended{int(code), parse(t, line), line, log}
	if end.result.RunKeySource != "job" || !end.result.Adopted {
		t.Errorf("the run is named by %q, want job; adopted: %t, want true", end.result.RunKeySource, end.result.Adopted)
	}
	checkRun(t, w, w.onlyKey(), end)
	c.nothingLeft(t)
}

// onlyKey is the key of the only run that was seen; empty before.
func (w *driverWatch) onlyKey() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for key := range w.runs {
		return key
	}
	return ""
}

// createJob creates a Job of a launcher that has no run key of its own, and whose driver takes that long.
func (c *cluster) createJob(t *testing.T, name string, seconds int) {
	t.Helper()
	pod := c.launcherPod(name, launch{
		spark: newestSpark, key: "none", flags: []string{"--wait"}, command: []string{"sleep", fmt.Sprint(seconds)},
		confs: []string{"spark.driver.extraJavaOptions=" + frugal},
	})
	pod.Spec.Containers = pod.Spec.Containers[:1] // the one beside it would never end
	pod.Spec.Containers[0].Args = slices.DeleteFunc(pod.Spec.Containers[0].Args, func(arg string) bool {
		return strings.HasPrefix(arg, "--run-key=") || strings.HasPrefix(arg, "--generation=")
	})
	text, err := json.Marshal(pod.Spec)
	if err != nil {
		t.Fatal(err)
	}
	spec := map[string]any{}
	if err := json.Unmarshal(text, &spec); err != nil {
		t.Fatal(err)
	}
	job := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "batch/v1", "kind": "Job", "metadata": map[string]any{"name": name},
		"spec": map[string]any{
			"backoffLimit": int64(0), "template": map[string]any{"spec": spec},
			// An evicted launcher is no failure of the Job.
			"podFailurePolicy": map[string]any{"rules": []any{map[string]any{
				"action": "Ignore", "onPodConditions": []any{map[string]any{"type": "DisruptionTarget", "status": "True"}},
			}}},
		},
	}}
	if _, err := c.objects.Resource(jobs).Namespace(c.namespace).Create(t.Context(), job, metav1.CreateOptions{}); err != nil {
		t.Fatalf("create Job: %v", err)
	}
}

// launcherOf waits for the Job's launcher that was not evicted yet.
func (c *cluster) launcherOf(t *testing.T, job string, evicted map[string]bool) string {
	t.Helper()
	name := ""
	c.await(t, patience, "the Job's next launcher", func(ctx context.Context) (bool, error) {
		pods := &corev1.PodList{}
		err := c.core.Get().Namespace(c.namespace).Resource("pods").
			Param("labelSelector", labels.Set{"batch.kubernetes.io/job-name": job}.String()).Do(ctx).Into(pods)
		for i := range pods.Items {
			pod := &pods.Items[i]
			if !evicted[pod.Name] && len(pod.Status.ContainerStatuses) > 0 && pod.Status.ContainerStatuses[0].State.Waiting == nil {
				name = pod.Name
			}
		}
		return name != "", err
	})
	return name
}

// settled gives the watch of the drivers a moment to hear what a launcher may have heard before.
func settled() { time.Sleep(200 * time.Millisecond) }
