// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestRandomSchedules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		p := runSchedule(t, drawSchedule(r), mutation{})
		if len(p.problems) > 0 {
			r.Fatalf("%s\n%s", strings.Join(p.problems, "\n"), p.trace())
		}
	})
}
