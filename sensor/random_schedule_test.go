// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// schedule is what happens to a driver and to the API server, and by what the driver is followed. It is
// made from a seed and nothing else.
type schedule struct {
	seed           uint64
	horizon        time.Duration // the faults end before
	apiTimeout     time.Duration
	pendingTimeout time.Duration
	runningTimeout time.Duration
	predecessor    bool // an older pod of the name is in a cache that is behind at the start
	behind         bool // an older version of the pod is
	end            string
	code           int32
	life           []step
	faults         []fault
}

// step is a moment in the driver's life.
type step struct {
	at   time.Duration
	what string
}

// fault is what is wrong with the API server, or with the way to it, for a while.
type fault struct {
	from, to time.Duration
	what     string
	share    float64 // of the requests; 1: of all
}

// The ends a driver can come to, and the faults. What they are is in the player.
var (
	endings = []string{
		"exits", "exits", "exits", "exits, then deleted", "deleted", "deleted, then exits 0", "deleted by force",
		"evicted", "replaced", "node lost", "rejected", "never starts", "runs for ever", "deleted while pending",
		"exits and goes in a gap", "deleted, exits 0 and goes in a gap",
	}
	// After these client-go's watch goes on from where it was.
	gapKinds   = []string{"refused", "throttled", "slow", "twice", "no bookmarks", "reads never answered"}
	faultKinds = []string{
		"refused", "black hole", "silent watch", "deaf watch", "no bookmarks", "expired", "gone on open", "forbidden", "unauthorized",
		"throttled", "error 500", "unavailable", "slow", "answers lost", "truncated", "midway", "closes after every event", "goaway",
		"twice", "proxy 404", "proxy page", "resets", "watches never open", "reads never answered",
	}
	// While these last nothing at all is heard.
	blackouts = []string{
		"refused", "black hole", "forbidden", "unauthorized", "throttled", "error 500", "unavailable", "answers lost", "truncated", "midway",
		"goaway", "proxy 404", "proxy page", "resets",
	}
	codes = []int32{0, 0, 0, 1, 3, 7, 50, 64, 101, 134, 137, 143, 200, 255}
)

// makeSchedule makes the schedule of a seed, some hours long unless length says otherwise.
func makeSchedule(seed uint64, length time.Duration) schedule {
	r := rand.New(rand.NewPCG(seed, 0))
	between := func(least, most time.Duration) time.Duration {
		return (least + time.Duration(r.Int64N(int64(most-least)+1))).Truncate(time.Millisecond)
	}
	s := schedule{
		seed: seed, pendingTimeout: 30 * time.Minute,
		apiTimeout:  []time.Duration{10 * time.Minute, time.Hour, time.Hour}[r.IntN(3)],
		end:         endings[r.IntN(len(endings))],
		code:        codes[r.IntN(len(codes))],
		predecessor: r.IntN(4) == 0,
		behind:      r.IntN(4) == 0,
	}
	if length == 0 {
		length = between(10*time.Minute, 4*time.Hour)
	}
	s.horizon = length
	s.liveAndDie(between, length)
	if s.predecessor && r.IntN(2) == 0 {
		// The first thing that is heard is then the list of a cache that is behind.
		s.faults = append(s.faults, fault{to: between(time.Second, 2*time.Minute), what: "reads never answered", share: 1})
	}
	// Gaps of calm and faults take turns; a driver's end likes company.
	for at := 2*time.Minute + between(0, length/4); at < length && len(s.faults) < 40; {
		f := fault{from: at, to: at + between(time.Second, 15*time.Minute), what: faultKinds[r.IntN(len(faultKinds))], share: 1}
		if r.IntN(3) == 0 {
			f.share = 0.5
		}
		if r.IntN(12) == 0 {
			f.to = f.from + between(20*time.Minute, 2*time.Hour)
		}
		s.faults = append(s.faults, f)
		at = f.to + between(0, length/3)
	}
	last := s.life[len(s.life)-1].at
	switch {
	case strings.HasSuffix(s.end, "in a gap"):
		for i := range s.faults {
			s.faults[i].what = gapKinds[r.IntN(len(gapKinds))]
		}
		s.faults = slices.DeleteFunc(s.faults, func(f fault) bool { return f.to > last-7*time.Minute })
		gap := fault{from: max(10*time.Second, last-between(3*time.Minute, 5*time.Minute)), to: last + between(0, 8*time.Minute), what: gapKinds[r.IntN(2)], share: 1}
		if asked := s.life[len(s.life)-3]; asked.what == "delete" {
			gap.from = asked.at + time.Second // that it is on its way out is seen
		}
		s.faults = append(s.faults, gap)
	case r.IntN(2) == 0:
		s.faults = slices.DeleteFunc(s.faults, func(f fault) bool { return f.to > last-time.Minute })
		s.faults = append(s.faults, fault{from: max(0, last-between(0, time.Minute)), to: last + between(0, 10*time.Minute), what: faultKinds[r.IntN(len(faultKinds))], share: 1})
	}
	return s
}

