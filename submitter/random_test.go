// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter_test

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"pgregory.net/rapid"

	"github.com/sparkctl/sparkctl/submitter"
)

var (
	randomSeed  = flag.Int("random.seed", 0, "play the random schedule of this seed alone, and tell what happened")
	randomCount = flag.Int("random.count", 300, "play so many random schedules")
	randomTime  = flag.Duration("random.time", time.Minute, "play no more of them when so much time is over, and tell how many were played")
)

// Schedules of several launchers of one run that die at any of their requests, whose requests and answers are lost, late
// or doubled, and whose drivers others touch and delete. The production code runs, with the production client; only the
// RoundTripper is the double's, and the engine one that makes spark-submit's calls. After every request that is carried
// out the invariants are checked, by what stands in the API alone. In the end one launcher that nothing disturbs must find its way.
func TestRandomSchedules(t *testing.T) {
	t.Parallel()
	count, limit := *randomCount, *randomTime // hack/test.sh plays 5000, without the race detector
	draw := rapid.Custom(drawSchedule)
	if *randomSeed > 0 {
		p := runSchedule(t, draw.Example(*randomSeed), mutation{})
		t.Log(p.trace())
		if len(p.problems) > 0 {
			t.Error(strings.Join(p.problems, "\n"))
		}
		return
	}
	const parts = 4
	var tally tally
	begun := time.Now()
	for part := range parts {
		t.Run(fmt.Sprint("part ", part+1), func(t *testing.T) {
			t.Parallel()
			for seed := part + 1; tally.wants(count) && time.Since(begun) < limit && !t.Failed(); seed += parts {
				p := runSchedule(t, draw.Example(seed), mutation{})
				tally.count(p)
				if len(p.problems) > 0 {
					p = shrink(t, p)
					t.Errorf("%s\nplay it again, whole: go test ./submitter -run TestRandomSchedules -v -random.seed %d\nmade smaller:\n%s", strings.Join(p.problems, "\n"), seed, p.trace())
				}
			}
		})
	}
	t.Cleanup(func() {
		if tally.wants(count) && !t.Failed() {
			t.Logf("the time of %s was over before %d schedules were played", limit, count)
		}
		t.Log(tally.String())
	})
}

// The same with other schedules each time.
func TestSchedulesNobodyHasSeen(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		if p := runSchedule(t, drawSchedule(r), mutation{}); len(p.problems) > 0 {
			r.Fatalf("%s\n%s", strings.Join(p.problems, "\n"), p.trace())
		}
	})
}

// Many launchers of one run at once: they all come to the one driver.
func TestTwentyLaunchersAtOnce(t *testing.T) {
	t.Parallel()
	s := schedule{lives: []life{{length: time.Hour}}}
	for i := range 20 {
		s.launchers = append(s.launchers, launch{
			at: time.Duration(i) * 50 * time.Millisecond, pod: i, generation: "1", pace: 1 + i%7,
			native: i%2 == 1, onActive: submitter.ActiveAuto, onSucceeded: submitter.SucceededAuto,
		})
	}
	p := runSchedule(t, s, mutation{})
	drivers, made := map[types.UID]int{}, 0
	for _, one := range p.processes[:20] {
		if one.err != nil {
			t.Errorf("%s: %v", one.token, one.err)
			continue
		}
		drivers[one.found.Pod.UID]++
		if !one.found.Adopted {
			made++
		}
	}
	if len(drivers) != 1 || made != 1 || len(p.problems) > 0 {
		t.Errorf("%d drivers, %d made: %v\n%s", len(drivers), made, p.problems, p.trace())
	}
}

// shrink makes a schedule that goes wrong smaller as long as it still does.
func shrink(t *testing.T, p *play) *play {
	t.Helper()
	for smaller := true; smaller; {
		smaller = false
		for _, less := range p.shrunk() {
			if q := runSchedule(t, less, p.mutation); len(q.problems) > 0 {
				p, smaller = q, true
				break
			}
		}
	}
	return p
}

// tally counts what was mixed, so that one can see that it mixes.
type tally struct {
	mu        sync.Mutex
	schedules int
	small     int
	requests  int
	launchers int
	counts    map[string]int
}

// wants reports whether there are fewer schedules than that. One without a fault that came to pass, or with
// fewer than twenty requests, counts for none.
func (a *tally) wants(count int) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.schedules < count
}

func (a *tally) count(p *play) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.counts == nil {
		a.counts = map[string]int{}
	}
	requests, faults := 0, len(p.events)
	for _, one := range p.processes {
		requests += one.count
		if one.dead {
			faults++
		}
	}
	for _, n := range p.faults {
		faults += n
	}
	if requests < 20 || faults == 0 {
		a.small++
		return
	}
	a.schedules++
	a.requests += requests
	for what, n := range p.faults {
		a.counts["fault: "+what] += n
	}
	for _, e := range p.events {
		a.counts["others: "+e.what]++
	}
	for _, one := range p.processes {
		a.launchers++
		switch {
		case one.dead && one.childLives && one.alone:
			a.counts["launcher: killed, spark-submit lives on"]++
		case one.dead:
			a.counts[fmt.Sprintf("launcher: killed at request %02d", one.dies)]++
		case one.killed:
			a.counts["launcher: is asked to end, and ends its driver"]++
		case one.err != nil:
			a.counts["launcher: ends with "+code(one.err)]++
		case one.found.Adopted:
			a.counts["launcher: takes a driver over"]++
		case one.native:
			a.counts["launcher: makes a driver, native"]++
		default:
			a.counts["launcher: makes a driver, as spark-submit"]++
		}
	}
	a.counts["reads: a first look from a cache that is behind"] += int(p.lagged.Load())
	for flag, is := range map[string]bool{"fixed name": p.fixed, "quota": p.quota > 0, "foreign gates": p.foreign, "finalizers": p.finalizer, "slow garbage collector": p.slowGC} {
		if is {
			a.counts["schedule: "+flag]++
		}
	}
}

func (a *tally) String() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var text strings.Builder
	fmt.Fprintf(&text, "%d schedules of %d launchers with %d requests (and %d that were too small to count)\n", a.schedules, a.launchers, a.requests, a.small)
	for _, name := range slices.Sorted(maps.Keys(a.counts)) {
		fmt.Fprintf(&text, "  %6d  %s\n", a.counts[name], name)
	}
	return text.String()
}
