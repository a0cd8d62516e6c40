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

	"github.com/sparkctl/sparkctl/internal/lines"
)

// Logs opens logs; see internal/kube's Client.PodLog.
type Logs interface {
	PodLog(ctx context.Context, namespace, name string, options *corev1.PodLogOptions) (io.ReadCloser, error)
}

// LogFollower copies a container's log, line by line, over broken and silent connections,
// without losing a line that the kubelet still has or writing one twice. It decides nothing: a
// stream that ends says nothing about the container.
//
// Kubernetes opens logs by the pod's name, not by its UID: a pod that took the driver's name would be
// read as if it were the driver. Gone keeps the follower from opening that one's log.
type LogFollower struct {
	Logs      Logs
	Target    Target
	Container string
	// Line is given each line without its end, and without the rest of what is longer than 1 MiB.
	Line func(line string)
	// Stamped is given the lines in place of Line, if it is not nil, with the time that the kubelet dates each to: the
	// zero time where it dates none, as what it says itself.
	Stamped func(at time.Time, line string)
	// Since leaves out what is older, by our clock and to the second, if it is not zero.
	Since time.Time
	// Tail is how many of the last lines to begin with; nil means all.
	Tail *int64
	// Previous is for the log of the container's life before a restart.
	Previous bool
	// Ended reports whether the container has ended: then the end of a stream is the end of the log.
	Ended func() bool
	// Gone reports that the pod is not there any more, or that another one has its name: then nothing
	// more is read. Nil means that this is not known.
	Gone func() bool

	seen seen
	// opened: the log could be read before; what is refused later may be granted again.
	opened bool
	// foreign are the lines without a timestamp: not the container's words but those of the kubelet, or of something
	// between, which says them on every connection anew.
	foreign map[string]bool
	// rest is how the last complete stream ended after the container had: the start of a line, if the
	// connection broke there, or a line that the container did not end.
	rest string
	// floor is the first line's time where the start of the log was left out: a new connection can bring some of it.
	floor time.Time
}

// Times of the log loop.
const (
	logRetryFirst = 250 * time.Millisecond
	logRetryMost  = 5 * time.Second
	// logRetryRefused is the longest time between two tries while the log may not be read. The first are as quick
	// as any: an API server that has just started refuses everybody for a moment.
	logRetryRefused = 30 * time.Second
	// logQuickEnds is how often the end of the log is read again without waiting.
	logQuickEnds = 3
	// maxForeign bounds the lines that are not the container's.
	maxForeign = 100
)

// Follow copies the log until the container has ended and its log is written out, the pod is gone,
// or ctx ends. What keeps the log from being read is returned when it is for
// good: no right to read it from the start, or no such pod.
func (f *LogFollower) Follow(ctx context.Context) error {
	wait, most := logRetryFirst, logRetryMost
	for quick := 0; ctx.Err() == nil && (f.Gone == nil || !f.Gone()); {
		ended := f.Ended()
		n, complete, err := f.stream(ctx, ended)
		switch {
		case podMissing(err), refused(err) && !f.opened:
			return err
		case complete && n == 0 && (quick > 0 || !f.seen.since().IsZero()):
			return nil
		case err == nil && ended && quick < logQuickEnds:
			// It was read to its end, unless the connection broke: look once more, at once.
			quick++
			continue
		case refused(err):
			most = logRetryRefused
		case n > 0 || most == logRetryRefused:
			wait, most = logRetryFirst, logRetryMost
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, most)
	}
	return nil
}

// stream reads one stream to its end and returns how many new lines it brought. It is complete when the
// container had ended before, and it brought again all that it should and no more: a connection can break
// without an error, and then it looks like the end of the log.
func (f *LogFollower) stream(ctx context.Context, ended bool) (n int, complete bool, err error) {
	// The container can write no more: a stream that does not wait for more ends for certain.
	options, mute := f.options(!ended), f.mute(!ended)
	ctx, alarm := watchSilence(ctx, func() bool { return ended || f.Ended() })
	defer alarm.stop()
	body, err := f.Logs.PodLog(ctx, f.Target.Namespace, f.Target.Name, options)
	if err != nil {
		return 0, false, err
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	f.opened = true
	if mute {
		defer f.silently()()
	}
	alarm.opened()
	again := f.seen.again()
	reader := bufio.NewReader(body)
	for {
		line, err := lines.Read(reader)
		switch {
		case errors.Is(err, io.EOF):
			n += f.end(&again, line, ended)
			return n, ended && (len(again.left) == 0 || again.rotated()) && f.rest == "", nil
		case err != nil:
			return n, false, fmt.Errorf("read log: %w", err)
		}
		// Who takes the line may take its time: that is no silence of the connection.
		alarm.pause()
		if f.copy(&again, strings.TrimSuffix(line, "\n")) {
			n++
		}
		alarm.resume()
	}
}

// end takes what a stream ended with behind the last line's end. While the container runs the connection broke
// there: the line comes again whole. Later the container may have left it so: when it
// comes twice, it did. It returns how many lines it wrote.
func (f *LogFollower) end(again *repeats, line string, ended bool) int {
	inStamp := strings.Trim(line, "0123456789-:.TZ+") == ""
	if !ended || line == "" || line != f.rest || inStamp {
		f.rest = ""
		if ended {
			f.rest = line
		}
		return 0
	}
	f.rest = ""
	if !f.copy(again, line) {
		return 0
	}
	return 1
}

// copy hands a line on unless it was before, and reports whether it did.
func (f *LogFollower) copy(again *repeats, line string) bool {
	at, text := splitTimestamp(line)
	switch {
	case at.IsZero() && (f.foreign[text] || len(f.foreign) == maxForeign):
		return false
	case at.IsZero():
		if f.foreign == nil {
			f.foreign = map[string]bool{}
		}
		f.foreign[text] = true
	case again.has(at, text), at.Before(f.floor):
		return false
	default:
		f.begin(at)
		f.seen.add(at, text)
	}
	f.give(at, text)
	return true
}

// piece is where container runtimes split long lines, in bytes (containerd: max_container_log_line_size).
const piece = 16 << 10

// splitTimestamp takes the kubelet's timestamp off a line; the zero time when there is none. Older
// kubelets put one before each piece of a long line: those are taken out as well.
func splitTimestamp(line string) (time.Time, string) {
	at, text, ok := cutTimestamp(line)
	if !ok {
		return time.Time{}, line
	}
	var whole strings.Builder
	for len(text) > piece {
		_, rest, ok := cutTimestamp(text[piece:])
		if !ok {
			break
		}
		whole.WriteString(text[:piece])
		text = rest
	}
	if whole.Len() == 0 {
		return at, text
	}
	whole.WriteString(text)
	return at, whole.String()
}

// cutTimestamp takes one timestamp off the start of a text.
func cutTimestamp(line string) (time.Time, string, bool) {
	const longest = len("2006-01-02T15:04:05.999999999+07:00")
	stamp, _, _ := strings.Cut(line[:min(len(line), longest+1)], " ")
	at, err := time.Parse(time.RFC3339Nano, stamp)
	if err != nil || at.IsZero() {
		return time.Time{}, line, false
	}
	return at, strings.TrimPrefix(line[len(stamp):], " "), true
}
