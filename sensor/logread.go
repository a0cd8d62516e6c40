// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// logReads is how often a log is read that breaks off every time.
const logReads = 4

// Read copies what the log holds now and waits for no more. Follow goes on where it ended, without loss and
// without a line twice. What keeps the log from being read is returned.
func (f *LogFollower) Read(ctx context.Context) error {
	wait := logRetryFirst
	var err error
	for n := range logReads {
		var complete bool
		_, complete, err = f.stream(ctx, true)
		switch {
		case err == nil && (complete || !f.Ended()), podMissing(err), refused(err), ctx.Err() != nil, n == logReads-1:
			return err
		case err == nil:
			continue
		case errors.Is(err, context.Canceled):
			return fmt.Errorf("read log of pod %s/%s: the node does not answer", f.Target.Namespace, f.Target.Name)
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait *= 2
	}
	return err
}

// options are what a new connection asks for.
func (f *LogFollower) options(follow bool) *corev1.PodLogOptions {
	options := &corev1.PodLogOptions{Container: f.Container, Follow: follow, Timestamps: true, Previous: f.Previous}
	if since := f.seen.since(); !since.IsZero() {
		// sinceTime counts whole seconds and includes them: what was written since comes again.
		options.SinceTime = &metav1.Time{Time: since}
		return options
	}
	if !f.Since.IsZero() {
		// A length, not a time: the node's clock is not ours.
		options.SinceSeconds = new(max(1, int64(math.Ceil(time.Since(f.Since).Seconds()))))
	}
	switch {
	case f.Tail == nil || *f.Tail == 0 && f.opened:
		// Nothing was there when it was opened first: all that is there now has come since.
	case f.mute(follow):
		options.TailLines = new(int64(1))
	default:
		options.TailLines = f.Tail
	}
	return options
}

// mute reports whether a connection that does not wait brings the last line only for us to know where to go on, because none was asked for.
func (f *LogFollower) mute(follow bool) bool {
	return f.Tail != nil && *f.Tail == 0 && !follow && !f.opened
}

// silently notes lines without handing them on until it is undone.
func (f *LogFollower) silently() (undo func()) {
	stamped := f.Stamped
	f.Stamped = func(time.Time, string) {}
	return func() { f.Stamped = stamped }
}

// begin notes the time of the first line where the start of the log is left out.
func (f *LogFollower) begin(at time.Time) {
	if f.floor.IsZero() && (f.Tail != nil || !f.Since.IsZero()) {
		f.floor = at
	}
}

// give hands a line on.
func (f *LogFollower) give(at time.Time, text string) {
	if f.Stamped != nil {
		f.Stamped(at, text)
		return
	}
	f.Line(text)
}
