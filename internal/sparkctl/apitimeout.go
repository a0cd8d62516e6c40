// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"errors"
	"time"

	"github.com/spf13/pflag"
)

// patience is a length of time that a flag takes; it must be more than none.
type patience time.Duration

// addAPITimeout adds --api-timeout, for as long as something is done.
func addAPITimeout(flags *pflag.FlagSet, into *time.Duration, during string) {
	*into = 5 * time.Minute
	flags.Var((*patience)(into), "api-timeout", "how long the API server may be away"+during)
}

// String writes it as Go does: 5m0s.
func (p *patience) String() string { return time.Duration(*p).String() }

// Type is what help and completion call it.
func (p *patience) Type() string { return "duration" }

// Set reads one such as 5m.
func (p *patience) Set(text string) error {
	length, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return errors.New("it is no length of time such as 5m")
	case length <= 0:
		return errors.New("it leaves the API server no time to answer")
	}
	*p = patience(length)
	return nil
}
