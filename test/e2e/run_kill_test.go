// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e && linux

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A moment is when a launcher is killed with SIGKILL, and all it has started with it.
type moment struct {
	name  string
	at    string        // the boundary, empty: at a time
	how   treatment     // what becomes of the request
	until string        // delayed: the second launcher's request after whose answer it goes on
	after time.Duration // at a time: since the start
	next  int           // which of the seconds comes after it
	short bool
}

// second is how the launcher that comes after a kill relates to the killed one.
type second struct {
	name        string
	first, next string // the pods they say they run in
	flags       []string
}

// seconds are the ways to come back: what is known of the killed launcher differs.
var seconds = []second{
	{name: "another pod, the first one gone", first: "launcher-a", next: "launcher-b"},
	{name: "the same pod, its container restarted", first: "launcher-a", next: "launcher-a"},
	{name: "no pods, patience over", flags: []string{"--patience=3s"}},
}

func killLaunch(engine, key string, flags ...string) launch {
	return launch{
		spark: newestSpark, engine: engine, key: key, command: []string{"sleep", "2"}, flags: append([]string{"--wait", "--follow-logs=false"}, flags...),
		confs: []string{"spark.driver.extraJavaOptions=" + frugal},
	}
}

// However late or early a launcher is killed: the next one of the same run ends with the success of the only driver that
// ever ran, and nothing is left behind.
func TestRunLauncherKilledAtEveryBoundary(t *testing.T) {
	t.Parallel()
	killedAtEveryBoundary(t, "spark-submit", 50)
}

// The same without a JVM: all requests are the launcher's own.
func TestRunNativeLauncherKilledAtEveryBoundary(t *testing.T) {
	t.Parallel()
	killedAtEveryBoundary(t, "native", 30)
}

// killedAtEveryBoundary kills launchers with that engine at so many moments at least, of which the short run takes 10.
func killedAtEveryBoundary(t *testing.T, engine string, least int) {
	t.Helper()
	c := connect(t)
	w := c.watchDrivers(t)
	undisturbed := c.newProcess(t, killLaunch(engine, "undisturbed"), "launcher-a")
	undisturbed.start(t)
	checkRun(t, w, "undisturbed", undisturbed.end(t))
	calls := undisturbed.calls()
	t.Logf("an undisturbed launcher asks\n%s", undisturbed.told())
	moments := momentsOf(engine, calls, time.Since(undisturbed.started))
	if !full() {
		moments = slices.DeleteFunc(moments, func(m moment) bool { return !m.short })
	}
	var hits hitList
	t.Run("killed", func(t *testing.T) {
		for i, m := range moments {
			t.Run(fmt.Sprintf("%s, then %s", m.name, seconds[m.next].name), func(t *testing.T) {
				t.Parallel()
				killed(t, w, engine, fmt.Sprintf("kill-%d", i), m, &hits)
			})
		}
	})
	c.nothingLeft(t)
	if !full() {
		least = 10
	}
	if len(hits.hits) < max(least, len(moments)) {
		t.Errorf("killed at %d of %d moments, want all, and at least %d", len(hits.hits), len(moments), least)
	}
	t.Logf("%d moments of %d:\n%s", len(hits.hits), len(moments), strings.Join(hits.hits, "\n"))
}

