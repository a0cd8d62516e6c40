// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"fmt"
	"testing"

	"k8s.io/apimachinery/pkg/types"
)

// one is a driver of attempt 1.
func one(s standing, generation, application string) attempt {
	return attempt{name: "run-1-driver", uid: "1", number: 1, generation: generation, standing: s, application: application}
}

// The table: one driver stands, for each standing, relation of generations, application, time and policy. What is not named
// does not change the decision: "*" stands for every value.
func TestTheTable(t *testing.T) {
	t.Parallel()
	const any = "*"
	rows := []struct {
		standing, relation, application, came, onActive, onSucceeded string
		want                                                         string
	}{
		{any, "newer", any, any, any, any, "refuse: it is of a newer generation"},

		{"gated", any, any, any, any, any, "wait: its launcher is at work"},
		{"abandoned", any, any, any, any, any, "announce: its launcher is gone"},
		{"leaving", any, any, any, any, any, "announce: it has ended"},

		{"active", any, any, any, "fail", any, "refuse: --on-active=fail"},
		{"active", "older", any, any, any, any, "announce: it is to be replaced"},
		{"active", "same", any, "before", "replace", any, "announce: it is to be replaced"},
		{"active", "other", any, "before", "replace", any, "announce: it is to be replaced"},
		{"active", "same", any, any, "adopt", any, "adopt: it is active"},
		{"active", "other", any, any, "adopt", any, "adopt: it is active"},
		{"active", "other", any, any, any, any, "refuse: its generation cannot be compared"},
		{"active", "same", "this", any, any, any, "adopt: it is active"},
		{"active", "same", "another", any, any, any, "refuse: it runs another application"},

		{"terminating", any, any, any, any, any, "wait: it is terminating"},

		{"succeeded", "same", any, "before", any, "rerun", "announce: it has ended"},
		{"succeeded", "same", "this", any, any, any, "adopt: it has succeeded"},
		{"succeeded", "same", "another", any, any, "reuse", "adopt: it has succeeded"},
		{"succeeded", "same", "another", any, any, any, "refuse: it runs another application"},
		{"succeeded", any, any, any, any, any, "announce: it has ended"},

		{"failed", "same", "this", "after", any, any, "adopt: it came after this launcher did"},
		{"failed", any, any, any, any, any, "announce: it has ended"},
	}
	used := make([]bool, len(rows))
	count := 0
	each := func(standing, relation, application, came string, onActive OnActive, onSucceeded OnSucceeded) {
		count++
		name := fmt.Sprintf("%s, %s generation, %s application, came %s, --on-active=%s, --on-succeeded=%s", standing, relation, application, came, onActive, onSucceeded)
		got := decideAbout(standing, relation, application, came, Policy{OnActive: onActive, OnSucceeded: onSucceeded})
		for i, row := range rows {
			fits := func(cell, value string) bool { return cell == any || cell == value }
			if fits(row.standing, standing) && fits(row.relation, relation) && fits(row.application, application) && fits(row.came, came) &&
				fits(row.onActive, string(onActive)) && fits(row.onSucceeded, string(onSucceeded)) {
				used[i] = true
				if said := fmt.Sprintf("%s: %s", got.verb, got.why); said != row.want {
					t.Errorf("%s: %s, want %s", name, said, row.want)
				}
				if got.number != 2 || got.about == nil {
					t.Errorf("%s: next attempt %d, about %v", name, got.number, got.about)
				}
				return
			}
		}
		t.Errorf("%s: no row of the table", name)
	}
	for _, standing := range []string{"gated", "abandoned", "leaving", "active", "terminating", "succeeded", "failed"} {
		for _, relation := range []string{"same", "older", "newer", "other"} {
			for _, application := range []string{"this", "another"} {
				for _, came := range []string{"before", "after"} {
					for _, onActive := range []OnActive{ActiveAuto, ActiveAdopt, ActiveReplace, ActiveFail} {
						for _, onSucceeded := range []OnSucceeded{SucceededAuto, SucceededReuse, SucceededRerun} {
							each(standing, relation, application, came, onActive, onSucceeded)
						}
					}
				}
			}
		}
	}
	for i, row := range rows {
		if !used[i] {
			t.Errorf("no combination comes to the row %+v", row)
		}
	}
	if count != 1344 {
		t.Errorf("%d combinations", count)
	}
}

