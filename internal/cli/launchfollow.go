// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"context"
	"errors"
	"log/slog"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/sensor"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/xcom"
)

// FollowOptions say how a person's program follows what it has submitted.
type FollowOptions struct {
	// Log is told how the driver gets on.
	Log *slog.Logger
	// Logs copies the driver's log to standard error, each line with Prefix before it.
	Logs   bool
	Prefix string
	// Several says that others are followed beside this one.
	Several bool
	// Kill ends the driver when the process is asked to end; when the time is over it is left all the same.
	Kill bool
	// Stuck is how long the driver may wait for what does not come by itself; 0 is for ever.
	Stuck time.Duration
}

// Followed is what became of a driver.
type Followed struct {
	// Pod as it was read last.
	Pod *corev1.Pod
	// Verdict is the last word about it, and Code the exit code that it means.
	Verdict sensor.Verdict
	Code    xcom.ExitCode
	// Left says that the following was ended before the driver did, which goes on.
	Left bool
}

// peoplesHeartbeat is how long a log may be silent before a line says how the driver gets on, where there is no bar for it.
const peoplesHeartbeat = time.Minute

// Follow follows the driver of a run to its end, or until ctx ends.
func (l *Launch) Follow(ctx context.Context, found submitter.Outcome, o FollowOptions) Followed {
	pod := found.Pod
	f := &following{
		env: l.env, log: o.Log, outbox: &outbox{log: o.Log}, client: l.client, own: l.own, onCancel: sensor.CancelKill,
		flags: followFlags{
			logs: o.Logs, logPrefix: o.Prefix, heartbeat: peoplesHeartbeat, apiTimeout: l.apiTimeout, stuckTimeout: o.Stuck, grace: l.grace,
		},
		target:    sensor.Target{Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID},
		container: l.plan.Container, plain: o.Several, pod: pod,
		leaves: func(ctx context.Context) bool {
			return !o.Kill || errors.Is(context.Cause(ctx), context.DeadlineExceeded)
		},
	}
	code := f.run(ctx)
	if r := f.outbox.latest(); r.State == xcom.Cancelled {
		f.says.State, f.says.Cause = r.State, r.Cause
	}
	return Followed{Pod: f.pod, Verdict: f.says, Code: code, Left: f.left}
}
