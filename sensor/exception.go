// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import "github.com/sparkctl/sparkctl/internal/exception"

// LastException returns, in one line, what a driver's log says of its end, see [exception.Last].
// It returns "" when the log has none.
func LastException(lines []string) string {
	thrown, ok := exception.Last(lines)
	if !ok {
		return ""
	}
	return thrown.Sentence()
}
