// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"fmt"
	"log/slog"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/sparkctl/sparkctl/xcom"
)

// outage is a time in which the pod cannot be read. It is told when it begins, while it
// lasts and when it ends, and it ends the following when it lasts for too long.
type outage struct {
	limit time.Duration
	log   *slog.Logger

	readOnce bool // a read has succeeded before
	since    time.Time
	told     time.Time
	failures int
	err      error
}

func (o *outage) lasts() bool { return !o.since.IsZero() }

// begin notes that a read failed; began is when it was sent.
func (o *outage) begin(began, now time.Time, err error) {
	o.err = err
	o.failures++
	if !o.lasts() {
		o.since = began
	}
	if now.Sub(o.told) >= tellInterval {
		o.told = now
		o.log.Warn("the driver cannot be read; trying on", "error", err, "since", o.since.UTC().Format(time.RFC3339), "giving_up_after", span(o.limit))
	}
}

func (o *outage) end(now time.Time) {
	if o.lasts() {
		o.log.Info("the driver can be read again", "after", span(now.Sub(o.since).Round(time.Second)))
	}
	*o = outage{limit: o.limit, log: o.log, readOnce: true}
}

// backoff is the time between two reads.
func (o *outage) backoff() time.Duration {
	wait := retryFirst << min(o.failures-1, 10)
	return min(wait, retryMost)
}

// patience is when a read that begins now is given up: a server that takes it and never
// answers must not hold the end of the outage off.
func (o *outage) patience(now time.Time) time.Time {
	if limit, ok := o.until(); ok && limit.After(now) {
		return limit
	}
	return now.Add(max(o.limit, time.Second))
}

// until is when the outage will have lasted for too long.
func (o *outage) until() (time.Time, bool) { return o.since.Add(o.limit), o.lasts() }

// denied reports whether the pod cannot be read because we may not.
func (o *outage) denied() bool {
	return o.lasts() && refused(o.err)
}

// deniedReads is how many reads must be refused before we believe that we may not read at all: an API server
// that has just started refuses everybody for a moment, until it knows the Roles.
const deniedReads = 3

// verdict ends the following when the outage has lasted for too long, or after a few reads when
// we were never allowed to read: waiting does not give a right.
func (o *outage) verdict(now time.Time, last *corev1.Pod) (Verdict, bool) {
	if !o.lasts() {
		return Verdict{}, false
	}
	denied := o.denied()
	if limit, _ := o.until(); now.Before(limit) && (o.readOnce || !denied || o.failures < deniedReads) {
		return Verdict{}, false
	}
	cause := xcom.Cause{
		Category: xcom.CategoryAPI, Reason: "Unreachable", Retryable: yes(),
		Message: fmt.Sprintf("the API server gave no usable answer for %s: %v", span(now.Sub(o.since).Round(time.Second)), o.err),
		Hint:    "the driver is not affected; follow it again with sensor --pod, or raise --api-timeout",
	}
	if denied {
		cause = xcom.Cause{
			Category: xcom.CategoryPermission, Reason: string(apierrors.ReasonForError(o.err)), Retryable: no(),
			Message: fmt.Sprintf("the driver may not be read: %v", o.err),
			Hint:    "give the service account the verbs get, list and watch on pods in the driver's namespace (a Role is in examples/rbac/sensor.yaml)",
		}
	}
	if last != nil {
		cause.Evidence = []string{lastSeen(last)}
	}
	return Verdict{State: xcom.Unknown, Final: true, ExitCode: xcom.ExitBlind, Cause: &cause}, true
}
