// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

// move is what a launcher does next with the driver that it has announced.
type move int

const (
	// commit: take the gate off.
	commit move = iota
	// committed: the gate is off already.
	committed
	// gone: the own driver is not there any more, or on its way out; decide again.
	gone
	// withdraw: remove the own driver and decide again.
	withdraw
	// kill: end an active driver that this one replaces, then look again.
	kill
	// await: a deleted driver runs until it has ended; then look again.
	await
	// remove: remove an abandoned gated driver, then look again.
	remove
)

func (m move) String() string {
	return [...]string{"commit", "committed", "gone", "withdraw", "kill", "await", "remove"}[m]
}

// look says what to do with the own announced driver, given all drivers of the run, the latest first, read after it was
// announced. Of two announced drivers the launcher of the one that was created later sees both here: that is why at most one is committed.
func look(in intent, own attempt, all []attempt) (move, *attempt) {
	mine := first(all, func(a attempt) bool { return a.uid == own.uid })
	switch {
	case mine == nil || mine.standing == leaving:
		return gone, nil
	case mine.standing != gated:
		return committed, mine
	}
	others := func(fits func(attempt) bool) *attempt {
		return first(all, func(a attempt) bool { return a.uid != own.uid && fits(a) })
	}
	if a := others(func(a attempt) bool { return in.yields(*mine, a) }); a != nil {
		return withdraw, a
	}
	if a := others(func(a attempt) bool { return a.standing == active }); a != nil {
		return kill, a
	}
	if a := others(func(a attempt) bool { return a.standing == terminating }); a != nil {
		return await, a
	}
	if a := others(func(a attempt) bool { return a.standing == gated }); a != nil {
		return remove, a
	}
	return commit, mine
}

// yields reports whether the own announced driver must yield to another one.
func (in intent) yields(own, a attempt) bool {
	switch {
	case relate(in.generation, a.generation) == newer, in.counts(a), in.shares(a):
		return true
	case a.standing == active:
		return in.policy.OnActive == ActiveFail || relate(in.generation, a.generation) != older && !in.past[a.uid]
	case a.standing == gated:
		return a.compare(own) > 0
	default:
		return false
	}
}
