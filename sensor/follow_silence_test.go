// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor_test

import (
	"testing"
	"time"

	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/test/apiserver"
	"github.com/sparkctl/sparkctl/xcom"
)

// on does the same to every request of a verb.
func on(verb string, action apiserver.Action) apiserver.Fault {
	return func(r *apiserver.Request) apiserver.Action {
		if r.Verb == verb {
			return action
		}
		return apiserver.Action{}
	}
}

// perHour is how many requests an hour there were in ten hours of a running driver.
func (w *world) perHour() float64 {
	w.after(time.Minute)
	w.server.ForgetRequests()
	w.after(10 * time.Hour)
	w.mustNotHaveEnded()
	return float64(w.server.Count(func(apiserver.Request) bool { return true })) / 10
}

// A connection that falls silent, as behind a proxy whose backend is gone: the next watch tells.
func TestASilentWatchIsOpenedAgain(t *testing.T) {
	t.Parallel()
	inWorld(t, apiserver.Options{}, func(w *world) {
		w.follow(w.t.Context(), nil)
		w.run()
		// The last read has just been, so that only another watch can be quicker than the next.
		w.after(5*time.Minute + time.Second)
		w.server.CutStreams(apiserver.Silence, watches)
		w.terminate(0)
		w.want(xcom.Succeeded, 0, kube.Silence+2*time.Second)
	})
}

// Where the watch keeps the end to itself, the reads tell it.
func TestFollowSeesAnEndThatTheWatchKeepsToItself(t *testing.T) {
	t.Parallel()
	const safetyRead = 5*time.Minute + time.Second
	tests := []struct {
		name  string
		fault apiserver.Fault
		code  int32
		want  xcom.State
		most  time.Duration
	}{
		{"a watch that is silent for ever, as behind a proxy that answers for a dead backend", on("watch", apiserver.Action{Cut: &apiserver.Cut{After: 0, End: apiserver.Silence}}), 0, xcom.Succeeded, safetyRead},
		{"a cache that no longer hears of changes still sends bookmarks", on("watch", apiserver.Action{Withhold: apiserver.WithholdEvents}), 3, xcom.Failed, safetyRead},
		{"without a first list the watch never begins: the reads go on in its place", on("list", apiserver.Action{Skip: true, Lose: apiserver.Silence}), 7, xcom.Failed, 16 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, apiserver.Options{Fault: tt.fault}, func(w *world) {
				w.follow(w.t.Context(), nil)
				w.run()
				w.after(time.Hour)
				w.mustNotHaveEnded()
				w.terminate(tt.code)
				w.want(tt.want, xcom.ExitCode(tt.code), tt.most)
			})
		})
	}
}

// Without bookmarks a healthy watch looks like a silent one. It is opened again every three minutes, which makes
// 20 requests an hour, beside the 12 reads; nothing is told later for it.
func TestAServerWithoutBookmarksCostsALittleMore(t *testing.T) {
	t.Parallel()
	inWorld(t, apiserver.Options{Fault: on("watch", apiserver.Action{Withhold: apiserver.WithholdBookmarks})}, func(w *world) {
		w.follow(w.t.Context(), nil)
		w.run()
		if n := w.perHour(); n < 20 || n > 33 {
			t.Errorf("%.1f requests an hour, want 20 watches and 12 reads", n)
		}
		w.terminate(0)
		w.want(xcom.Succeeded, 0, time.Second)
	})
}

// Who takes the request for a watch and never answers it does not hold the following up for ever. Each attempt, 20 an
// hour, costs a list and a read, too.
func TestAWatchThatNeverOpensIsGivenUp(t *testing.T) {
	t.Parallel()
	inWorld(t, apiserver.Options{Fault: on("watch", apiserver.Action{Skip: true, Lose: apiserver.Silence})}, func(w *world) {
		w.follow(w.t.Context(), nil)
		w.run()
		if n := w.perHour(); n > 90 {
			t.Errorf("%.1f requests an hour, want at most 90", n)
		}
		w.server.SetFault(nil)
		w.after(kube.Silence + time.Minute)
		w.terminate(0)
		w.want(xcom.Succeeded, 0, time.Second)
	})
}
