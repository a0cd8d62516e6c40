// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Age is a flag's length of time that may be given in days and weeks too, such as 7d, 2w or 1d12h: a day is 24 hours. It is never negative.
type Age time.Duration

const day = 24 * time.Hour

// Set reads a length of time.
func (a *Age) Set(text string) error {
	var length time.Duration
	rest := text
	for _, unit := range []struct {
		name string
		long time.Duration
	}{{"w", 7 * day}, {"d", day}} {
		count, after, found := strings.Cut(rest, unit.name)
		if !found {
			continue
		}
		n, err := strconv.ParseUint(count, 10, 12)
		if err != nil {
			return notALength(text)
		}
		length += time.Duration(n) * unit.long
		rest = after
	}
	if rest != "" || text == "" {
		short, err := time.ParseDuration(rest)
		if err != nil || short < 0 {
			return notALength(text)
		}
		length += short
	}
	*a = Age(length)
	return nil
}

func notALength(text string) error {
	return fmt.Errorf("%q is no length of time: write it as 90s, 30m, 36h, 7d or 2w", text)
}

// String writes whole days as days.
func (a *Age) String() string {
	length := time.Duration(*a)
	if length == 0 {
		// As pflag knows that there is no default worth telling.
		return "0"
	}
	if length >= day && length%day == 0 {
		return strconv.FormatInt(int64(length/day), 10) + "d"
	}
	return length.String()
}

// Type names the flag's values in a help.
func (*Age) Type() string { return "duration" }
