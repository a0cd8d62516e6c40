// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"testing"

	"github.com/sparkctl/sparkctl/xcom"
)

func TestOutcome(t *testing.T) {
	succeeded, failed, lost := waited{done: true}, waited{done: true, code: 3}, waited{done: true, code: xcom.ExitLost}
	notYet := waited{}
	for name, test := range map[string]struct {
		all  []waited
		any  bool
		code xcom.ExitCode
		over bool
	}{
		"all succeeded": {[]waited{succeeded, succeeded}, false, 0, true},
		"the first failure in the order of the names":   {[]waited{succeeded, lost, failed}, false, xcom.ExitLost, true},
		"one is not there yet":                          {[]waited{succeeded, notYet}, false, 0, false},
		"one is not there yet and another has failed":   {[]waited{notYet, failed}, false, 3, false},
		"any: the one that is done, well":               {[]waited{notYet, succeeded}, true, 0, true},
		"any: the one that is done, badly":              {[]waited{notYet, failed}, true, 3, true},
		"any: of two that are done the one named first": {[]waited{failed, succeeded}, true, 3, true},
		"any: none is there yet":                        {[]waited{notYet, notYet}, true, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			code, over := outcome(test.all, test.any)
			if code != test.code || over != test.over {
				t.Errorf("%d, over %t; want %d, over %t", code, over, test.code, test.over)
			}
		})
	}
}
