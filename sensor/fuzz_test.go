// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/internal/lines"
	"github.com/sparkctl/sparkctl/xcom"
)

// The timestamp before a line of a log is taken off as the kubelet put it on, also before
// the pieces of a long line; what is none stays.
func FuzzSplitTimestamp(f *testing.F) {
	f.Add("a line", int64(1795255200123456789), false)
	f.Add("2026-11-21T10:00:00.000000001Z not ours", int64(1), true)
	f.Add(strings.Repeat("x", 40<<10), int64(-1), true)
	f.Add(" \t2026-11-21T10:00:00", int64(1795255200000000000), false)
	f.Fuzz(func(t *testing.T, text string, nanoseconds int64, pieces bool) {
		if when, rest := splitTimestamp(text); when.IsZero() && rest != text || len(rest) > len(text) {
			t.Errorf("%q became %s and %q", text, when, rest)
		}
		when := time.Unix(0, nanoseconds).UTC()
		stamp := when.Format(time.RFC3339Nano) + " "
		var line strings.Builder
		line.WriteString(stamp)
		rest := text
		for ; len(rest) > piece && pieces; rest = rest[piece:] {
			line.WriteString(rest[:piece] + stamp)
		}
		line.WriteString(rest)
		got, whole := splitTimestamp(line.String())
		if !got.Equal(when) {
			t.Errorf("the time is %s, want %s", got, when)
		}
		// A text that itself looks like pieces cannot be told from them.
		if ambiguous := !pieces && len(text) > piece && looksStamped(text[piece:]); whole != text && !ambiguous {
			t.Errorf("%d bytes became %d", len(text), len(whole))
		}
	})
}

func looksStamped(text string) bool {
	_, _, ok := cutTimestamp(text)
	return ok
}

// sameBytes is a log that every connection brings from its start, whatever it is asked for. The first
// connection breaks at some byte: without an error, unless that is between two lines, where nobody could tell it
// from the end of the log.
type sameBytes struct {
	text  string
	cut   int
	opens int
}

func (l *sameBytes) PodLog(context.Context, string, string, *corev1.PodLogOptions) (io.ReadCloser, error) {
	l.opens++
	if l.opens > 1 {
		return io.NopCloser(strings.NewReader(l.text)), nil
	}
	text := l.text[:l.cut]
	if text == "" || strings.HasSuffix(text, "\n") {
		return io.NopCloser(io.MultiReader(strings.NewReader(text), iotest.ErrReader(io.ErrUnexpectedEOF))), nil
	}
	return io.NopCloser(strings.NewReader(text)), nil
}

// Whatever bytes a log consists of, following it ends when the container has ended, and nothing that has a timestamp comes
// twice: here each line has one of its own.
func FuzzLogFollower(f *testing.F) {
	f.Add("one\ntwo\n\nfour", uint16(40))
	f.Add("\x00\xff\r\n\n2026-11-21T10:00:00Z\n", uint16(9))
	f.Add(strings.Repeat("the same\n", 30), uint16(700))
	f.Fuzz(func(t *testing.T, text string, cut uint16) {
		var log bytes.Buffer
		var want []string
		for n, line := range strings.Split(text, "\n") {
			line = line[:min(len(line), piece)]
			want = append(want, line)
			log.WriteString(time.Unix(int64(n)/3, int64(n)+1).UTC().Format(time.RFC3339Nano) + " " + line + "\n")
		}
		synctest.Test(t, func(t *testing.T) {
			source := &sameBytes{text: log.String(), cut: int(cut) % (log.Len() + 1)}
			var got []string
			follower := LogFollower{
				Logs: source, Ended: func() bool { return true },
				Line: func(line string) { got = append(got, line) },
			}
			if err := follower.Follow(t.Context()); err != nil || source.opens > 8 {
				t.Errorf("opened %d times, %v", source.opens, err)
			}
			if !slices.Equal(want, got) {
				t.Errorf("cut at %d: copied %q, want %q", source.cut, got, want)
			}
		})
	})
}

// obedient leaves out what is older than it is asked for, as the kubelet does.
type obedient struct{ sameBytes }

func (l *obedient) PodLog(_ context.Context, _, _ string, options *corev1.PodLogOptions) (io.ReadCloser, error) {
	l.opens++
	var text strings.Builder
	for line := range strings.Lines(l.text) {
		if at, _, ok := cutTimestamp(strings.TrimSuffix(line, "\n")); !ok || options.SinceTime == nil || !at.Before(options.SinceTime.Time) {
			text.WriteString(line)
		}
	}
	return io.NopCloser(strings.NewReader(text.String())), nil
}

