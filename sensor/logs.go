// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sparkctl/sparkctl/internal/lines"
)

// Logs opens logs; see internal/kube's Client.PodLog.
type Logs interface {
	PodLog(ctx context.Context, namespace, name string, options *corev1.PodLogOptions) (io.ReadCloser, error)
}

// LogFollower copies a container's log, line by line, over broken connections,
// without losing a line or writing one twice. It decides nothing: a stream that ends says
// nothing about the container.
type LogFollower struct {
	Logs      Logs
	Target    Target
	Container string
	// Line is given each line without its end.
	Line func(line string)
	// Ended reports whether the container has ended: then the end of a stream is the end of the log.
	Ended func() bool

	last  time.Time // time of the last line written
	count int       // lines written that bear that time
}

// Times of the log loop.
const (
	logRetryFirst = 250 * time.Millisecond
	logRetryMost  = 5 * time.Second
)

// Follow copies the log until the container has ended and its log is written out,
// or ctx ends. What keeps the log from being read is returned when it is for
// good: no right to read it, or no such pod.
func (f *LogFollower) Follow(ctx context.Context) error {
	wait := logRetryFirst
	for ctx.Err() == nil {
		ended := f.Ended()
		n, err := f.stream(ctx)
		switch {
		case forGood(err):
			return err
		case err == nil && ended:
			return nil
		}
		if n > 0 {
			wait = logRetryFirst
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, logRetryMost)
	}
	return nil
}

// forGood reports whether trying again cannot help.
func forGood(err error) bool {
	return apierrors.IsForbidden(err) || apierrors.IsNotFound(err) || apierrors.IsUnauthorized(err)
}

// stream reads one stream to its end and returns how many new lines it brought.
func (f *LogFollower) stream(ctx context.Context) (n int, err error) {
	options := &corev1.PodLogOptions{Container: f.Container, Follow: true, Timestamps: true}
	if !f.last.IsZero() {
		// sinceTime counts whole seconds and includes them: the lines of that
		// second come again, and are passed over.
		since := metav1.NewTime(f.last.Truncate(time.Second))
		options.SinceTime = &since
	}
	body, err := f.Logs.PodLog(ctx, f.Target.Namespace, f.Target.Name, options)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	skip := repeats{last: f.last, count: f.count}
	reader := bufio.NewReader(body)
	for {
		line, err := lines.Read(reader)
		if errors.Is(err, io.EOF) && line == "" {
			return n, nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return n, fmt.Errorf("read log: %w", err)
		}
		if err != nil && !f.Ended() {
			// The connection broke within a line: it comes again whole.
			return n, nil
		}
		at, text := splitTimestamp(strings.TrimSuffix(line, "\n"))
		if skip.skips(at) {
			continue
		}
		f.note(at)
		n++
		f.Line(text)
	}
}

// note remembers the place of the last line written.
func (f *LogFollower) note(at time.Time) {
	if at.IsZero() {
		return
	}
	if at.Equal(f.last) {
		f.count++
		return
	}
	f.last, f.count = at, 1
}

// repeats knows which lines of a new stream have been written before: those older
// than the last, and as many of its very time as were written.
type repeats struct {
	last  time.Time
	count int
}

func (r *repeats) skips(at time.Time) bool {
	switch {
	case r.last.IsZero() || at.IsZero() || at.After(r.last):
		return false
	case at.Equal(r.last):
		r.count--
		return r.count >= 0
	default:
		return true
	}
}

// splitTimestamp takes the kubelet's timestamp off a line; the zero time when there is none.
func splitTimestamp(line string) (time.Time, string) {
	stamp, text, found := strings.Cut(line, " ")
	at, err := time.Parse(time.RFC3339Nano, stamp)
	if err != nil {
		return time.Time{}, line
	}
	if !found {
		return at, ""
	}
	return at, text
}
