// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package secret keeps what looks like a secret out of logs, annotations and results. [Redact]
// masks an argument list, [Mask] a text; both know secrets by the same names. [Rules] add a pattern of the user's.
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

// Rules tell what names a secret. The zero value knows the names of [Named] alone.
type Rules struct {
	own *regexp.Regexp
	// all says that everything does: the user's pattern is none that can be read here.
	all bool
}

// With are the rules that know a user's pattern beside the names of [Named], such as the value of spark.redaction.regex; empty
// means none. Java's patterns can say more than ours: one that cannot be read makes a secret of everything, rather than of nothing.
func With(own string) Rules {
	if own == "" {
		return Rules{}
	}
	compiled, err := regexp.Compile(own)
	return Rules{compiled, err != nil}
}

// Named reports whether a configuration key, or an option, names a secret.
func (r Rules) Named(key string) bool { return r.tells()(key) }

func (r Rules) tells() func(string) bool {
	ours := names()
	return func(text string) bool {
		return r.all || ours.MatchString(text) || r.own != nil && r.own.MatchString(text)
	}
}

// Redact returns argv with the values that look secret masked: of KEY=VALUE anywhere, where the key
// or, as in Spark, the value itself names a secret; of the word after an option whose name looks
// secret; and the password in a URL.
func Redact(argv []string) []string { return Rules{}.Redact(argv) }

// Value is the value of a key as it may be shown.
func (r Rules) Value(key, value string) string {
	if tells := r.tells(); value != "" && (tells(key) || tells(value)) && !r.refers(key) {
		return Masked
	}
	return pattern.Of(inURL).ReplaceAllString(value, "${1}"+Masked+"${2}")
}

// refers reports whether a key of Spark's configuration says where a secret is, or what is one, and holds none: names of objects of
// Kubernetes and of classes, paths in pods. The user's pattern may mask it all the same.
func (r Rules) refers(key string) bool {
	const references = `^spark\.(?:` +
		`kubernetes\.(?:driver|executor)\.(?:secretKeyRef|secrets)\..+|kubernetes\.container\.image\.pullSecrets|` +
		`kubernetes\.kerberos\.tokenSecret\.(?:name|itemKey)|kubernetes\.authenticate\..*oauthTokenFile|` +
		`hadoop\.fs\.s3a\.(?:bucket\.[^.]+\.)?aws\.credentials\.provider|redaction\.(?:string\.)?regex)$`
	return !r.all && (r.own == nil || !r.own.MatchString(key)) && pattern.Of(references).MatchString(key)
}

// Redact does what the function of that name does, with these rules.
func (r Rules) Redact(argv []string) []string {
	// Once for all words: there may be hundreds, many times a second.
	password, tells := pattern.Of(inURL), r.tells()
	out := make([]string, len(argv))
	for i, word := range argv {
		key, value, joined := strings.Cut(word, "=")
		switch {
		case i > 0 && strings.HasPrefix(argv[i-1], "-") && argv[i-1] != "--conf" && !strings.Contains(argv[i-1], "=") && tells(argv[i-1]):
			word = Masked
		case joined && value != "" && (tells(key) || tells(value)) && !r.refers(key):
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