// Whatever else a connection brings, such as a page that something between answers with: following it ends as well, and
// writes nothing more often than it came.
func FuzzLogFollowerOnAnything(f *testing.F) {
	f.Add("one\ntwo\n")
	f.Add("<html>\n<body>\n2026-11-21T10:00:00Z a\n2026-11-21T10:00:00Z a\nlast")
	f.Add("2026-11-21T10:00:09Z b\n2026-11-21T10:00:00Z a\n")
	f.Fuzz(func(t *testing.T, text string) {
		for line := range strings.SplitSeq(text, "\n") {
			if at, _, ok := cutTimestamp(line); ok && (at.Year() < 1970 || at.Year() > 2200) {
				return // beyond what nanoseconds count to
			}
		}
		synctest.Test(t, func(t *testing.T) {
			source := &obedient{sameBytes{text: text + "\n"}}
			copied := 0
			follower := LogFollower{
				Logs: source, Ended: func() bool { return true },
				Line: func(string) { copied++ },
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			if err := follower.Follow(ctx); err != nil || ctx.Err() != nil {
				t.Errorf("opened %d times, %v", source.opens, err)
			}
			if came := strings.Count(text, "\n") + 1; copied > came {
				t.Errorf("%d lines of %d", copied, came)
			}
		})
	})
}

// recordedPods are the pods of the recorded ends, as JSON.
func recordedPods(f *testing.F) [][]byte {
	f.Helper()
	files, err := filepath.Glob("testdata/ends/*.yaml")
	if err != nil || len(files) == 0 {
		f.Fatal("no recordings", err)
	}
	var pods [][]byte
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		var list corev1.PodList
		if err := yaml.Unmarshal(text, &list); err != nil {
			f.Fatal(err)
		}
		if len(list.Items) == 0 {
			continue
		}
		pod := &corev1.Pod{Spec: list.Items[0].Spec, Status: list.Items[0].Status}
		pod.ObjectMeta = list.Items[0].ObjectMeta
		document, err := json.Marshal(pod)
		if err != nil {
			f.Fatal(err)
		}
		pods = append(pods, document)
	}
	return pods
}

// Whatever a pod, its events and the driver's log say: success only if a container ended with 0, a verdict is one of
// those that the contract knows, and its result can be written.
func FuzzJudge(f *testing.F) {
	for _, pod := range recordedPods(f) {
		f.Add(pod, "FailedMount", "MountVolume.SetUp failed: configmap \"x\" not found", uint32(3600), false)
		f.Add(pod, "TriggeredScaleUp", "pod triggered scale-up", uint32(10), true)
	}
	f.Fuzz(func(t *testing.T, document []byte, reason, message string, age uint32, gone bool) {
		pod := &corev1.Pod{}
		if err := json.Unmarshal(document, pod); err != nil {
			return
		}
		event := corev1.Event{Reason: reason, Message: message, Type: corev1.EventTypeWarning}
		o := Observation{Pod: pod, Gone: gone, Events: []corev1.Event{event}, Now: pod.CreationTimestamp.Add(time.Duration(age) * time.Second)}
		v := Judge(o, Criteria{PendingTimeout: 30 * time.Minute, StuckTimeout: 2 * time.Minute, RunningTimeout: time.Hour})
		v = v.Explained(strings.Split(message, "\n"))
		ended := func(s corev1.ContainerStatus) bool {
			return s.State.Terminated != nil && s.State.Terminated.ExitCode == 0
		}
		if v.State == xcom.Succeeded && !slices.ContainsFunc(pod.Status.ContainerStatuses, ended) {
			t.Errorf("a success that nobody saw: %+v", v)
		}
		result := Describe(xcom.Result{Schema: xcom.Schema}, pod, "")
		result.State, result.Cause, result.ExitCode = v.State, v.Cause, v.DriverCode
		if v.Final && (v.ExitCode != result.Exit() || (v.ExitCode == 0) != (v.State == xcom.Succeeded) || v.State != xcom.Succeeded && v.Cause == nil) {
			t.Errorf("exit code %d of the result's %d: %+v", v.ExitCode, result.Exit(), v)
		}
		if v.Cause != nil && (!slices.Contains(xcom.Categories(), v.Cause.Category) || v.Cause.Reason == "" || v.Cause.Message == "" || strings.ContainsAny(v.Cause.Message, "\r\n")) {
			t.Errorf("not a cause in one line: %+v", *v.Cause)
		}
		line, err := xcom.Encode(result, lines.Max)
		if err != nil || !json.Valid(line) {
			t.Errorf("%v: %s", err, line)
		}
	})
}
