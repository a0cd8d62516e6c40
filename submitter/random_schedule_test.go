// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/sparkctl/sparkctl/submitter"
)

// schedule is what happens to the launchers of one run, to its drivers and to the API server.
type schedule struct {
	launchers []launch
	lives     []life // of the drivers, in the order in which they start; the last one's comes again
	events    []event
	quota     int  // how many pods the namespace has room for; 0: any number
	slowGC    bool // the garbage collector comes every 20 s, not at once
	fixed     bool // the user has fixed the driver's name
	foreign   bool // another gate, such as Kueue's, is on every driver for a while
	finalizer bool // something keeps every deleted driver for a while
	groups    bool // the native engine makes a PodGroup before each driver
	// lastNative says that the launcher that comes when all others have ended has the native engine.
	lastNative bool
}

// launch is one launcher.
type launch struct {
	at          time.Duration
	native      bool // its engine is the native one, else one that makes spark-submit's calls
	pod         int  // in which it lives: two launchers in one are lives of one container
	generation  string
	application int
	onActive    submitter.OnActive
	onSucceeded submitter.OnSucceeded
	dies        int           // at which of its requests, spark-submit's included; 0: at none
	afterwards  bool          // that one is carried out
	childLives  bool          // spark-submit is not killed with it
	cancelled   time.Duration // when it is asked to end; 0: never
	leaves      bool          // it leaves its driver then, else it ends it
	pace        int           // its requests take so many times a tenth of a second, more or less
	faults      []fault
}

// fault is what goes wrong with one request of a launcher, or of its spark-submit.
type fault struct {
	request int
	what    string
	late    time.Duration
}

// life is that of a driver.
type life struct {
	length time.Duration
	code   int32
	reject bool // by the kubelet
	linger time.Duration
}

// event is what others do.
type event struct {
	at   time.Duration
	what string
	pod  int // which of those that are there
}

// The faults of a request, and what others do. What they are is in the player.
var (
	faultKinds = []string{
		"lost", "answer lost", "unanswered", "late", "late, unanswered", "twice", "slow", "unavailable", "internal error",
		"throttled", "gateway timeout", "truncated", "proxy page", "lies",
	}
	eventKinds = []string{"delete", "remove", "touch", "quota is used up", "quota is freed", "launcher's pod goes"}
)

func drawSchedule(t *rapid.T) schedule {
	seconds := func(least, most int, name string) time.Duration {
		return time.Duration(rapid.IntRange(least*1000, most*1000).Draw(t, name)) * time.Millisecond
	}
	flip := func(odds int, name string) bool { return rapid.IntRange(0, odds-1).Draw(t, name) == odds-1 }
	s := schedule{
		slowGC: flip(3, "slow GC"), fixed: flip(5, "fixed name"), foreign: flip(6, "foreign gates"), finalizer: flip(8, "finalizers"),
		groups: flip(3, "pod groups"), lastNative: flip(2, "the last one is native"),
	}
	if flip(5, "has quota") {
		s.quota = rapid.IntRange(1, 2).Draw(t, "quota")
	}
	for i := range rapid.IntRange(2, 4).Draw(t, "launchers") {
		l := launch{
			at: seconds(0, 40, "start"), native: flip(2, "native"), pod: rapid.IntRange(0, 3).Draw(t, "pod"),
			generation:  rapid.SampledFrom([]string{"1", "1", "1", "1", "2", "3", "", "a"}).Draw(t, "generation"),
			onActive:    submitter.ActiveAuto,
			onSucceeded: submitter.SucceededAuto,
			pace:        rapid.IntRange(1, 30).Draw(t, "pace"),
		}
		if flip(8, "other application") {
			l.application = 1
		}
		if flip(10, "has on active") {
			l.onActive = rapid.SampledFrom([]submitter.OnActive{submitter.ActiveReplace, submitter.ActiveAdopt, submitter.ActiveFail}).Draw(t, "on active")
		}
		if flip(10, "has on succeeded") {
			l.onSucceeded = rapid.SampledFrom([]submitter.OnSucceeded{submitter.SucceededRerun, submitter.SucceededReuse}).Draw(t, "on succeeded")
		}
		if flip(3, "dies") {
			l.dies, l.afterwards, l.childLives = rapid.IntRange(1, 12).Draw(t, "at request"), flip(2, "afterwards"), flip(4, "child lives")
		}
		if flip(6, "is cancelled") {
			l.cancelled, l.leaves = seconds(1, 30, "when"), flip(2, "leaves")
		}
		least := 0
		if i == 0 {
			least = 1
		}
		for range rapid.IntRange(least, 4).Draw(t, "faults") {
			l.faults = append(l.faults, fault{rapid.IntRange(1, 14).Draw(t, "request"), rapid.SampledFrom(faultKinds).Draw(t, "fault"), seconds(1, 40, "late")})
		}
		s.launchers = append(s.launchers, l)
	}
	for range rapid.IntRange(1, 4).Draw(t, "lives") {
		s.lives = append(s.lives, life{
			seconds(1, 120, "length"), rapid.SampledFrom([]int32{0, 0, 1, 137}).Draw(t, "code"), flip(12, "rejected"), seconds(0, 20, "linger"),
		})
	}
	for range rapid.IntRange(0, 4).Draw(t, "events") {
		s.events = append(s.events, event{seconds(0, 120, "at"), rapid.SampledFrom(eventKinds).Draw(t, "event"), rapid.IntRange(0, 2).Draw(t, "which")})
	}
	return s
}

