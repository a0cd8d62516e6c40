// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package secret

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// Masking does not make of a valid text an invalid one, adds no lines, and grows a text by no more than masks.
func FuzzMask(f *testing.F) {
	f.Add("fs.s3a.secret.key=abc and https://u:p@h bearer abcdefghij AKIAIOSFODNN7EXAMPLE")
	f.Add("password=password=x token: token")
	f.Fuzz(func(t *testing.T, text string) {
		masked := Mask(text)
		if utf8.ValidString(text) && !utf8.ValidString(masked) || strings.Count(masked, "\n") > strings.Count(text, "\n") {
			t.Errorf("%q became %q", text, masked)
		}
		if len(masked) > len(text)*(1+len(Masked)) {
			t.Errorf("%d bytes became %d", len(text), len(masked))
		}
	})
}
