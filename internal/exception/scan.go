// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package exception

import (
	"regexp"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/sparkctl/sparkctl/internal/pattern"
)

// scanner walks through the lines of a log.
type scanner struct {
	lines []string
	found []Thrown
	// level and logger are those of the log's last entry: an exception below it is its.
	level, logger string
	// entry is that entry's message, empty once something else has followed.
	entry string
	// chained: Python said that the next exception was caused by the last one.
	chained bool
	// noJar is the last local jar that Spark missed.
	noJar string

	thread, bare, endOfEntry, frames, jar *regexp.Regexp
}

// scan finds all exceptions that a log tells of, in its order.
func scan(lines []string) []Thrown {
	s := scanner{
		lines:      make([]string, len(lines)),
		thread:     pattern.Of(`^Exception in thread "([^"]*)" (.*)$`),
		bare:       pattern.Of(`^(?:[\w$]+\.)+[\w$]+(?::.*)?$`),
		endOfEntry: pattern.Of(`(?:^|: )((?:[\w$]+\.)+[\w$]*(?:Exception|Error|Throwable)(?:: .*)?)$`),
		frames:     pattern.Of(`^\s+(?:at |\.\.\. \d+ (?:more|common frames omitted))`),
		jar:        pattern.Of(`Local jar (\S+) does not exist, skipping`),
	}
	for i, line := range lines {
		s.lines[i] = strings.TrimRight(line, "\r")
	}
	for i := 0; i < len(s.lines); {
		i = s.step(i)
	}
	for i := range s.found {
		t := &s.found[i]
		t.Generic = generic(*t)
		// Spark only warns of executors that it may not make, and goes on without them.
		if kind := classify(*t); t.weight == survived && (kind == Forbidden || kind == QuotaExceeded) {
			t.weight = logged
		}
	}
	return s.found
}

// step reads what begins on line i and returns the line behind it.
func (s *scanner) step(i int) int {
	line := s.lines[i]
	if match := s.thread.FindStringSubmatch(line); match != nil {
		return s.jvm(s.own(i, &match[2]), match[2], weightOfThread(match[1]))
	}
	if line == tracebackHead || line == "  + Exception Group "+tracebackHead {
		if next, ok := s.python(i); ok {
			return next
		}
		return i + 1
	}
	if strings.HasPrefix(line, "The above exception was the direct cause") || strings.HasPrefix(line, "During handling of the above exception") {
		s.chained = true
		return i + 1
	}
	if next, ok := s.syntaxError(i); ok {
		return next
	}
	if strings.HasPrefix(line, `{"ts":`) || strings.HasPrefix(line, `{`) && gjson.Get(line, "level").Exists() {
		s.structured(line)
		return i + 1
	}
	if level, logger, message, ok := parseEntry(line); ok {
		return s.logged(i, level, logger, message)
	}
	return s.plain(i)
}

// own finds the exception's own line, for another thread may write a log entry between it and the name of its thread.
func (s *scanner) own(i int, text *string) int {
	if _, _, _, entry := parseEntry(*text); entry && i+1 < len(s.lines) && s.bare.MatchString(s.lines[i+1]) {
		*text = s.lines[i+1]
		return i + 1
	}
	return i
}

// plain reads a line that stands by itself: a launcher's words, or an exception below a log entry.
func (s *scanner) plain(i int) int {
	line := s.lines[i]
	cause, isCause := strings.CutPrefix(line, "Caused by: ")
	end, ended := cutAny(line, "Terminating due to ", "Aborting due to ")
	_, late, thrownLate := strings.Cut(line, "Exception: java.lang.OutOfMemoryError thrown from the UncaughtExceptionHandler in thread ")
	switch {
	case ended && strings.HasPrefix(end, "java.lang."):
		s.add(Thrown{Said: said(end), weight: fatal})
	case thrownLate:
		s.add(Thrown{Said: said("java.lang.OutOfMemoryError"), weight: weightOfThread(strings.Trim(late, `"`))})
	case strings.HasPrefix(line, "Error: "):
		s.launcher(line)
	case strings.Contains(line, ": can't open file '"):
		s.add(Thrown{Said: Said{Message: line, Raw: line}, weight: uncaught})
	case isCause && len(s.found) > 0:
		last := &s.found[len(s.found)-1]
		last.Causes = append(last.Causes, said(cause))
	case isCause:
		return s.jvm(i, cause, logged)
	case s.bare.MatchString(line) && (s.stackBehind(i) || strings.Contains(line, "Exception: ") || strings.Contains(line, "Error: ")):
		return s.jvm(i, line, s.weightOfEntry())
	case strings.TrimSpace(line) != "":
		s.entry = line
	}
	return i + 1
}