// String writes the schedule down.
func (s schedule) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "fixed name %v, quota %d, slow GC %v, foreign gates %v, finalizers %v, pod groups %v, the last launcher is native: %v\n",
		s.fixed, s.quota, s.slowGC, s.foreign, s.finalizer, s.groups, s.lastNative)
	for i, l := range s.launchers {
		fmt.Fprintf(&text, "  launcher %d: native %v, at %s, in pod %d, generation %q, application %d, --on-active=%s, --on-succeeded=%s, pace %d\n",
			i, l.native, l.at, l.pod, l.generation, l.application, l.onActive, l.onSucceeded, l.pace)
		if l.cancelled > 0 {
			fmt.Fprintf(&text, "    is asked to end after %s, leaves its driver: %v\n", l.cancelled, l.leaves)
		}
		if l.dies > 0 {
			fmt.Fprintf(&text, "    dies at request %d, which is carried out: %v; spark-submit lives on: %v\n", l.dies, l.afterwards, l.childLives)
		}
		for _, f := range l.faults {
			fmt.Fprintf(&text, "    request %d: %s (%s)\n", f.request, f.what, f.late)
		}
	}
	for i, l := range s.lives {
		fmt.Fprintf(&text, "  driver %d: %s, then code %d; rejected %v; takes %s to end when deleted\n", i, l.length, l.code, l.reject, l.linger)
	}
	for _, e := range s.events {
		fmt.Fprintf(&text, "  at %s: %s (pod %d)\n", e.at, e.what, e.pod)
	}
	return text.String()
}

// shrunk are the schedules that lack one thing of s.
func (s schedule) shrunk() []schedule {
	var all []schedule
	for i := range s.launchers {
		less := s
		less.launchers = slices.Delete(slices.Clone(s.launchers), i, i+1)
		all = append(all, less)
	}
	for i := range s.events {
		less := s
		less.events = slices.Delete(slices.Clone(s.events), i, i+1)
		all = append(all, less)
	}
	for _, simple := range []func(*schedule){
		func(l *schedule) { l.fixed = false }, func(l *schedule) { l.foreign = false }, func(l *schedule) { l.finalizer = false },
		func(l *schedule) { l.slowGC = false }, func(l *schedule) { l.groups = false }, func(l *schedule) { l.quota = 0 },
	} {
		less := s
		if simple(&less); !reflect.DeepEqual(less, s) {
			all = append(all, less)
		}
	}
	for i, l := range s.launchers {
		for j := range l.faults {
			less := s
			less.launchers = slices.Clone(s.launchers)
			less.launchers[i].faults = slices.Delete(slices.Clone(l.faults), j, j+1)
			all = append(all, less)
		}
		if l.cancelled > 0 {
			less := s
			less.launchers = slices.Clone(s.launchers)
			less.launchers[i].cancelled = 0
			all = append(all, less)
		}
		if l.dies > 0 {
			less := s
			less.launchers = slices.Clone(s.launchers)
			less.launchers[i].dies = 0
			all = append(all, less)
		}
	}
	return all
}
