// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"fmt"
	"testing"

	"k8s.io/apimachinery/pkg/types"
)

func TestLook(t *testing.T) {
	t.Parallel()
	at := func(number int, s standing, generation string) attempt {
		return attempt{name: fmt.Sprintf("run-%d-driver", number), uid: types.UID(fmt.Sprint(number)), number: number, generation: generation, standing: s, application: "this"}
	}
	own := at(5, gated, "5")
	twin := attempt{name: "fixed", uid: "twin", number: 5, generation: "5", standing: gated}
	another := at(4, active, "5")
	another.application = "another"
	for name, test := range map[string]struct {
		all    []attempt
		past   types.UID
		policy Policy
		want   string
	}{
		"alone, it is committed":                                   {[]attempt{own}, "", Policy{}, "commit 5"},
		"with what has ended before, too":                          {[]attempt{own, at(4, failed, "5"), at(3, succeeded, "4")}, "4", Policy{}, "commit 5"},
		"it was committed already: an answer was lost":             {[]attempt{at(5, active, "5")}, "", Policy{}, "committed 5"},
		"it was committed and has ended":                           {[]attempt{at(5, failed, "5")}, "", Policy{}, "committed 5"},
		"it is gone":                                               {[]attempt{at(4, failed, "5")}, "", Policy{}, "gone"},
		"somebody deletes it":                                      {[]attempt{at(5, leaving, "5")}, "", Policy{}, "gone"},
		"it yields to an active one of its generation":             {[]attempt{own, at(4, active, "5")}, "", Policy{}, "withdraw 4"},
		"also when that runs another application":                  {[]attempt{own, another}, "", Policy{}, "withdraw 4"},
		"it yields to an active one that cannot be compared":       {[]attempt{own, at(4, active, "x")}, "", Policy{}, "withdraw 4"},
		"it yields to a success of its generation":                 {[]attempt{own, at(4, succeeded, "5")}, "", Policy{}, "withdraw 4"},
		"but not where it was to be run again":                     {[]attempt{own, at(4, succeeded, "5")}, "4", Policy{OnSucceeded: SucceededRerun}, "commit 5"},
		"it yields to a success that came since, all the same":     {[]attempt{own, at(4, succeeded, "5")}, "", Policy{OnSucceeded: SucceededRerun}, "withdraw 4"},
		"it yields to one that came since and has failed":          {[]attempt{own, at(4, failed, "5")}, "", Policy{}, "withdraw 4"},
		"it yields to a gated one with a higher number":            {[]attempt{at(6, gated, "5"), own}, "", Policy{}, "withdraw 6"},
		"also when that is of an older generation":                 {[]attempt{at(6, gated, "4"), own}, "", Policy{}, "withdraw 6"},
		"it yields to anything of a newer generation":              {[]attempt{own, at(4, failed, "6")}, "", Policy{}, "withdraw 4"},
		"it ends an active one of an older generation":             {[]attempt{own, at(4, active, "4")}, "", Policy{}, "kill 4"},
		"it ends an active one that it was told to replace":        {[]attempt{own, at(4, active, "5")}, "4", Policy{OnActive: ActiveReplace}, "kill 4"},
		"but not one that came since":                              {[]attempt{own, at(4, active, "5")}, "", Policy{OnActive: ActiveReplace}, "withdraw 4"},
		"it ends none where that is forbidden":                     {[]attempt{own, at(4, active, "4")}, "", Policy{OnActive: ActiveFail}, "withdraw 4"},
		"it waits for the end of one that was deleted":             {[]attempt{own, at(4, terminating, "4")}, "", Policy{}, "await 4"},
		"it waits for that before it removes others":               {[]attempt{own, at(4, gated, "5"), at(3, terminating, "4")}, "", Policy{}, "await 3"},
		"it removes a gated one with a lower number":               {[]attempt{own, at(4, gated, "5")}, "", Policy{}, "remove 4"},
		"what is leaving with its gate on is in nobody's way":      {[]attempt{own, at(4, leaving, "5")}, "", Policy{}, "commit 5"},
		"of two with one number the name decides, here for us":     {[]attempt{own, twin}, "", Policy{}, "remove 5"},
		"a success of another application is one all the same":     {[]attempt{own, {uid: "4", number: 4, standing: succeeded, generation: "5", application: "another"}}, "", Policy{}, "withdraw 4"},
		"a failure of another application is none of our business": {[]attempt{own, {uid: "4", number: 4, standing: failed, generation: "5", application: "another"}}, "", Policy{}, "commit 5"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := intent{generation: "5", application: "this", policy: test.policy, past: map[types.UID]bool{test.past: true}}
			next, about := look(in, own, test.all)
			got := next.String()
			if about != nil {
				got = fmt.Sprintf("%s %d", next, about.number)
			}
			if got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

// Whatever decide announces, look does not withdraw as long as nothing changes: no launcher goes in circles.
func TestDecideAndLookAgree(t *testing.T) {
	t.Parallel()
	for _, s := range []standing{gated, leaving, active, terminating, succeeded, failed} {
		for _, generation := range []string{"4", "5", "6", "x", ""} {
			for _, application := range []string{"this", "another"} {
				for _, onActive := range []OnActive{ActiveAuto, ActiveAdopt, ActiveReplace, ActiveFail} {
					for _, onSucceeded := range []OnSucceeded{SucceededAuto, SucceededReuse, SucceededRerun} {
						in := intent{generation: "5", application: "this", policy: Policy{OnActive: onActive, OnSucceeded: onSucceeded}}
						all := []attempt{one(s, generation, application)}
						in.arrive(all)
						d := decide(in, all, func(attempt) bool { return true })
						own := attempt{name: "own", uid: "own", number: d.number, generation: "5", standing: gated, application: "this"}
						next, _ := look(in, own, append([]attempt{own}, all...))
						if (d.verb == announce) == (next == withdraw) && s != terminating {
							t.Errorf("%s of generation %q, %s application, %v: decide says %s, look %s", s, generation, application, in.policy, d.verb, next)
						}
					}
				}
			}
		}
	}
}
