// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"regexp"
	"strings"
)

// Masked stands where a secret value was, as in Spark's own output.
const Masked = "*********(redacted)"

// Secret reports whether a configuration key, or an option, names a secret by Spark's
// default for spark.redaction.regex, and by the ways people name them.
func Secret(key string) bool {
	return regexp.MustCompile(`(?i)secret|password|passwd|token|access[.]?key|credential|api[._-]?key`).MatchString(key)
}

// Redact returns argv with the values that look secret masked: of KEY=VALUE anywhere, where the key
// or, as in Spark, the value itself names a secret; of the word after an option whose name looks
// secret; and the password in a URL.
func Redact(argv []string) []string {
	password := regexp.MustCompile(`(://[^/@:\s]*:)[^/@\s]+@`)
	out := make([]string, len(argv))
	for i, word := range argv {
		key, value, joined := strings.Cut(word, "=")
		switch {
		case joined && value != "" && (Secret(key) || Secret(value)):
			word = key + "=" + Masked
		case i > 0 && strings.HasPrefix(argv[i-1], "-") && !strings.Contains(argv[i-1], "=") && Secret(argv[i-1]):
			word = Masked
		}
		out[i] = password.ReplaceAllString(word, "${1}"+Masked+"@")
	}
	return out
}
