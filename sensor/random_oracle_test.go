// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sparkctl/sparkctl/xcom"
)

// Bounds of how late a verdict may come, from the moment on from which what decides it is in the API and the
// API answers.
const (
	// A call that was sent before may hang for its 10 s, then the next read is due: after 5 min when
	// nothing looked wrong (the safety read), after 30 s at most in an outage.
	endBound = 5*time.Minute + 10*time.Second + time.Second
	// A pod that is gone is waited for: the watch may still bring its last version.
	goneBound = endBound + 65*time.Second
	// A node's silence is waited for after the grace of 30 s: 5 min, or less with signs of trouble.
	nodeBound = 30*time.Second + 5*time.Minute + endBound
	// A deadline is confirmed by one read, which takes 10 s at most.
	deadlineBound = 11 * time.Second
)

// problems are what is wrong with the verdict, by the truth that the player kept and what reached the follower.
func (p *play) problems() []string {
	var all []string
	wrong := func(format string, a ...any) { all = append(all, fmt.Sprintf(format, a...)) }
	if p.hung {
		wrong("no verdict by %s", p.latest())
		return all
	}
	if p.err != nil {
		wrong("error: %v", p.err)
		return all
	}
	v := p.verdict
	heard, requests := p.wire.heard()
	knew := false // the end was told, and not in the very moment of the verdict
	blurred := p.blurred(heard)
	var lastTold time.Time
	for _, t := range heard {
		knew = knew || t.ended && t.at.Before(p.finished)
		if t.at.Before(p.finished) {
			lastTold = t.at
		}
	}
	if !slices.IsSorted(p.shown) {
		wrong("another pod was handed on, or an older version after a newer one: %v", p.shown)
	}
	state, exit := p.wanted()
	if knew && (v.State != state || v.ExitCode != exit) && (!blurred || v.State != xcom.Lost) {
		wrong("the end was told: want %s with %d", state, exit)
	}
	switch {
	case v.State == xcom.Succeeded && (p.ended.IsZero() || p.rejected || p.exitCode != 0 || p.ended.After(p.finished)):
		wrong("success, but the driver has not exited with 0")
	case v.State == xcom.Succeeded && v.ExitCode != 0:
		wrong("success with exit code %d", v.ExitCode)
	case v.State != xcom.Succeeded && v.ExitCode == 0:
		wrong("exit code 0 without success")
	}
	switch v.State {
	case xcom.Succeeded:
	case xcom.Failed:
		all = append(all, p.falseFailure()...)
	case xcom.Lost:
		nodeLost := !p.marked.IsZero() && p.finished.Sub(p.marked) >= 59*time.Second
		if p.couldBeReplayed(heard) && state != xcom.Lost && !blurred {
			wrong("lost, but the watch would have brought the end")
		}
		if (p.removed.IsZero() || p.removed.After(p.finished)) && !nodeLost && !knew {
			wrong("lost, but the pod is there")
		}
	case xcom.Unknown:
		if p.deniedFromTheStart(heard) {
			break
		}
		if silence := p.finished.Sub(later(lastTold, p.start)); silence < p.apiTimeout-time.Second {
			wrong("gave up %s after the last answer, --api-timeout is %s", silence, p.apiTimeout)
		}
	default:
		wrong("state %s is no end", v.State)
	}
	all = append(append(append(all, p.lateness()...), p.late()...), p.patience()...)
	if hours := p.finished.Sub(p.start).Hours(); float64(requests) > p.requestBound(hours) {
		wrong("%d requests about pods in %.1f h, want at most %.0f", requests, hours, p.requestBound(hours))
	}
	return all
}

// wanted is the verdict of the driver's end, when it is known.
func (p *play) wanted() (xcom.State, xcom.ExitCode) {
	switch {
	case p.rejected:
		return xcom.Failed, 82
	case p.exitCode == 0:
		return xcom.Succeeded, 0
	case !p.marked.IsZero():
		return xcom.Lost, 83
	}
	switch code := p.exitCode; {
	case code == 1, code >= 3 && code <= 63, code >= 66 && code <= 79, code >= 90 && code <= 124:
		return xcom.Failed, xcom.ExitCode(code)
	default:
		return xcom.Failed, 89
	}
}

// blurred: all that was told of the end is from a time when the pod was on its way out, and the driver ended by a
// signal so short before somebody asked for that, that Kubernetes' dates do not tell which came first.
func (p *play) blurred(heard []told) bool {
	for _, t := range heard {
		if t.ended {
			return strings.Contains(t.phase, "terminating") && (p.exitCode == 137 || p.exitCode == 143) && p.removed.Sub(p.ended) <= 31*time.Second
		}
	}
	return false
}

// falseFailure is what is wrong with a verdict Failed.
func (p *play) falseFailure() []string {
	v := p.verdict
	running := p.began.Add(p.runningTimeout)
	pending := p.start.Add(p.pendingTimeout)
	switch {
	case v.DriverCode != nil && (p.ended.IsZero() || p.rejected || int32(*v.DriverCode) != p.exitCode):
		return []string{fmt.Sprintf("the driver's code is told as %d", *v.DriverCode)}
	case v.DriverCode != nil, p.rejected && !p.ended.After(p.finished) && v.ExitCode == 82:
		return nil
	case v.ExitCode != 84:
		return []string{fmt.Sprintf("failed with %d for no reason", v.ExitCode)}
	case v.Cause.Reason == "RunningTimeout":
		if p.runningTimeout == 0 || p.began.IsZero() || p.finished.Before(running.Add(-time.Second)) || !p.ended.IsZero() && p.ended.Before(running) {
			return []string{"the running deadline has not passed"}
		}
	case p.finished.Before(pending.Add(-time.Second)) || !p.began.IsZero() && p.began.Before(pending):
		return []string{"the pending deadline has not passed"}
	}
	return nil
}

