// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/internal/lines"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/sensor"
	"github.com/sparkctl/sparkctl/xcom"
)

// followFlags say how a driver is followed.
type followFlags struct {
	logs       bool
	logPrefix  string
	heartbeat  time.Duration
	apiTimeout time.Duration
	// The four bound what the driver does, see [sensor.Criteria].
	pendingTimeout, stuckTimeout, queueTimeout, runningTimeout time.Duration
	onCancel                                                   string
	grace                                                      time.Duration
}

func (f *followFlags) add(flags *flagSet, onCancel sensor.OnCancel, apiTimeout time.Duration) {
	flags.BoolVar(&f.logs, "follow-logs", true, "copy the driver's log to standard error")
	flags.StringVar(&f.logPrefix, "log-prefix", "", "what to write before each line of the driver's log")
	flags.DurationVar(&f.heartbeat, "heartbeat", time.Minute, heartbeatUsage)
	flags.DurationVar(&f.apiTimeout, "api-timeout", apiTimeout, "how long the API server may be away")
	flags.DurationVar(&f.pendingTimeout, "pending-timeout", 30*time.Minute, "how long the driver may take to start, from its creation or the end of its queueing; 0 is for ever")
	flags.DurationVar(&f.stuckTimeout, "stuck-timeout", 2*time.Minute, "how long of that it may wait for what does not come by itself, such as an image or a Secret that is not there; 0 is as long as --pending-timeout")
	flags.DurationVar(&f.queueTimeout, "queue-timeout", 0, "how long the driver may queue, held back by a scheduling gate such as Kueue's; 0 is for ever")
	flags.DurationVar(&f.runningTimeout, "running-timeout", 0, "how long the driver may run; 0 is for ever")
	flags.StringVar(&f.onCancel, "on-cancel", string(onCancel), "what becomes of the driver on SIGTERM: kill, leave, or auto (leave it when this pod is drained, else kill it)")
	flags.DurationVar(&f.grace, "grace-period", 25*time.Second, "how long the end may take after SIGTERM, 5 s more at worst; keep it well below the pod's terminationGracePeriodSeconds")
}

// check refuses values that mean nothing.
func (f followFlags) check() (sensor.OnCancel, error) {
	const hint = "give a length of time such as 90s or 2h"
	for _, t := range []struct {
		flag   string
		length time.Duration
	}{
		{"api-timeout", f.apiTimeout},
		{"pending-timeout", f.pendingTimeout},
		{"stuck-timeout", f.stuckTimeout},
		{"queue-timeout", f.queueTimeout},
		{"running-timeout", f.runningTimeout},
		{"grace-period", f.grace},
		{"heartbeat", f.heartbeat},
	} {
		if t.length < 0 {
			return "", problem.Usage(hint, "--%s %s is negative", t.flag, t.length)
		}
	}
	if f.apiTimeout == 0 {
		return "", problem.Usage(hint, "--api-timeout 0s leaves the API server no time to answer")
	}
	onCancel, err := sensor.ParseOnCancel(f.onCancel)
	if err != nil {
		return "", problem.Usage("give auto, leave or kill", "--on-cancel: %w", err)
	}
	return onCancel, nil
}

// following is one driver being followed, and what is told of it on the way.
type following struct {
	env      Env
	log      *slog.Logger
	outbox   *outbox
	client   *kube.Client
	flags    followFlags
	onCancel sensor.OnCancel
	own      ownPod
	target   sensor.Target
	// container is the configured name of the driver's container.
	container string
	// base holds what only the launcher knows of the driver.
	base xcom.Result
	// memory is what was seen of the driver before.
	memory memory
	// leaves reports whether the driver is left when ctx has ended; nil: that is for onCancel to say.
	leaves func(ctx context.Context) bool
	// plain says that others write to the same screen, which can have one bar only.
	plain bool

	heart *heartbeat
	left  bool           // the following was ended, and the driver left
	pod   *corev1.Pod    // as it was read last
	says  sensor.Verdict // the last word about it
	ended atomic.Bool
	gone  atomic.Bool // the pod went without an end: who has its name now has another log
	told  string
	logs  chan struct{} // closed when the log has been copied; nil before the driver has started
	tail  lines.Tail    // the end of the log, once logs is closed
}

// run follows the driver to its end, or until ctx is cancelled, and returns the exit code.
func (f *following) run(ctx context.Context) xcom.ExitCode {
	logCtx, stopLogs := context.WithCancel(context.WithoutCancel(ctx))
	defer stopLogs()
	f.heart = startHeartbeat(ctx, f)
	defer f.heart.stop()
	follower := sensor.Follower{
		Pods: f.heart.pods(f.client), Clues: f.client, Target: f.target, APITimeout: f.flags.apiTimeout, Log: f.log,
		Criteria: sensor.Criteria{
			Container: f.container, PendingTimeout: f.flags.pendingTimeout, StuckTimeout: f.flags.stuckTimeout,
			QueueTimeout: f.flags.queueTimeout, RunningTimeout: f.flags.runningTimeout,
		},
		Changed: func(pod *corev1.Pod, v sensor.Verdict) { f.changed(logCtx, pod, v) },
	}
	pod, verdict, err := follower.Follow(ctx)
	f.heart.stop()
	if err != nil && f.leaves != nil && f.leaves(ctx) {
		f.left = true
		return xcom.ExitCancelled
	}
	if err != nil {
		return f.cancel(ctx, pod)
	}
	verdict = f.known(pod, verdict)
	if pod == nil {
		// There was no version of the pod to tell changed of.
		f.outbox.put(f.result(nil, verdict))
	}
	explained := verdict.KilledFor(f.kills(ctx, verdict))
	explained = explained.Explained(f.lastWords(ctx, pod, explained))
	if explained.Unexplained && verdict.DriverCode == nil {
		explained = explained.WithoutExecutors(f.heart.noExecutors(ctx))
	}
	if explained.Cause != verdict.Cause {
		verdict = explained
		f.outbox.put(f.result(pod, verdict))
	}
	f.says = verdict
	f.log.Info("the verdict is "+string(verdict.State), verdictAttrs(verdict)...)
	return verdict.ExitCode
}

