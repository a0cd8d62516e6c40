// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package secret keeps what looks like a secret out of logs, annotations and results. [Redact]
// masks an argument list, [Mask] a text; both know secrets by the same names.
package secret

import (
	"regexp"
	"strings"

	"github.com/sparkctl/sparkctl/internal/pattern"
)

// Masked stands where a secret value was, as in Spark's own output.
const Masked = "*********(redacted)"

// words are what names of secrets hold: Spark's default for spark.redaction.regex, and the ways people name them.
const words = `secret|password|passwd|pwd|token|access[._-]?key|credential|api[._-]?key`

// Named reports whether a configuration key, or an option, names a secret.
func Named(key string) bool { return names().MatchString(key) }

func names() *regexp.Regexp { return pattern.Of(`(?i)` + words) }

// Redact returns argv with the values that look secret masked: of KEY=VALUE anywhere, where the key
// or, as in Spark, the value itself names a secret; of the word after an option whose name looks
// secret; and the password in a URL.
func Redact(argv []string) []string {
	// Once for all words: there may be hundreds, many times a second.
	password, tells := pattern.Of(inURL), names().MatchString
	out := make([]string, len(argv))
	for i, word := range argv {
		key, value, joined := strings.Cut(word, "=")
		switch {
		case i > 0 && strings.HasPrefix(argv[i-1], "-") && !strings.Contains(argv[i-1], "=") && tells(argv[i-1]):
			word = Masked
		case joined && value != "" && (tells(key) || tells(value)):
			word = key + "=" + Masked
		}
		out[i] = password.ReplaceAllString(word, "${1}"+Masked+"${2}")
	}
	return out
}

// What the patterns of [Mask] are made of. They keep what their groups hold.
const (
	inURL = `(://[^/@:\s]*:)[^/@\s]+(@)`
	// A name that holds one of words, and what may stand between it and its value.
	named = `(?:` + words + `)[\w.-]*\\*["']?\s*[=:]\s*`
	// A value without quotes; what is masked stays so.
	value = `(?:\*+\(redacted\)|[^\s"',;&)]+)`
)

// Mask hides secrets in a text: values behind names of secrets, passwords in URLs, access keys of
// AWS, bearer tokens. Masking again changes nothing.
func Mask(text string) string {
	for _, hides := range []string{
		// Before names: in "token: Bearer abc" the secret is the third word.
		`(?i)(bearer\s+)[\w.~+/=-]{8,}`,
		`(?i)(` + named + `")(?:[^"\\\n]|\\.)+(")`,
		`(?i)(` + named + `')(?:[^'\\\n]|\\.)+(')`,
		`(?i)(` + named + `\\*["']?)` + value,
		inURL,
		`()\b(?:AKIA|ASIA)[0-9A-Z]{16}\b`,
	} {
		text = pattern.Of(hides).ReplaceAllString(text, "${1}"+Masked+"${2}")
	}
	return text
}
