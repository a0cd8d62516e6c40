// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sparkctl/sparkctl/sensor"
	"github.com/sparkctl/sparkctl/xcom"
)

// beating runs play beside a heartbeat of one minute, and returns at which seconds it was heard.
func beating(t *testing.T, play func(h *heartbeat, write func(text string))) []string {
	t.Helper()
	var heard []string
	synctest.Test(t, func(t *testing.T) {
		var text bytes.Buffer
		s := &screen{w: &text}
		log, err := newLog(s, "sensor", "text")
		if err != nil {
			t.Fatal(err)
		}
		f := &following{env: Env{Stderr: s, Getenv: func(string) string { return "" }}, log: log, flags: followFlags{heartbeat: time.Minute}, target: sensor.Target{Namespace: "spark", Name: "etl"}}
		start := time.Now()
		h := startHeartbeat(t.Context(), f)
		play(h, func(text string) { _, _ = io.WriteString(s, text+"\n") })
		h.stop()
		for line := range strings.Lines(text.String()) {
			stamp, said, _ := strings.Cut(strings.TrimSpace(line), " sensor: ")
			if at, err := time.Parse(time.RFC3339, stamp); err == nil {
				heard = append(heard, at.Sub(start).String()+" "+said)
			}
		}
	})
	return heard
}

func TestHeartbeat(t *testing.T) {
	pod := func() *corev1.Pod {
		return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{CreationTimestamp: metav1.Now()}}
	}
	queued := sensor.Verdict{State: xcom.Pending, Cause: &xcom.Cause{Reason: "SchedulingGated", Message: "queue a"}}
	for name, test := range map[string]struct {
		play func(h *heartbeat, write func(string))
		want []string
	}{
		"a silent log has a line a minute": {func(h *heartbeat, _ func(string)) {
			h.saw(pod(), queued)
			time.Sleep(150 * time.Second)
		}, []string{
			"1m0s driver spark/etl has been pending for 1m: SchedulingGated: queue a",
			"2m0s driver spark/etl has been pending for 2m: SchedulingGated: queue a",
		}},
		"a line of somebody else puts it off by a minute": {func(h *heartbeat, write func(string)) {
			h.saw(pod(), sensor.Verdict{State: xcom.Pending})
			time.Sleep(50 * time.Second)
			write("hello")
			time.Sleep(65 * time.Second)
		}, []string{"1m50s driver spark/etl has been pending for 1m"}},
		"a log that is never silent has one every five minutes": {func(h *heartbeat, write func(string)) {
			h.saw(pod(), sensor.Verdict{State: xcom.Pending})
			for range 120 {
				time.Sleep(5100 * time.Millisecond)
				write("hello")
			}
		}, []string{"5m0s driver spark/etl has been pending for 5m", "10m0s driver spark/etl has been pending for 10m"}},
		"an API server that is silent is told with when it last was not": {func(h *heartbeat, _ func(string)) {
			h.saw(pod(), sensor.Verdict{State: xcom.Running})
			time.Sleep(20 * time.Second)
			h.answer(errors.New("connection refused"))
			time.Sleep(45 * time.Second)
			h.answer(nil)
			time.Sleep(60 * time.Second)
		}, []string{
			"1m0s the API server has not answered for 1m; driver spark/etl was last seen Running 1m ago",
			"2m0s driver spark/etl runs for 2m",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, beating(t, test.play)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestHeartbeatThatIsOffSaysNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text bytes.Buffer
		s := &screen{w: &text}
		log, err := newLog(s, "sensor", "text")
		if err != nil {
			t.Fatal(err)
		}
		h := startHeartbeat(t.Context(), &following{env: Env{Stderr: s, Getenv: func(string) string { return "" }}, log: log})
		time.Sleep(24 * time.Hour)
		h.stop()
		if text.Len() > 0 {
			t.Errorf("it said %q", text.String())
		}
	})
}

func TestScreenKeepsTheBarBelowTheLines(t *testing.T) {
	var text bytes.Buffer
	s := &screen{w: &text, width: func() int { return 8 }}
	s.paint("12345678901")
	_, _ = io.WriteString(s, "a line\n")
	_, _ = io.WriteString(s, "another\n")
	s.paint("bar")
	s.paint("")
	s.paint("")
	want := clearLine + "1234567" + clearLine + "a line\nanother\n" + clearLine + "bar" + clearLine
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