// liveAndDie makes the driver's life.
func (s *schedule) liveAndDie(between func(least, most time.Duration) time.Duration, length time.Duration) {
	placed := between(0, 10*time.Minute)
	begun := placed + between(time.Second, 5*time.Minute)
	ended := begun + between(time.Second, max(2*time.Second, length-begun))
	add := func(at time.Duration, what string) { s.life = append(s.life, step{at, what}) }
	switch s.end {
	case "never starts":
		add(placed, "unschedulable")
		return
	case "rejected":
		add(placed, "schedule")
		add(begun, "reject")
		return
	case "deleted while pending":
		add(placed, "unschedulable")
		add(begun, "remove")
		return
	}
	add(placed, "schedule")
	add(begun, "run")
	grace := ended + between(0, 30*time.Second)
	switch s.end {
	case "exits":
		add(ended, "exit")
	case "exits, then deleted":
		add(ended, "exit")
		add(ended+between(0, 5*time.Minute), "remove")
	case "deleted":
		s.code = 143
		add(ended, "delete")
		add(grace, "finish deletion")
	case "exits and goes in a gap":
		add(ended, "exit")
		add(ended+between(0, 2*time.Minute), "remove")
	case "deleted, exits 0 and goes in a gap":
		s.code = 0
		grace += 2 * time.Second
		add(ended, "delete")
		add(grace, "exit")
		add(grace+between(0, 2*time.Minute), "remove")
	case "deleted, then exits 0":
		s.code = 0
		add(ended, "delete")
		add(grace, "exit")
		add(grace+between(0, time.Minute), "remove")
	case "deleted by force":
		add(ended, "remove")
	case "evicted":
		s.code = 143
		add(ended, "evict")
		add(grace, "finish deletion")
	case "replaced":
		add(ended, "remove")
		add(ended+between(0, 10*time.Second), "replace")
	case "node lost":
		add(ended, "lose node")
		add(ended+5*time.Minute, "taint manager")
	case "runs for ever":
		s.runningTimeout = between(time.Minute, length)
	}
}

// String writes the schedule down as a timeline.
func (s schedule) String() string {
	type line struct {
		at   time.Duration
		text string
	}
	var all []line
	for _, step := range s.life {
		all = append(all, line{step.at, "driver: " + step.what})
	}
	for _, f := range s.faults {
		all = append(all, line{f.from, fmt.Sprintf("fault: %s, %.0f %% of the requests, until %s", f.what, 100*f.share, f.to)})
	}
	slices.SortStableFunc(all, func(a, b line) int { return int(a.at - b.at) })
	var text strings.Builder
	fmt.Fprintf(&text, "seed %d: the driver %s (code %d); --api-timeout %s, --pending-timeout %s, --running-timeout %s, stale predecessor %v, stale version %v\n",
		s.seed, s.end, s.code, s.apiTimeout, s.pendingTimeout, s.runningTimeout, s.predecessor, s.behind)
	for _, l := range all {
		fmt.Fprintf(&text, "  %12s  %s\n", l.at, l.text)
	}
	return text.String()
}

// shrunk are the schedules that lack one fault of s.
func (s schedule) shrunk() []schedule {
	var all []schedule
	for i := range s.faults {
		less := s
		less.faults = slices.Delete(slices.Clone(s.faults), i, i+1)
		all = append(all, less)
	}
	if s.predecessor {
		less := s
		less.predecessor = false
		all = append(all, less)
	}
	return all
}
