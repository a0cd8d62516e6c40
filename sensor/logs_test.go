// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/sensor"
	"github.com/sparkctl/sparkctl/test/apiserver"
)

// reader follows the driver's log and keeps what it is given.
type reader struct {
	mu    sync.Mutex
	lines []string
	ended atomic.Bool
	err   error
	done  chan struct{}
}

func (w *world) read() *reader {
	r := &reader{done: make(chan struct{})}
	follower := sensor.LogFollower{
		Logs: w.client, Target: sensor.Target{Namespace: namespace, Name: name}, Container: container,
		Ended: r.ended.Load,
		Line: func(line string) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.lines = append(r.lines, line)
		},
	}
	go func() {
		defer close(r.done)
		r.err = follower.Follow(w.t.Context())
	}()
	synctest.Wait()
	return r
}

// want waits for the end of the log and compares it.
func (r *reader) want(t *testing.T, lines []string) {
	t.Helper()
	<-r.done
	if r.err != nil {
		t.Fatal(r.err)
	}
	if diff := cmp.Diff(lines, r.lines); diff != "" {
		t.Errorf("log mismatch (-want +got):\n%s", diff)
	}
}

func logs(r apiserver.Request) bool { return r.Subresource == "log" }

// Connections break in every way, between lines and within a burst of the very same
// second; every line comes once, in order.
func TestFollowLogLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	ways := map[string]apiserver.Loss{"reset": apiserver.Reset, "end of file": apiserver.EOF, "clean end": apiserver.Delivered}
	for way, end := range ways {
		t.Run(way, func(t *testing.T) {
			inWorld(t, apiserver.Options{}, func(w *world) {
				w.run()
				r := w.read()
				var want []string
				for i := range 200 {
					line := fmt.Sprintf("line %d", i)
					want = append(want, line)
					w.server.AppendLog(namespace, name, container, line+"\n")
					if i%7 == 0 {
						synctest.Wait()
						w.server.CutStreams(end, logs)
					}
					if i%13 == 0 {
						w.after(300 * time.Millisecond)
					}
				}
				w.after(time.Minute)
				r.ended.Store(true)
				w.terminate(0)
				w.server.CutStreams(end, logs)
				r.want(w.t, want)
			})
		})
	}
}

func TestFollowLogEndsWithTheContainer(t *testing.T) {
	t.Parallel()
	inWorld(t, apiserver.Options{}, func(w *world) {
		w.run()
		r := w.read()
		w.server.AppendLog(namespace, name, container, "first\nsecond\n")
		w.after(time.Hour)
		w.server.AppendLog(namespace, name, container, "last, without an end")
		r.ended.Store(true)
		w.terminate(3)
		r.want(w.t, []string{"first", "second", "last, without an end"})
	})
}

func TestFollowLogEndsWithoutTheRightToRead(t *testing.T) {
	t.Parallel()
	inWorld(t, apiserver.Options{}, func(w *world) {
		w.run()
		w.server.SetAuthorize(func(a apiserver.Attributes) bool { return a.Subresource != "log" })
		r := w.read()
		<-r.done
		if r.err == nil {
			t.Error("no error without the right to read the log")
		}
	})
}

// listOfStreams is a log whose connections bring these texts, the last one again and again.
type listOfStreams struct {
	texts []string
	opens int
}

func (l *listOfStreams) PodLog(context.Context, string, string, *corev1.PodLogOptions) (io.ReadCloser, error) {
	text := l.texts[min(l.opens, len(l.texts)-1)]
	l.opens++
	return io.NopCloser(strings.NewReader(text)), nil
}

func TestFollowLogReadsAgainOnlyWhatCanBeMore(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		streams []string
		want    []string
		opens   int
	}{
		{"a proxy's page of lines without a timestamp is copied once", []string{"one\ntwo\n"}, []string{"one", "two"}, 3},
		{"a connection that ends before its first byte is not the log", []string{"", "2026-11-21T10:00:00Z all\n"}, []string{"all"}, 3},
		{"a driver that said nothing", []string{""}, nil, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var got []string
				source := &listOfStreams{texts: tt.streams}
				follower := sensor.LogFollower{Logs: source, Ended: func() bool { return true }, Line: func(line string) { got = append(got, line) }}
				if err := follower.Follow(t.Context()); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("log mismatch (-want +got):\n%s", diff)
				}
				if source.opens > tt.opens {
					t.Errorf("%d connections, want at most %d", source.opens, tt.opens)
				}
			})
		})
	}
}
