// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"testing"
	"time"
)

func TestAnAgeIsReadInDaysAndWeeksToo(t *testing.T) {
	for text, want := range map[string]struct {
		length  time.Duration
		written string
	}{
		"90s":    {90 * time.Second, "1m30s"},
		"36h":    {36 * time.Hour, "36h0m0s"},
		"7d":     {7 * day, "7d"},
		"2w":     {14 * day, "14d"},
		"1w2d3h": {9*day + 3*time.Hour, "219h0m0s"},
		"1d12h":  {36 * time.Hour, "36h0m0s"},
		"48h":    {48 * time.Hour, "2d"},
		"0":      {0, "0"},
		"0d":     {0, "0"},
	} {
		var a Age
		if err := a.Set(text); err != nil || time.Duration(a) != want.length || a.String() != want.written {
			t.Errorf("%s is %s, written %s, error %v; want %s, written %s", text, time.Duration(a), a.String(), err, want.length, want.written)
		}
	}
	for _, text := range []string{"", "7", "d", "-1h", "-7d", "1.5d", "1d1w", "9999999d", "1d-1h", "7days"} {
		a := Age(1)
		if err := a.Set(text); err == nil || a != 1 {
			t.Errorf("%q is taken for %s, error %v", text, a.String(), err)
		}
	}
}
