// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package secret

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// Masking does not make of a valid text an invalid one, adds no lines, grows a text by no more than masks,
// and leaves alone what has been masked: a text passes several hands, each of which masks.
func FuzzMask(f *testing.F) {
	f.Add("fs.s3a.secret.key=abc and https://u:p@h bearer abcdefghij AKIAIOSFODNN7EXAMPLE")
	f.Add("password=password=x token: token")
	f.Add(`token: "Bearer abcdefgh" secret://u:p@h pwd = ASIAIOSFODNN7EXAMPLE)`)
	f.Fuzz(func(t *testing.T, text string) {
		masked := Mask(text)
		if utf8.ValidString(text) && !utf8.ValidString(masked) || strings.Count(masked, "\n") > strings.Count(text, "\n") {
			t.Errorf("%q became %q", text, masked)
		}
		if len(masked) > len(text)*(1+len(Masked)) {
			t.Errorf("%d bytes became %d", len(text), len(masked))
		}
		if again := Mask(masked); again != masked {
			t.Errorf("%q became %q and then %q", text, masked, again)
		}
	})
}

// Redacting keeps every word in its place, and leaves alone what has been redacted.
func FuzzRedact(f *testing.F) {
	f.Add("--conf\nspark.x.password=y\n--token\nabc\nhttps://u:p@h")
	f.Add("--token=\n-token\n=\nx=secret")
	f.Fuzz(func(t *testing.T, text string) {
		argv := strings.Split(text, "\n")
		redacted := Redact(argv)
		if len(redacted) != len(argv) {
			t.Fatalf("%d words became %d", len(argv), len(redacted))
		}
		for n, again := range Redact(redacted) {
			if again != redacted[n] {
				t.Errorf("%q became %q and then %q", argv[n], redacted[n], again)
			}
		}
	})
}