// momentsOf lists the moments for the requests of a launcher that nobody disturbed, and the time that it took. The cases of
// the short run come around the driver's birth, where a mistake costs the most.
func momentsOf(engine string, calls []call, took time.Duration) []moment {
	moments := []moment{{name: "just started", short: true}, {name: "20 ms after the start", after: 20 * time.Millisecond, next: 1}}
	seen := map[string]bool{}
	for i, c := range calls {
		if seen[c.name] || strings.Contains(c.name, "WATCH") {
			continue
		}
		seen[c.name] = true
		if !c.write {
			moments = append(moments,
				moment{name: "before " + c.name, at: c.name, how: before, next: i % 3, short: i == 0},
				moment{name: "after " + c.name, at: c.name, how: after, next: (i + 1) % 3})
			continue
		}
		for next := range seconds {
			moments = append(moments,
				moment{name: "before " + c.name, at: c.name, how: before, next: next},
				moment{name: "after " + c.name, at: c.name, how: after, next: next, short: next == i%3})
		}
		moments = append(moments,
			moment{
				name: "late, after the decision, " + c.name, at: c.name, how: delayed, until: "submitter GET pods #1", next: i % 2,
			},
			moment{
				name: "late, after the announcement, " + c.name, at: c.name, how: delayed, until: announcement(engine), next: (i + 1) % 2,
				short: strings.HasSuffix(c.name, "pods #1") || strings.HasPrefix(c.name, "submitter"),
			})
	}
	for i := range 10 {
		d := (took * time.Duration(i+1) / 11).Round(10 * time.Millisecond)
		moments = append(moments, moment{name: fmt.Sprintf("after %d/11 of the time", i+1), after: d, next: i % 3, short: i == 1})
	}
	return moments
}

// announcement is the request that makes the driver.
func announcement(engine string) string {
	if engine == "native" {
		engine = "submitter"
	}
	return engine + " POST pods #1"
}

// hitList is what was killed where.
type hitList struct {
	mu   sync.Mutex
	hits []string
}

func (h *hitList) add(format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hits = append(h.hits, fmt.Sprintf(format, args...))
}

// killed kills a launcher at a moment and has a second one finish the run.
func killed(t *testing.T, w *driverWatch, engine, key string, m moment, hits *hitList) {
	t.Helper()
	how := seconds[m.next]
	first := w.newProcess(t, killLaunch(engine, key, how.flags...), how.first)
	next := w.newProcess(t, killLaunch(engine, key, how.flags...), how.next)
	var set *trap
	release := sync.OnceFunc(func() {})
	if m.at != "" {
		set = first.set(m.at, m.how, first.kill)
		release = sync.OnceFunc(func() { close(set.until) })
	}
	// Whatever fails, the late request goes on, so that the recorder can end.
	t.Cleanup(release)
	first.start(t)
	where := ""
	if m.at == "" {
		select {
		case <-time.After(m.after):
		case <-first.done:
		}
		first.kill()
		calls := first.calls()
		where = "before the first request"
		if len(calls) > 0 {
			where = "after " + calls[len(calls)-1].name
		}
	} else {
		<-first.done
		select {
		case <-set.hit:
		case <-time.After(10 * time.Second):
			t.Fatalf("the boundary was not hit")
		}
	}
	var reached <-chan struct{}
	if m.until != "" {
		reached = next.once(m.until)
	}
	next.start(t)
	select {
	case <-reached:
	case <-next.done:
	case <-sureOf(reached):
	}
	release()
	checkRun(t, w, key, next.end(t))
	first.late.Wait()
	if set != nil {
		where = fmt.Sprintf("answered %d", set.status)
	}
	hits.add("%-70s %s; second: %s; its requests: %d", m.name, where, how.name, len(next.calls()))
}

// sureOf is for a select: without a channel to wait for there is nothing to wait for.
func sureOf(reached <-chan struct{}) <-chan struct{} {
	if reached != nil {
		return nil
	}
	ready := make(chan struct{})
	close(ready)
	return ready
}

// checkRun holds the end of a run to: success, of the one driver that ever ran, which is still there.
func checkRun(t *testing.T, w *driverWatch, key string, end ended) {
	t.Helper()
	if got, want := end.summary(), "Succeeded, exit code 0, of the driver 0"; got != want {
		t.Errorf("got  %s\nwant %s\n%s", got, want, end.line)
	}
	settled()
	ever, history := w.run(key)
	if len(ever) != 1 || string(ever[0]) != end.result.PodUID {
		t.Errorf("ran: %v, want %s alone; seen was\n%s", ever, end.result.PodUID, history)
	}
	pods, err := w.drivers(t.Context(), key)
	if err != nil || len(pods) != 1 || pods[0] != end.result.PodName {
		t.Errorf("there are the drivers %v, want %s alone (%v)", pods, end.result.PodName, err)
	}
}