// decideAbout decides about one driver, described in words.
func decideAbout(stands, relation, application, came string, policy Policy) decision {
	standings := map[string]standing{
		"gated": gated, "abandoned": gated, "leaving": leaving, "active": active, "terminating": terminating, "succeeded": succeeded, "failed": failed,
	}
	generations := map[string]string{"same": "5", "older": "4", "newer": "6", "other": "rerun"}
	all := []attempt{one(standings[stands], generations[relation], application)}
	in := intent{generation: "5", application: "this", policy: policy, past: map[types.UID]bool{}}
	if came == "before" {
		in.arrive(all)
	}
	return decide(in, all, func(attempt) bool { return stands == "abandoned" })
}

func TestDecideWeighsSeveralDrivers(t *testing.T) {
	t.Parallel()
	at := func(number int, s standing, generation string) attempt {
		return attempt{name: fmt.Sprintf("run-%d-driver", number), uid: types.UID(fmt.Sprint(number)), number: number, generation: generation, standing: s, application: "this"}
	}
	for name, test := range map[string]struct {
		all       []attempt
		abandoned bool
		want      string
	}{
		"nothing stands": {nil, false, "announce 1: nothing stands"},
		"an active one counts before a later one that has failed": {[]attempt{at(3, failed, "5"), at(2, active, "5")}, false, "adopt: it is active"},
		"an active one counts before a later gated one":           {[]attempt{at(3, gated, "5"), at(2, active, "5")}, false, "adopt: it is active"},
		"a success counts before a later gated one":               {[]attempt{at(3, gated, "5"), at(2, succeeded, "5")}, false, "adopt: it has succeeded"},
		"a success counts before a later failure":                 {[]attempt{at(3, failed, "5"), at(2, succeeded, "5")}, false, "adopt: it has succeeded"},
		"an older success counts for nothing":                     {[]attempt{at(3, failed, "5"), at(2, succeeded, "4")}, false, "announce 4: it has ended"},
		"the end of a deleted one is waited for before the next":  {[]attempt{at(3, failed, "5"), at(2, terminating, "4")}, false, "wait: it is terminating"},
		"a newer one forbids everything, also gated":              {[]attempt{at(3, gated, "6"), at(2, active, "5")}, false, "refuse: it is of a newer generation"},
		"a newer one forbids everything, also when it has failed": {[]attempt{at(3, active, "5"), at(2, failed, "6")}, false, "refuse: it is of a newer generation"},
		"the next number is above all others":                     {[]attempt{at(7, gated, "5"), at(2, failed, "5")}, true, "announce 8: its launcher is gone"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := intent{generation: "5", application: "this", policy: Policy{OnActive: ActiveAuto, OnSucceeded: SucceededAuto}}
			in.arrive(test.all)
			d := decide(in, test.all, func(attempt) bool { return test.abandoned })
			got := fmt.Sprintf("%s: %s", d.verb, d.why)
			if d.verb == announce {
				got = fmt.Sprintf("%s %d: %s", d.verb, d.number, d.why)
			}
			if got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

func TestGenerationsAreComparedAsNumbers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		ours, theirs string
		want         relation
	}{
		{"2", "2", same},
		{"2", "02", same},
		{"0", "000", same},
		{"2", "1", older},
		{"10", "9", older},
		{"9", "10", newer},
		{"20261121000000000000000000000001", "20261121000000000000000000000000", older},
		{"", "7", same},
		{"7", "", same},
		{"rerun", "rerun", same},
		{"rerun", "2", other},
		{"2", "rerun", other},
		{"-1", "1", other},
		{"1.5", "1", other},
	} {
		if got := relate(test.ours, test.theirs); got != test.want {
			t.Errorf("relate(%q, %q) = %d, want %d", test.ours, test.theirs, got, test.want)
		}
	}
}
