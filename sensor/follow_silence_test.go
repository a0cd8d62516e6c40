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

// onWatches does the same to every watch.
func onWatches(action apiserver.Action) apiserver.Fault {
	return func(r *apiserver.Request) apiserver.Action {
		if r.Verb == "watch" {
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

// A cache that no longer hears of changes still sends bookmarks: only a read tells.
func TestAWatchThatBringsBookmarksAloneIsReadBeside(t *testing.T) {
	t.Parallel()
	inWorld(t, apiserver.Options{Fault: onWatches(apiserver.Action{Withhold: apiserver.WithholdEvents})}, func(w *world) {
		w.follow(w.t.Context(), nil)
		w.run()
		w.after(time.Hour)
		w.mustNotHaveEnded()
		w.terminate(3)
		w.want(xcom.Failed, 3, 5*time.Minute+time.Second)
	})
}

// Without bookmarks a healthy watch looks like a silent one. It is opened again every three minutes, which makes
// 20 requests an hour, beside the 12 reads; nothing is told later for it.
func TestAServerWithoutBookmarksCostsALittleMore(t *testing.T) {
	t.Parallel()
	inWorld(t, apiserver.Options{Fault: onWatches(apiserver.Action{Withhold: apiserver.WithholdBookmarks})}, func(w *world) {
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
	inWorld(t, apiserver.Options{Fault: onWatches(apiserver.Action{Skip: true, Lose: apiserver.Silence})}, func(w *world) {
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

// Without a first list the watch never begins: the reads go on in its place.
func TestADriverIsReadWhileTheWatchDoesNotBegin(t *testing.T) {
	t.Parallel()
	fault := func(r *apiserver.Request) apiserver.Action {
		if r.Verb == "list" {
			return apiserver.Action{Skip: true, Lose: apiserver.Silence}
		}
		return apiserver.Action{}
	}
	inWorld(t, apiserver.Options{Fault: fault}, func(w *world) {
		w.follow(w.t.Context(), nil)
		w.run()
		w.after(time.Hour)
		w.mustNotHaveEnded()
		w.terminate(7)
		w.want(xcom.Failed, 7, 16*time.Second)
	})
}
