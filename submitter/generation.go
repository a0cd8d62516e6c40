// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import "strings"

// relation is how the generation of a driver stands to ours.
type relation int

const (
	// same: it was made for the same intention. A generation that is not known counts as the same as any.
	same relation = iota
	// older: it was made for an intention that ours replaces.
	older
	// newer: its intention replaces ours.
	newer
	// other: for another intention, and nothing tells which came first: one of the two is no number.
	other
)

// relate says how theirs stands to ours. Only numbers have an order.
func relate(ours, theirs string) relation {
	a, b := number(ours), number(theirs)
	switch {
	case ours == theirs, ours == "", theirs == "":
		return same
	case a == "" || b == "":
		return other
	case a == b:
		return same
	case len(b) < len(a), len(b) == len(a) && b < a:
		return older
	default:
		return newer
	}
}

// number is s without leading zeros if it is made of digits alone, else empty.
func number(s string) string {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return ""
	}
	if s = strings.TrimLeft(s, "0"); s == "" {
		return "0"
	}
	return s
}
