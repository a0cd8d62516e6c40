// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package ends

import (
	"strings"
	"time"

	"github.com/sparkctl/sparkctl/sensor"
	"github.com/sparkctl/sparkctl/xcom"
)

// The sensor's deadlines unless told otherwise.
const (
	pendingTimeout = 30 * time.Minute
	stuckTimeout   = 2 * time.Minute
)

// Judge is what the sensor says of a recording a day after the pod was made, and whether that is its last word.
func (e End) Judge(r Recording) (result xcom.Result, final bool) {
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
	if r.Log != "" {
		v = v.Explained(strings.Split(strings.TrimSuffix(r.Log, "\n"), "\n"))
	}
	return xcom.Result{Schema: xcom.Schema, State: v.State, ExitCode: v.DriverCode, Cause: v.Cause}, v.Final
}
