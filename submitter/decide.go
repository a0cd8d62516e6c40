// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"slices"

	"k8s.io/apimachinery/pkg/types"
)

// intent is what a launcher is about, and what it found when it came.
type intent struct {
	generation, application string
	policy                  Policy
	// past are the drivers that belong to the time before this launcher: those that had ended or were ending when it
	// looked first, and those that ran then and are to be replaced. A driver that came later is this launcher's own
	// affair, whatever becomes of it.
	past map[types.UID]bool
}

// arrive notes what stands when a launcher looks first.
func (in *intent) arrive(all []attempt) {
	in.past = map[types.UID]bool{}
	for _, a := range all {
		switch {
		case a.ended(), a.standing == terminating, a.standing == active && in.policy.OnActive == ActiveReplace:
			in.past[a.uid] = true
		}
	}
}

// verb is what to do next.
type verb int

const (
	// announce: submit the next attempt.
	announce verb = iota
	// adopt: the driver is ours, whatever has become of it.
	adopt
	// wait: for another launcher to complete a gated driver, or for a deleted one to end.
	wait
	// refuse: end with a conflict.
	refuse
)

func (v verb) String() string { return [...]string{"announce", "adopt", "wait", "refuse"}[v] }

// why says what a decision stands on.
type why string

const (
	nothingStands    why = "nothing stands"
	isActive         why = "it is active"
	isOurs           why = "it came after this launcher did"
	hasSucceeded     why = "it has succeeded"
	isGated          why = "its launcher is at work"
	isAbandoned      why = "its launcher is gone"
	isTerminating    why = "it is terminating"
	isReplaced       why = "it is to be replaced"
	hasEnded         why = "it has ended"
	isNewer          why = "it is of a newer generation"
	isUnordered      why = "its generation cannot be compared"
	isAnother        why = "it runs another application"
	isNotToBeTouched why = "--on-active=fail"
)

// decision is what to do next, about which driver, and why.
type decision struct {
	verb  verb
	about *attempt // nil when nothing stands
	why   why
	// number of the next attempt, for announce.
	number int
}

// decide is the table: what to do about the drivers of a run, given the latest first. abandoned tells of a gated driver
// whether nobody will complete it. The order of the questions is the order of their weight.
func decide(in intent, all []attempt, abandoned func(attempt) bool) decision {
	next := decision{verb: announce, why: nothingStands, number: 1}
	if len(all) > 0 {
		next = decision{verb: announce, about: &all[0], why: hasEnded, number: all[0].number + 1}
	}
	for _, find := range []func(intent, []attempt) (decision, bool){findNewer, findActive, findSuccess, findOurs, findTerminating} {
		if d, found := find(in, all); found {
			d.number = next.number
			return d
		}
	}
	if a := first(all, func(a attempt) bool { return a.standing == gated }); a != nil {
		if !abandoned(*a) {
			return decision{verb: wait, about: a, why: isGated, number: next.number}
		}
		next.about, next.why = a, isAbandoned
	}
	return next
}

// first is the latest attempt that fits.
func first(all []attempt, fits func(attempt) bool) *attempt {
	if i := slices.IndexFunc(all, fits); i >= 0 {
		return &all[i]
	}
	return nil
}

// findNewer: an intention that was replaced touches nothing.
func findNewer(in intent, all []attempt) (decision, bool) {
	a := first(all, func(a attempt) bool { return relate(in.generation, a.generation) == newer })
	return decision{verb: refuse, about: a, why: isNewer}, a != nil
}

// findActive: at most one driver is active; it is adopted, refused, or ended by the next attempt.
func findActive(in intent, all []attempt) (decision, bool) {
	a := first(all, func(a attempt) bool { return a.standing == active })
	if a == nil {
		return decision{}, false
	}
	switch related := relate(in.generation, a.generation); {
	case in.policy.OnActive == ActiveFail:
		return decision{verb: refuse, about: a, why: isNotToBeTouched}, true
	case related == older, in.past[a.uid]:
		return decision{verb: announce, about: a, why: isReplaced}, true
	case in.policy.OnActive == ActiveAdopt:
		return decision{verb: adopt, about: a, why: isActive}, true
	case related == other:
		return decision{verb: refuse, about: a, why: isUnordered}, true
	case a.application != in.application:
		return decision{verb: refuse, about: a, why: isAnother}, true
	default:
		return decision{verb: adopt, about: a, why: isActive}, true
	}
}

// findSuccess: a success of this generation is handed over as long as it stands there.
func findSuccess(in intent, all []attempt) (decision, bool) {
	a := first(all, in.counts)
	switch {
	case a == nil:
		return decision{}, false
	case a.application == in.application, in.policy.OnSucceeded == SucceededReuse:
		return decision{verb: adopt, about: a, why: hasSucceeded}, true
	default:
		return decision{verb: refuse, about: a, why: isAnother}, true
	}
}

// counts reports whether an attempt is a success of this generation that is not to be run again.
func (in intent) counts(a attempt) bool {
	return a.standing == succeeded && relate(in.generation, a.generation) == same && (!in.past[a.uid] || in.policy.OnSucceeded != SucceededRerun)
}

// findOurs: a driver that came after this launcher did, for the same intention and application, is the one that this
// launcher was to make. Its end is this launcher's answer, and no reason to run it again.
func findOurs(in intent, all []attempt) (decision, bool) {
	a := first(all, in.shares)
	return decision{verb: adopt, about: a, why: isOurs}, a != nil
}

// shares reports whether an attempt has failed for this launcher as much as for the one that made it.
func (in intent) shares(a attempt) bool {
	return a.standing == failed && !in.past[a.uid] && relate(in.generation, a.generation) == same && a.application == in.application
}

// findTerminating: a deleted driver runs until it has ended.
func findTerminating(_ intent, all []attempt) (decision, bool) {
	a := first(all, func(a attempt) bool { return a.standing == terminating })
	return decision{verb: wait, about: a, why: isTerminating}, a != nil
}
