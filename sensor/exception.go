// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/sparkctl/sparkctl/internal/secret"
)

// exception is one that a log tells of: what it says, and what it was caused by, the nearest cause first.
type exception struct {
	text   string
	causes []string
	// uncaught ones ended the program; others may have been handled.
	uncaught bool
}

// LastException returns, in one line, what a driver's log says of its end: the last exception
// that nobody caught, in the JVM or in Python, else the last one that was logged,
// with its root cause. It returns "" when the log has none. What looks like a secret is masked.
func LastException(lines []string) string {
	var last *exception
	for _, e := range exceptions(lines) {
		if e.uncaught || last == nil || !last.uncaught {
			last = &e
		}
	}
	if last == nil {
		return ""
	}
	text := last.text
	if n := len(last.causes); n > 0 && !strings.Contains(text, last.causes[n-1]) {
		text += ", caused by " + last.causes[n-1]
	}
	return shorten(secret.Mask(oneLine(text)), maxException)
}

// maxException bounds the sentence in bytes: a result has 4 KiB for everything, a termination message one.
const maxException = 600

func shorten(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most] + "..."
}

// exceptions finds all that a log tells of.
func exceptions(lines []string) []exception {
	var found []exception
	chained := false
	// An exception's own line in a log, without a word before it.
	logged := regexp.MustCompile(`^(?:[\w$]+\.)+[\w$]*(?:Exception|Error|Throwable)(?:: .*)?$`)
	for i := 0; i < len(lines); i++ {
		line := strings.TrimRight(lines[i], "\r")
		switch e, next := exceptionAt(lines, i, logged); {
		case e != nil:
			if chained && len(found) > 0 {
				previous := found[len(found)-1]
				e.causes = append(e.causes, previous.text)
			}
			chained = false
			found = append(found, *e)
			i = next
		case strings.HasPrefix(line, "The above exception was the direct cause"), strings.HasPrefix(line, "During handling of the above exception"):
			chained = true
		case strings.HasPrefix(line, "Caused by: ") && len(found) > 0:
			e := &found[len(found)-1]
			e.causes = append(e.causes, brief(strings.TrimPrefix(line, "Caused by: ")))
		}
	}
	return found
}

// exceptionAt reads the exception that begins on line i, nil when none does, and returns the last line that belongs to it.
func exceptionAt(lines []string, i int, logged *regexp.Regexp) (*exception, int) {
	line := strings.TrimRight(lines[i], "\r")
	if thread, text, ok := strings.Cut(strings.TrimPrefix(line, "Exception in thread "), `" `); ok && strings.HasPrefix(line, "Exception in thread ") {
		return &exception{text: brief(text), uncaught: thread == `"main`}, i
	}
	switch {
	case line == "Traceback (most recent call last):":
		return traceback(lines, i)
	case strings.HasPrefix(line, "Error: "), strings.Contains(line, ": can't open file '"):
		return &exception{text: strings.TrimPrefix(line, "Error: "), uncaught: true}, i
	case logged.MatchString(line) && i+1 < len(lines) && strings.HasPrefix(lines[i+1], "\tat "):
		return &exception{text: brief(line)}, i
	case strings.HasPrefix(line, `{"ts":`):
		// Spark 4's structured log.
		if thrown := gjson.Get(line, "exception"); thrown.Exists() {
			return &exception{text: brief(thrown.Get("class").String() + ": " + thrown.Get("msg").String())}, i
		}
	}
	return nil, i
}

// traceback reads a Python traceback: its frames are indented, the exception is not. A JVM's exception
// behind it (py4j) follows on a line that begins with a colon.
func traceback(lines []string, i int) (*exception, int) {
	end := i + 1
	for end < len(lines) && (strings.HasPrefix(lines[end], " ") || strings.TrimSpace(lines[end]) == "") {
		end++
	}
	if end == len(lines) {
		return nil, i
	}
	text := strings.TrimRight(lines[end], "\r")
	if end+1 < len(lines) && strings.HasPrefix(lines[end+1], ": ") {
		text += lines[end+1]
		end++
	}
	return &exception{text: brief(text), uncaught: true}, end
}

// brief leaves out what a client dumps of the API server's answer behind its message.
func brief(text string) string {
	text, _, _ = strings.Cut(text, " Received status: ")
	return strings.TrimSpace(text)
}
