// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package exception

import (
	"strings"

	"github.com/tidwall/gjson"
)

// headOfEntry is how far into a line its level may stand, in bytes.
const headOfEntry = 100

// parseEntry takes a log entry apart that begins on a line, whatever its layout: it begins with a
// time, a bracket or its level, and names its level as a word of its own near its start.
func parseEntry(line string) (level, logger, message string, ok bool) {
	if line == "" || !strings.ContainsRune("0123456789[FECWIDT", rune(line[0])) {
		return "", "", "", false
	}
	head := line[:min(len(line), headOfEntry)]
	for start := 0; start < len(head); {
		end := start
		for end < len(head) && head[end] >= 'A' && head[end] <= 'Z' {
			end++
		}
		if level, ok := levelOf(head[start:end]); ok && aloneIn(line, start, end) {
			rest := strings.TrimLeft(line[end:], " ]:-")
			logger, message, found := strings.Cut(rest, ": ")
			if !found || strings.ContainsAny(logger, " \t") {
				logger, message = "", rest
			}
			return level, logger, message, true
		}
		start = max(end, start) + 1
	}
	return "", "", "", false
}

// Level is the level of the log entry that begins on a line, of a text or of Spark 4's structured log: FATAL, CRITICAL,
// ERROR, WARN, INFO, DEBUG or TRACE; empty where no entry begins.
func Level(line string) string {
	if strings.HasPrefix(line, "{") {
		level, _ := levelOf(gjson.Get(line, "level").String())
		return level
	}
	level, _, _, _ := parseEntry(line)
	return level
}

func levelOf(word string) (level string, known bool) {
	switch word {
	case "FATAL", "CRITICAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE":
		return word, true
	case "WARNING":
		return "WARN", true
	default:
		return "", false
	}
}

// aloneIn tells whether the word line[start:end] is one by itself.
func aloneIn(line string, start, end int) bool {
	const around = " []:-|\t"
	before := start == 0 || strings.IndexByte(around, line[start-1]) >= 0
	return before && end < len(line) && strings.IndexByte(around, line[end]) >= 0
}
