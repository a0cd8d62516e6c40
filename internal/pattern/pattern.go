// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package pattern compiles regular expressions when they are first needed, and each once: [Of]. A program that judges one driver
// needs few of them and must not pay for all at its start; one that judges thousands must not compile them thousands of times.
package pattern

import (
	"regexp"
	"sync"
)

// compiled holds what was compiled, by its text.
var compiled sync.Map //nolint:gochecknoglobals // a regular expression never changes, so neither does what is kept here

// Of is the regular expression of that text, which must be one of the program's own: it panics if it is none, and is kept for good.
func Of(text string) *regexp.Regexp {
	if known, ok := compiled.Load(text); ok {
		return known.(*regexp.Regexp) //nolint:errcheck // nothing else is stored
	}
	expression := regexp.MustCompile(text)
	compiled.Store(text, expression)
	return expression
}