// deniedFromTheStart: the first answers were refusals, which no waiting mends.
func (p *play) deniedFromTheStart(heard []told) bool {
	for _, t := range heard {
		if t.by == "get" && t.at.Before(p.finished) {
			return false
		}
	}
	for _, f := range p.faults {
		if (f.what == "forbidden" || f.what == "unauthorized") && p.finished.Sub(p.start) >= f.from && p.finished.Sub(p.start) <= f.to+time.Minute {
			return true
		}
	}
	return false
}

// lateness is what is wrong with the time of the verdict: from the decisive moment on there is a first stretch of
// calm that is long enough, and by its bound the verdict is there.
func (p *play) lateness() []string {
	decisive, bound := p.decisive()
	if decisive.IsZero() {
		return nil
	}
	from := decisive
	for _, f := range p.faults {
		if begin, end := p.start.Add(f.from), p.start.Add(f.to); begin.Before(from.Add(bound)) && end.After(from) {
			from = end
		}
	}
	if p.finished.After(from.Add(bound)) {
		return []string{fmt.Sprintf("the verdict came %s after the first calm in which it could be had, want it within %s", p.finished.Sub(from), bound)}
	}
	return nil
}

// patience is what is wrong with the end of an outage that lasts for too long: it is noticed with the next read
// at the latest, and given up --api-timeout after that.
func (p *play) patience() []string {
	for _, f := range p.faults {
		limit := p.start.Add(f.from + p.apiTimeout + endBound)
		if f.share == 1 && slices.Contains(blackouts, f.what) && p.start.Add(f.to).After(limit) && p.finished.After(limit) {
			return []string{fmt.Sprintf("an outage of %s was waited for until %s", f.to-f.from, p.finished.Sub(p.start))}
		}
	}
	return nil
}

// late is what is wrong with the time of a deadline's verdict: in calm it comes with the deadline.
func (p *play) late() []string {
	var at time.Time
	switch {
	case p.runningTimeout > 0 && !p.began.IsZero():
		at = p.began.Add(p.runningTimeout)
	case p.began.IsZero() && !p.rejected && p.removed.IsZero():
		at = p.start.Add(p.pendingTimeout)
	default:
		return nil
	}
	for _, f := range p.faults {
		if p.start.Add(f.from).Before(at.Add(deadlineBound)) && p.start.Add(f.to+endBound).After(at) {
			return nil
		}
	}
	if p.finished.After(at.Add(deadlineBound)) {
		return []string{fmt.Sprintf("the deadline was told %s late", p.finished.Sub(at))}
	}
	return nil
}

// couldBeReplayed: the driver ended and went while nobody could see it, the API server remembers, and from the
// moment on in which its absence was read nothing kept the next watch from telling. Only after some faults does
// client-go go on from where it was; after others it lists anew, or does not notice for minutes that a watch is dead.
func (p *play) couldBeReplayed(heard []told) bool {
	var absent time.Time
	for _, t := range heard {
		if t.gone && absent.IsZero() {
			absent = t.at
		}
	}
	p.wire.mu.Lock()
	listed := p.wire.listed
	p.wire.mu.Unlock()
	if listed.IsZero() || !listed.Before(p.ended) || absent.IsZero() || p.ended.IsZero() || p.ended.After(absent) {
		return false
	}
	for _, f := range p.faults {
		switch f.what {
		case "refused", "throttled", "twice", "no bookmarks", "slow", "reads never answered":
		default:
			return false
		}
		if !p.start.Add(f.from).After(absent.Add(70*time.Second)) && !p.start.Add(f.to).Before(absent) {
			return false
		}
	}
	return true
}

// decisive is from when on nothing but the verdict is left to come, and its bound.
func (p *play) decisive() (time.Time, time.Duration) {
	var at time.Time
	bound := endBound
	consider := func(moment time.Time, within time.Duration) {
		if !moment.IsZero() && (at.IsZero() || moment.Add(within).Before(at.Add(bound))) {
			at, bound = moment, within
		}
	}
	if p.removed.IsZero() || p.removed.Sub(p.ended) > 0 {
		consider(p.ended, endBound)
	}
	if !p.ended.IsZero() && !p.removed.IsZero() && p.removed.Sub(p.ended) <= endBound {
		at = time.Time{} // it may have gone before it could be read
	}
	consider(p.removed, goneBound)
	consider(p.marked, nodeBound)
	if p.runningTimeout > 0 && !p.began.IsZero() {
		consider(p.began.Add(p.runningTimeout), endBound)
	}
	if p.began.IsZero() {
		consider(p.start.Add(p.pendingTimeout), endBound)
	}
	return at, bound
}

// requestBound is how many requests about pods there may be: 24 an hour in calm; while something is wrong a read
// and a watch are under way at any time at most, and client-go repeats each once a second.
func (p *play) requestBound(hours float64) float64 {
	bad := 0.0
	for _, f := range p.faults {
		bad += (f.to - f.from).Hours()
	}
	return 100 + 24*hours + 200*float64(len(p.faults)) + 7200*bad
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
