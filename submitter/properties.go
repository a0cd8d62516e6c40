// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/sparkctl/sparkctl/internal/problem"
)

// ParseProperties reads the text of a properties file as java.util.Properties.load does:
// comments, continued lines, the three ways to end a key, escapes. Values are trimmed,
// but for line ends, as Spark does (Utils.trimExceptCRLF). Only keys that start with "spark." count.
func ParseProperties(text string) map[string]string {
	properties := map[string]string{}
	for _, line := range logicalLines(text) {
		key, value := splitProperty(line)
		if key = unescape(key); isSparks(key) {
			properties[key] = strings.TrimFunc(unescape(value), trimmed)
		}
	}
	return properties
}

// CheckProperties refuses the text of a properties file that Java cannot read: it has a \u without four hexadecimal digits
// behind it, in whatever key. Every error is a [*problem.Error] with exit code 2.
func CheckProperties(text string) error {
	for _, line := range logicalLines(text) {
		for i := 0; i < len(line); i++ {
			if line[i] != '\\' {
				continue
			}
			if i++; i == len(line) || line[i] != 'u' {
				continue
			}
			if _, ok := codeUnit(line[i-1:]); !ok {
				key, _ := splitProperty(line)
				return problem.Usage(`write \\ for a backslash, or \uXXXX with four hexadecimal digits`, `%s: a \u without four hexadecimal digits behind it`, key)
			}
			i += 4
		}
	}
	return nil
}

func trimmed(r rune) bool { return r <= ' ' && r != '\r' && r != '\n' }

const blanks = " \t\f"

// logicalLines joins continued lines and drops blank ones and comments.
func logicalLines(text string) []string {
	var lines []string
	var open strings.Builder
	for line := range strings.SplitSeq(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), "\n") {
		line = strings.TrimLeft(line, blanks)
		if open.Len() == 0 && (line == "" || line[0] == '#' || line[0] == '!') {
			continue
		}
		backslashes := len(line) - len(strings.TrimRight(line, `\`))
		if backslashes%2 == 1 {
			open.WriteString(line[:len(line)-1])
			continue
		}
		open.WriteString(line)
		lines = append(lines, open.String())
		open.Reset()
	}
	if open.Len() > 0 {
		lines = append(lines, open.String())
	}
	return lines
}

// splitProperty cuts a line at the first blank, = or : that is not escaped.
func splitProperty(line string) (key, value string) {
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '\\':
			i++
		case strings.IndexByte(blanks+"=:", line[i]) >= 0:
			value = strings.TrimLeft(line[i:], blanks)
			if value != "" && (value[0] == '=' || value[0] == ':') {
				value = strings.TrimLeft(value[1:], blanks)
			}
			return line[:i], value
		}
	}
	return line, ""
}

// unescape resolves \t \n \r \f \uXXXX; before any other character a backslash is dropped. A malformed \u, which
// [CheckProperties] refuses, is one of those.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			out.WriteByte(s[i])
			continue
		}
		i++
		switch {
		case i == len(s):
		case s[i] == 'u':
			code, ok := codeUnit(s[i-1:])
			if !ok {
				out.WriteByte('u')
				continue
			}
			i += 4
			low, ok := codeUnit(s[i+1:])
			if pair := utf16.DecodeRune(code, low); ok && pair != utf8.RuneError {
				code = pair
				i += 6
			}
			out.WriteRune(code)
		default:
			if n := strings.IndexByte("tnrf", s[i]); n >= 0 {
				out.WriteByte("\t\n\r\f"[n])
			} else {
				out.WriteByte(s[i])
			}
		}
	}
	return out.String()
}

// codeUnit reads the UTF-16 code unit that s begins with as \uXXXX.
func codeUnit(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	code, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(code), err == nil
}