func cutAny(line string, prefixes ...string) (string, bool) {
	for _, prefix := range prefixes {
		if rest, ok := strings.CutPrefix(line, prefix); ok {
			return rest, true
		}
	}
	return line, false
}

// launcher notes what a launcher says behind "Error: "; applications print such lines as well.
func (s *scanner) launcher(line string) {
	t := Thrown{Said: said(line), weight: logged}
	for _, known := range []string{"Failed to load class ", "Could not find or load main class ", "Main method not found", "Unrecognized option", "Missing application resource", "Cannot load main class"} {
		if strings.HasPrefix(t.Message, known) {
			t.weight = uncaught
		}
	}
	if s.noJar != "" && pattern.Of(noClass).MatchString(line) {
		t.Message = strings.TrimRight(t.Message, ".,") + "; local jar " + s.noJar + " does not exist"
		t.Raw = t.Message
	}
	s.add(t)
}

func (s *scanner) add(t Thrown) {
	if s.chained && len(s.found) > 0 {
		previous := s.found[len(s.found)-1]
		t.Causes = append([]Said{previous.Root()}, t.Causes...)
	}
	s.chained, s.entry = false, ""
	s.found = append(s.found, t)
}

// logged reads a log entry in one line: the exception may stand in it, or on the next line.
func (s *scanner) logged(i int, level, logger, message string) int {
	s.entered(level, logger, message)
	match := s.endOfEntry.FindStringSubmatch(message)
	if match != nil && (s.stackBehind(i) || strings.HasPrefix(message, match[1])) && s.weightOfEntry() != survived {
		return s.jvm(i, match[1], s.weightOfEntry())
	}
	if match != nil && s.stackBehind(i) {
		return s.jvm(i, match[1], survived)
	}
	return i + 1
}

// structured reads an entry of Spark 4's structured log (Spark: SparkLayout.json). Long ones may be cut
// off: what is told here stands in front.
func (s *scanner) structured(line string) {
	entry := gjson.GetMany(line, "level", "logger", "msg", "exception.class", "exception.msg")
	s.entered(entry[0].String(), entry[1].String(), entry[2].String())
	if class := entry[3].String(); class != "" {
		first, _, _ := strings.Cut(entry[4].String(), "\n")
		t := Thrown{Said: said(strings.TrimSuffix(class+": "+first, ": ")), weight: s.weightOfEntry()}
		t.Causes = pythonIn(strings.Split(entry[4].String(), "\n"))
		s.add(t)
	}
}

// entered notes a log entry, and what some entries of Spark's tell without an exception.
func (s *scanner) entered(level, logger, message string) {
	s.level, s.logger, s.entry = level, logger, message
	if match := s.jar.FindStringSubmatch(message); match != nil {
		s.noJar = match[1]
	}
	if !strings.HasPrefix(message, tooManyGone) || s.weightOfEntry() != logged {
		return
	}
	t := Thrown{Said: Said{Message: message, Raw: message}, weight: fatal}
	// Executors that could not even be made have failed for what the API server said.
	for i := len(s.found) - 1; i >= 0 && len(t.Causes) == 0; i-- {
		if root := s.found[i].Root(); strings.Contains(root.Class, "KubernetesClientException") {
			t.Causes = []Said{root}
		}
	}
	s.add(t)
}

// weightOfEntry tells what an exception below the log's last entry is worth.
func (s *scanner) weightOfEntry() weight {
	switch {
	case strings.Contains(s.entry, "[Container in shutdown]"), strings.Contains(s.entry, "thread shutdown-hook"),
		strings.HasPrefix(s.logger, "ShutdownHookManager"), strings.HasPrefix(s.entry, "Exception ignored in"):
		return late
	case strings.HasPrefix(s.logger, "SparkUncaughtExceptionHandler"):
		return fatal
	case strings.HasPrefix(s.entry, "Uncaught exception in"), strings.HasPrefix(s.entry, "uncaught error in thread"):
		// Spark logs this of what it went on after (Utils.tryLogNonFatalError).
		return survived
	}
	switch s.level {
	case "", "ERROR", "FATAL", "CRITICAL":
		return logged
	default:
		return survived
	}
}

func weightOfThread(name string) weight {
	switch {
	case name == "main":
		return uncaught
	case strings.Contains(name, "hook") || strings.Contains(name, "Hook"):
		return late
	default:
		return logged
	}
}
