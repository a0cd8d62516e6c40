// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package progress

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/secret"
	"github.com/sparkctl/sparkctl/sensor"
)

// errAnswer is returned for an answer that is not what was asked for.
var errAnswer = errors.New("the answer is not the JSON that was asked for, or is too long")

// Jobs reads what Spark answers to /applications/ID/jobs?status=running and ?status=failed
// (org.apache.spark.status.api.v1.JobData). begun is how many jobs are known to have begun from an earlier
// answer: while none runs, Spark does not tell without listing them all.
func Jobs(running, failed []byte, begun int) (*Work, error) {
	list, bad := gjson.ParseBytes(running), gjson.ParseBytes(failed)
	if !gjson.ValidBytes(running) || !gjson.ValidBytes(failed) || !list.IsArray() || !bad.IsArray() {
		return nil, errAnswer
	}
	w := &Work{Newest: -1}
	for _, job := range bad.Array() {
		w.Jobs.Failed++
		begun = max(begun, number(job, "jobId")+1)
	}
	newest := -1
	for _, job := range list.Array() {
		newest = max(newest, number(job, "jobId"))
		w.Jobs.Active++
		w.Stages.Active += number(job, "numActiveStages")
		w.Stages.Done += number(job, "numCompletedStages")
		w.Stages.Total += max(0, number(job, "stageIds.#")-number(job, "numSkippedStages"))
		w.Tasks.Active += number(job, "numActiveTasks")
		// A partition that is computed again counts once.
		w.Tasks.Done += number(job, "numCompletedIndices")
		w.Tasks.Failed += number(job, "numFailedTasks")
		w.Tasks.Total += max(0, number(job, "numTasks")-number(job, "numSkippedTasks"))
	}
	w.Newest = newest
	w.Jobs.Done = max(w.Jobs.Failed, max(begun, newest+1)-w.Jobs.Active)
	return w, nil
}

// number is a count of Spark's, which has 32 bits; what is none is 0.
func number(job gjson.Result, key string) int {
	return int(max(0, min(job.Get(key).Int(), math.MaxInt32)))
}

// CountExecutors reads the API server's table of a driver's executor pods (meta.k8s.io/v1 Table, the
// rows that kubectl prints), which is a fiftieth of the pods themselves.
func CountExecutors(table []byte) (*Executors, error) {
	if !gjson.ValidBytes(table) {
		return nil, errAnswer
	}
	root := gjson.ParseBytes(table)
	name, status := -1, -1
	for i, column := range root.Get("columnDefinitions").Array() {
		switch column.Get("name").String() {
		case "Name":
			name = i
		case "Status":
			status = i
		}
	}
	if root.Get("kind").String() != "Table" || name < 0 || status < 0 {
		return nil, errAnswer
	}
	e := &Executors{More: root.Get("metadata.continue").String() != ""}
	// Read in place: a list of cells for each row would be most of a heartbeat's garbage.
	whole, nameIn, statusIn := true, "cells."+strconv.Itoa(name), "cells."+strconv.Itoa(status)
	root.Get("rows").ForEach(func(_, row gjson.Result) bool {
		pod, is := row.Get(nameIn), row.Get(statusIn)
		whole = pod.Exists() && is.Exists()
		e.add(pod.String(), is.String())
		return whole
	})
	if !whole {
		return nil, errAnswer
	}
	return e, nil
}

// add counts one pod by what kubectl calls its status.
func (e *Executors) add(name, status string) {
	switch {
	case status == "Running" || status == "NotReady":
		e.Running++
	case status == "Completed" || status == "Succeeded" || status == "Terminating":
		// It is done, or its driver has sent it away.
	case waits(status):
		e.Pending++
		// One that waits for something is a better example than one that is just being made.
		if e.Waiting == "" || e.Why == "" && !starts(status) {
			e.Waiting, e.Why = name, ""
			if !starts(status) {
				e.Why = said("", status)
			}
		}
	default:
		e.Failed++
	}
}

func starts(status string) bool { return status == "ContainerCreating" || status == "PodInitializing" }

// waits reports whether a pod of that status can still come to run.
func waits(status string) bool {
	switch status {
	case "Pending", "SchedulingGated", "ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "ImageInspectError",
		"RegistryUnavailable", "CreateContainerConfigError", "CreateContainerError", "CreatePodSandboxError", "RunContainerError", "PreCreateHookError", "PreStartHookError", "PostStartHookError":
		return true
	default:
		return starts(status) || strings.HasPrefix(status, "Init:")
	}
}

// maxWhy bounds what is said of one pod, in bytes.
const maxWhy = 300

// WhyWaiting says what a pending executor waits for; empty when nothing but time.
func WhyWaiting(pod *corev1.Pod) string {
	containers := []string{""}
	for _, status := range pod.Status.ContainerStatuses {
		containers = append(containers, status.Name)
	}
	for _, container := range containers {
		if cause := sensor.Waiting(pod, container); cause != nil && cause.Reason != sensor.NotScheduled {
			return said(cause.Reason, cause.Message)
		}
	}
	return ""
}

func said(reason, message string) string {
	text := strings.Join(strings.Fields(secret.Mask(message)), " ")
	if len(text) > maxWhy {
		text = strings.ToValidUTF8(text[:maxWhy], "") + "..."
	}
	switch {
	case text == "":
		return reason
	case reason == "":
		return text
	default:
		return reason + ": " + text
	}
}

// Refusal reads a line of a driver's log and returns what the API server said when it
// refused an executor (io.fabric8.kubernetes.client.KubernetesClientException): such a pod never exists, so nothing else tells.
func Refusal(line string) (string, bool) {
	if !strings.Contains(line, "KubernetesClientException") || !strings.Contains(line, "POST at: ") {
		return "", false
	}
	_, rest, found := strings.Cut(line, "/pods. Message: ")
	if !found {
		return "", false
	}
	rest, _, _ = strings.Cut(rest, " Received status: ")
	return said("", strings.TrimRight(rest, ". ")), true
}
