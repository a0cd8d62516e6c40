// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sparkctl/sparkctl/sensor"
	"github.com/sparkctl/sparkctl/test/apiserver"
)

// What is there is read, then followed, and connections break in both: every line that is asked for comes once.
func TestReadThenFollowLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	for title, test := range map[string]struct {
		set   func(*sensor.LogFollower)
		first int // the first line that is wanted
	}{
		"all of it":              {func(*sensor.LogFollower) {}, 0},
		"from the last lines on": {func(f *sensor.LogFollower) { f.Tail = new(int64(7)) }, 93},
		"only what is new":       {func(f *sensor.LogFollower) { f.Tail = new(int64(0)) }, 100},
		"from a time on":         {func(f *sensor.LogFollower) { f.Since = time.Now().Add(-2 * time.Second) }, 80},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			inWorld(t, apiserver.Options{}, func(w *world) {
				w.run()
				var all []string
				write := func(n int) {
					line := fmt.Sprintf("line %d", n)
					all = append(all, line)
					w.server.AppendLog(namespace, name, container, line+"\n")
					w.after(100 * time.Millisecond)
				}
				for n := range 100 {
					write(n)
				}
				var got []string
				ended := false
				follower := sensor.LogFollower{
					Logs: w.client, Target: sensor.Target{Namespace: namespace, Name: name}, Container: container,
					Ended: func() bool { return ended },
					Line:  func(line string) { got = append(got, line) },
				}
				test.set(&follower)
				if err := follower.Read(w.t.Context()); err != nil {
					w.t.Fatal(err)
				}
				done := make(chan error)
				go func() { done <- follower.Follow(w.t.Context()) }()
				for n := range 100 {
					write(100 + n)
					if n%9 == 0 {
						w.server.CutStreams(apiserver.EOF, logs)
					}
				}
				w.after(time.Minute)
				ended = true
				w.terminate(0)
				if err := <-done; err != nil {
					w.t.Fatal(err)
				}
				if diff := cmp.Diff(all[test.first:], got); diff != "" {
					w.t.Errorf("-want +got:\n%s", diff)
				}
			})
		})
	}
}

// Lines that take long to be handed on are no silence of the connection, even where nothing may be silent for long.
func TestReadWaitsForWhoeverTakesTheLines(t *testing.T) {
	t.Parallel()
	inWorld(t, apiserver.Options{}, func(w *world) {
		w.run()
		w.server.AppendLog(namespace, name, container, strings.Repeat("x\n", 20))
		n, before := 0, w.server.Count(logs)
		follower := sensor.LogFollower{
			Logs: w.client, Target: sensor.Target{Namespace: namespace, Name: name}, Container: container,
			Ended:   func() bool { return true },
			Stamped: func(time.Time, string) { n++; w.after(time.Minute) },
		}
		if err := follower.Read(w.t.Context()); err != nil || n != 20 || w.server.Count(logs) != before+1 {
			w.t.Errorf("%d lines over %d connections, %v", n, w.server.Count(logs)-before, err)
		}
	})
}

func TestReadGivesUpWhereTheNodeDoesNotAnswer(t *testing.T) {
	t.Parallel()
	inWorld(t, apiserver.Options{}, func(w *world) {
		w.run()
		w.server.SetFault(func(r *apiserver.Request) apiserver.Action {
			return apiserver.Action{Skip: r.Subresource == "log", Lose: apiserver.Silence}
		})
		follower := sensor.LogFollower{
			Logs: w.client, Target: sensor.Target{Namespace: namespace, Name: name}, Container: container,
			Ended: func() bool { return false }, Line: func(line string) { w.t.Errorf("read %q", line) },
		}
		err := follower.Read(w.t.Context())
		if err == nil || !strings.Contains(err.Error(), "the node does not answer") {
			w.t.Error(err)
		}
	})
}
