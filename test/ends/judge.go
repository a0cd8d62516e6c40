// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package ends

import (
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/sensor"
	"github.com/sparkctl/sparkctl/sensor/progress"
	"github.com/sparkctl/sparkctl/xcom"
)

// The sensor's deadlines unless told otherwise.
const (
	pendingTimeout = 30 * time.Minute
	stuckTimeout   = 2 * time.Minute
)

// Judge is what the sensor says of a recording a day after the pod was made, and whether that is its last word.
// A submitter's result that names no pod it repeats.
func (e End) Judge(r Recording) (result xcom.Result, final bool) {
	if r.Result != nil {
		read, err := xcom.Read(r.Result)
		return read, err == nil && read.State.Final()
	}
	o := sensor.Observation{Pod: r.Pod, Events: r.Events, Node: r.Node, Gone: e.Gone}
	if r.Successor != nil {
		o.Successor = r.Successor.UID
	}
	criteria := sensor.Criteria{
		PendingTimeout: pendingTimeout, StuckTimeout: stuckTimeout,
		QueueTimeout: e.QueueTimeout, RunningTimeout: e.RunningTimeout,
	}
	if r.Pod != nil {
		o.Now = r.Pod.CreationTimestamp.Time
		o.History = o.History.After(o, criteria)
		o.Now = o.Now.Add(24 * time.Hour)
	}
	v := sensor.Judge(o, criteria)
	log := strings.Split(strings.TrimSuffix(r.Log, "\n"), "\n")
	if r.Log != "" {
		v = v.Explained(log)
	}
	v = v.WithoutExecutors(noExecutors(r.Executors, log))
	return xcom.Result{Schema: xcom.Schema, State: v.State, ExitCode: v.DriverCode, Cause: v.Cause}, v.Final
}

// noExecutors says why a driver that had not ended has no executor.
func noExecutors(pods []*corev1.Pod, log []string) string {
	report := progress.Report{Executors: &progress.Executors{}}
	for _, pod := range pods {
		switch pod.Status.Phase {
		case corev1.PodRunning:
			report.Executors.Running++
		case corev1.PodPending:
			report.Executors.Pending++
			report.Executors.Waiting, report.Executors.Why = pod.Name, progress.WhyWaiting(pod)
		case corev1.PodFailed:
			report.Executors.Failed++
		}
	}
	for _, line := range log {
		if refused, ok := progress.Refusal(line); ok {
			report.Refused = refused
		}
	}
	return report.NoExecutors()
}
