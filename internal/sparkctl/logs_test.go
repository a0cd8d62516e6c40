// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
	"github.com/sparkctl/sparkctl/sensor"
)

// texts are logs by the names of their pods.
type texts map[string]string

func (t texts) PodLog(_ context.Context, _, name string, _ *corev1.PodLogOptions) (io.ReadCloser, error) {
	text, there := t[name]
	if !there {
		return nil, errors.New("no log")
	}
	return io.NopCloser(strings.NewReader(text)), nil
}

// stampedLines are lines with the second of each.
func stampedLines(lines ...any) string {
	var text strings.Builder
	for i := 0; i < len(lines); i += 2 {
		if second, ok := lines[i].(int); ok && second >= 0 {
			text.WriteString(time.Unix(int64(second), 0).UTC().Format("2006-01-02T15:04:05.000000000Z") + " ")
		}
		fmt.Fprintln(&text, lines[i+1])
	}
	return text.String()
}

func TestMergeLogs(t *testing.T) {
	t.Parallel()
	var long []any
	for n := range 3 * ahead {
		long = append(long, 100, fmt.Sprint("long ", n))
	}
	for name, test := range map[string]struct {
		logs texts
		want []string
	}{
		"nothing": {texts{"a": ""}, nil},
		"lines of several, in the order of time": {
			texts{"a": stampedLines(1, "a1", 4, "a4", 5, "a5"), "b": stampedLines(2, "b2", 3, "b3"), "c": stampedLines(6, "c6")},
			[]string{"a1", "b2", "b3", "a4", "a5", "c6"},
		},
		"lines of one moment, those of the first log first": {
			texts{"a": stampedLines(1, "a1", 1, "a1'"), "b": stampedLines(1, "b1")},
			[]string{"a1", "a1'", "b1"},
		},
		"a log that is not in order itself keeps its own": {
			texts{"a": stampedLines(3, "a3", 1, "a1"), "b": stampedLines(2, "b2", 4, "b4")},
			[]string{"b2", "a3", "a1", "b4"},
		},
		"a line without a time, where it is": {
			texts{"a": stampedLines(1, "a1", -1, "the kubelet says", 3, "a3"), "b": stampedLines(2, "b2")},
			[]string{"a1", "the kubelet says", "b2", "a3"},
		},
		"a log that is longer than what is read ahead": {
			texts{"a": stampedLines(append([]any{1, "a1"}, long...)...), "b": stampedLines(2, "b2")},
			append([]string{"a1", "b2"}, words(long)...),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sources []*logSource
			for _, pod := range []string{"a", "b", "c"} {
				if _, there := test.logs[pod]; there {
					sources = append(sources, sourceOf(test.logs, pod))
				}
			}
			var got []string
			errs := mergeLogs(t.Context(), sources, func(_ *logSource, l stamped) { got = append(got, l.text) }, func() {})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if err := errors.Join(errs...); err != nil {
				t.Error(err)
			}
		})
	}
}

// sourceOf is the log of a pod that has ended.
func sourceOf(logs sensor.Logs, pod string) *logSource {
	s := &logSource{LogSource: view.LogSource{Pod: pod}}
	s.ended.Store(true)
	s.follower = &sensor.LogFollower{Logs: logs, Target: sensor.Target{Name: pod}, Ended: s.ended.Load}
	return s
}

// words are the lines of what [stampedLines] takes.
func words(lines []any) []string {
	var all []string
	for i := 1; i < len(lines); i += 2 {
		all = append(all, fmt.Sprint(lines[i]))
	}
	return all
}

// Who reads no more ends the reading, and is told of once.
func TestLogWriterEndsWhenNobodyReads(t *testing.T) {
	t.Parallel()
	reader, pipe := io.Pipe()
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	failed := 0
	w := newLogWriter(pipe, view.LogFormat{}, view.LogFilter{}, func(error) { failed++ })
	w.write(view.LogSource{}, time.Time{}, "kept back")
	if failed != 0 {
		t.Error("it is written out line by line before it is live")
	}
	w.liven()
	for range 3 {
		w.write(view.LogSource{}, time.Time{}, "a line")
	}
	if err := w.flush(); !errors.Is(err, io.ErrClosedPipe) || failed != 1 || !errors.Is(w.broken(), io.ErrClosedPipe) {
		t.Errorf("%v, told %d times", err, failed)
	}
}
