// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	randomSeed  = flag.Uint64("random.seed", 0, "play the random schedule of this seed alone, and tell what happened")
	randomCount = flag.Int("random.count", 0, "play so many random schedules")
)

// Random schedules of some hours each: a driver's life and the faults of an API server and of the way to it,
// at random moments, in virtual time. The production loop and client-go's reflector run; only
// the RoundTripper is the double's. What is right is told by the player's own notes of what happened to the
// pod, and by what came through to the follower as bytes, never by the code under test. The bounds of a verdict's
// lateness stand beside the oracle. No goroutine may be left, or testing/synctest panics.
//
// A failure depends on its seed, and a little on the jitter of client-go's pauses, which is not seeded: play it
// several times with -count.
//
// That the test can fail was tried with changes to a copy of the tree, 600 to 1200 schedules each. It caught:
// another UID's versions accepted from the watch; another UID in the watch taken for the end; older versions
// accepted after newer ones; a 404 judged without waiting for the last version; a 404 of a proxy taken for the
// API server's; a pod that is gone taken for a success; no safety read; neither safety read nor watchdog;
// deadlines judged by stale knowledge; deadlines judged while a 404 is waited out; an outage ended twenty minutes
// late. Without the watchdog alone the safety read still keeps every bound: TestASilentWatchIsOpenedAgain is about that.
func TestRandomSchedules(t *testing.T) {
	t.Parallel()
	count, enough := 2000, 30*time.Second
	if os.Getenv("SPARKCTL_E2E_FULL") != "" {
		count, enough = 5000, time.Hour
	}
	if testing.Short() {
		count = 100
	}
	if *randomCount > 0 {
		count, enough = *randomCount, time.Hour
	}
	if *randomSeed > 0 {
		p := run(t, makeSchedule(*randomSeed, 0))
		t.Log(p.trace())
		if problems := p.problems(); len(problems) > 0 {
			t.Error(strings.Join(problems, "\n"))
		}
		return
	}
	var tally tally
	for part := range 4 {
		t.Run(fmt.Sprint("part ", part+1), func(t *testing.T) {
			t.Parallel()
			// A busy machine plays fewer of them: the tally says how many.
			for seed, begun := uint64(part+1), time.Now(); seed <= uint64(count) && time.Since(begun) < enough && !t.Failed(); seed += 4 {
				mustBeRight(t, makeSchedule(seed, 0), &tally)
			}
		})
	}
	t.Cleanup(func() { t.Log(tally.String()) })
}

// One driver that is followed for a week of faults.
func TestAWeekOfFaults(t *testing.T) {
	t.Parallel()
	s := makeSchedule(1, 7*24*time.Hour)
	s.end, s.code, s.runningTimeout, s.apiTimeout, s.faults = "exits", 3, 0, 3*time.Hour, nil
	s.life = []step{{time.Minute, "schedule"}, {2 * time.Minute, "run"}, {7*24*time.Hour - time.Minute, "exit"}}
	for at, i := time.Hour, 0; at < s.horizon-2*time.Hour; at, i = at+2*time.Hour, i+1 {
		s.faults = append(s.faults, fault{from: at, to: at + time.Duration(1+i%13)*time.Minute, what: faultKinds[i%len(faultKinds)], share: 1})
	}
	var tally tally
	mustBeRight(t, s, &tally)
}

// mustBeRight plays a schedule; one that goes wrong is made smaller as long as it still does.
func mustBeRight(t *testing.T, s schedule, tally *tally) {
	t.Helper()
	p := run(t, s)
	tally.count(p)
	problems := p.problems()
	if len(problems) == 0 {
		return
	}
	// What a schedule leaves to chance, the jitter of client-go's pauses, may need several tries.
	for smaller := true; smaller; {
		smaller = false
		for _, less := range p.shrunk() {
			for range 3 {
				q := run(t, less)
				if found := q.problems(); len(found) > 0 && !smaller {
					p, problems, smaller = q, found, true
					break
				}
			}
			if smaller {
				break
			}
		}
	}
	t.Errorf("%s\nplay it again, whole: go test ./sensor -run TestRandomSchedules -v -random.seed %d\nmade smaller:\n%s", strings.Join(problems, "\n"), s.seed, p.trace())
}

// trace tells what was to happen, what the follower was told, and what it said.
func (p *play) trace() string {
	var text strings.Builder
	text.WriteString(p.String())
	heard, requests := p.wire.heard()
	var before told
	for _, t := range heard {
		same := t
		same.at = before.at
		if same != before {
			fmt.Fprintf(&text, "  %12s  told by %s: version %q, %s, gone %v, ended %v\n", t.at.Sub(p.start), t.by, t.version, t.phase, t.gone, t.ended)
		}
		before = t
	}
	fmt.Fprintf(&text, "  %12s  verdict %s with %d after %d requests, cause %+v\n%s", p.finished.Sub(p.start), p.verdict.State, p.verdict.ExitCode, requests, p.verdict.Cause, &p.log)
	return text.String()
}

// tally counts what was mixed, so that one can see that it mixes.
type tally struct {
	mu                     sync.Mutex
	schedules              int
	virtual                time.Duration
	requests               int
	ends, faults, verdicts map[string]int
}

func (a *tally) count(p *play) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ends == nil {
		a.ends, a.faults, a.verdicts = map[string]int{}, map[string]int{}, map[string]int{}
	}
	a.schedules++
	a.virtual += p.finished.Sub(p.start)
	_, requests := p.wire.heard()
	a.requests += requests
	a.ends[p.schedule.end]++
	for _, f := range p.faults {
		a.faults[f.what]++
	}
	verdict := fmt.Sprint(p.verdict.State, " ", p.verdict.ExitCode)
	if p.verdict.Cause != nil {
		verdict += " " + p.verdict.Cause.Reason
	}
	a.verdicts[verdict]++
}

func (a *tally) String() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var text strings.Builder
	fmt.Fprintf(&text, "%d schedules, %.0f hours followed, %d requests about pods\n", a.schedules, a.virtual.Hours(), a.requests)
	for title, counts := range map[string]map[string]int{"ends": a.ends, "faults": a.faults, "verdicts": a.verdicts} {
		fmt.Fprintf(&text, "%s:\n", title)
		for _, name := range slices.Sorted(maps.Keys(counts)) {
			fmt.Fprintf(&text, "  %6d  %s\n", counts[name], name)
		}
	}
	return text.String()
}