// changed writes down a new version of the pod, and starts copying the log once there is one.
func (f *following) changed(ctx context.Context, pod *corev1.Pod, v sensor.Verdict) {
	f.target.UID = pod.UID
	f.pod, f.says = pod, v
	f.heart.saw(pod, v)
	f.outbox.put(f.result(pod, v))
	if text := progress(pod, v); text != f.told && !v.Final {
		f.told = text
		f.log.Info(text)
	}
	name := driver.Container(pod, f.container)
	started := driver.Running(pod, name) != nil || driver.Ended(pod, name) != nil
	if started && f.logs == nil && f.flags.logs {
		f.logs = make(chan struct{})
		go f.copyLog(ctx, f.target, name)
	}
	f.gone.Store(v.State == xcom.Lost && v.DriverCode == nil)
	f.ended.Store(v.Final)
}

// result is the document for a version of the pod and its verdict.
func (f *following) result(pod *corev1.Pod, v sensor.Verdict) xcom.Result {
	r := f.base
	if pod != nil {
		r = sensor.Describe(r, pod, f.container)
	}
	r.State, r.Cause, r.ExitCode = v.State, v.Cause, v.DriverCode
	return r
}

// copyLog copies the driver's log to standard error until it has ended.
func (f *following) copyLog(ctx context.Context, target sensor.Target, container string) {
	defer close(f.logs)
	follower := sensor.LogFollower{
		Logs: f.client, Target: target, Container: container, Ended: f.ended.Load, Gone: f.gone.Load,
		// A standard error that is gone ends nothing.
		Line: func(line string) {
			f.tail.Add(line)
			f.heart.line(line)
			_, _ = io.WriteString(f.env.Stderr, f.flags.logPrefix+line+"\n")
		},
	}
	if err := follower.Follow(ctx); err != nil {
		f.log.Warn("the driver's log cannot be copied; the verdict does not depend on it"+missing(err, "get on pods/log"), "error", err)
	}
}

// missing is what a sentence about err ends with: the verb that the Role lacks, if that is why.
func missing(err error, verb string) string {
	if !apierrors.IsForbidden(err) {
		return ""
	}
	return "; give the service account the verb " + verb
}

// logTail is how long the rest of the log may take after the driver has ended.
const logTail = 10 * time.Second

// lastWords is the end of the driver's log: of what was copied, or, if that is not all of it and the verdict
// needs it, read for the purpose.
func (f *following) lastWords(ctx context.Context, pod *corev1.Pod, v sensor.Verdict) []string {
	if v.DriverCode != nil && f.drainLogs(ctx) {
		return f.tail.Lines()
	}
	if !v.Unexplained || pod == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, kube.CallTimeout)
	defer cancel()
	said, err := sensor.TailLog(ctx, f.client, f.target, driver.Container(pod, f.container), lines.TailLines)
	if err != nil {
		f.log.Warn("the end of the driver's log cannot be read, so the cause says less"+missing(err, "get on pods/log"), "error", err)
	}
	return said
}

// killsTime bounds the reading of events about a driver that was killed.
const killsTime = 2 * time.Second

// kills reads the events about a driver that was killed, which may say why; nil when its pod says it, or it was not.
func (f *following) kills(ctx context.Context, v sensor.Verdict) []corev1.Event {
	if !v.Killed() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, killsTime)
	defer cancel()
	// Without the right to, or without an answer, the cause says less.
	events, _ := f.client.Events(ctx, f.target.Namespace, f.target.UID)
	return events
}

// drainLogs waits for the rest of the log and reports whether it came.
func (f *following) drainLogs(ctx context.Context) bool {
	if f.logs == nil {
		return false
	}
	select {
	case <-f.logs:
		return true
	case <-ctx.Done():
	case <-time.After(logTail):
		f.log.Warn("the end of the driver's log did not come; it is not all here", "waited", logTail.String())
	}
	return false
}

// progress says what a driver that has not ended is doing.
func progress(pod *corev1.Pod, v sensor.Verdict) string {
	text := fmt.Sprintf("driver %s/%s is %s", pod.Namespace, pod.Name, v.State)
	if v.Cause != nil {
		text += ": " + v.Cause.Reason + ": " + v.Cause.Message
	} else if v.State == xcom.Running && pod.Spec.NodeName != "" {
		text += " on node " + pod.Spec.NodeName
	}
	return text
}

func verdictAttrs(v sensor.Verdict) []any {
	attrs := []any{"exit_code", int(v.ExitCode)}
	if v.Cause != nil {
		attrs = append(attrs, "category", string(v.Cause.Category), "reason", v.Cause.Reason, "message", v.Cause.Message)
	}
	return attrs
}
