// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package exception

import (
	"strings"

	"github.com/sparkctl/sparkctl/internal/pattern"
)

// tracebackHead begins what Python prints of an exception.
const tracebackHead = "Traceback (most recent call last):"

// maxMessage bounds how many lines of a message, or of a traceback, are looked through for its end.
const maxMessage = 200

// stackBehind tells whether the line after i, or after the message that goes on there, is a frame of a JVM's stack.
func (s *scanner) stackBehind(i int) bool { return s.firstFrame(i) > 0 }

// firstFrame finds the first frame of the exception on line i; 0 when there is none.
func (s *scanner) firstFrame(i int) int {
	for n := i + 1; n < len(s.lines) && n <= i+maxMessage; n++ {
		line := s.lines[n]
		if strings.HasPrefix(line, "\tat ") {
			return n
		}
		if _, _, _, entry := parseEntry(line); entry || s.thread.MatchString(line) || strings.HasPrefix(line, `{"ts":`) || line == tracebackHead {
			return 0
		}
	}
	return 0
}

// jvm reads the exception whose own words are text and stand on line i, with its stack and its causes,
// and returns the line behind them.
func (s *scanner) jvm(i int, text string, w weight) int {
	t := Thrown{Said: said(text), weight: w}
	t.missingFile = strings.Contains(t.Class, "FileNotFoundException") || strings.Contains(t.Class, "NoSuchFileException")
	fetching := false
	end := i + 1
	if frame := s.firstFrame(i); frame > 0 {
		t.Causes = pythonIn(s.lines[i:frame])
		end = frame
	}
	for ; end < len(s.lines); end++ {
		line := s.lines[end]
		cause, isCause := strings.CutPrefix(line, "Caused by: ")
		fetching = fetching || strings.Contains(line, "org.apache.spark.util.DependencyUtils") || strings.Contains(line, "SparkSubmit.prepareSubmitEnvironment(")
		switch {
		case isCause:
			t.Causes = append(t.Causes, said(cause))
			if frame := s.firstFrame(end); frame > 0 {
				t.Causes = append(t.Causes, pythonIn(s.lines[end:frame])...)
				end = frame
			}
			continue
		case s.frames.MatchString(line), strings.HasPrefix(line, "\tSuppressed: "), strings.HasPrefix(line, "\tCaused by: "),
			strings.HasPrefix(line, "Driver stacktrace:"), strings.TrimSpace(line) == "":
			continue
		}
		break
	}
	t.missingFile = t.missingFile && fetching
	s.add(t)
	return end
}

// pythonIn returns the exceptions of the tracebacks that a message of the JVM carries, the last one last.
func pythonIn(lines []string) []Said {
	for i, line := range lines {
		if !strings.HasSuffix(line, tracebackHead) {
			continue
		}
		inner := scanner{lines: lines[i:]}
		text, _, ok := inner.traceback(0)
		if !ok {
			return nil
		}
		return []Said{said(text)}
	}
	return nil
}

// python reads a traceback that begins on line i.
func (s *scanner) python(i int) (next int, ok bool) {
	before := ""
	if i > 0 {
		before = s.lines[i-1]
	}
	if strings.HasPrefix(strings.TrimLeft(s.lines[i], " "), "+ ") {
		return s.group(i)
	}
	text, end, ok := s.traceback(i)
	if !ok {
		return i, false
	}
	t := Thrown{Said: said(text), weight: weightOfTraceback(before)}
	if t.Message == "" && end+1 < len(s.lines) && strings.HasSuffix(text, ":") {
		t.Message = brief(s.lines[end+1]) // the first line of the message is empty
		t.Raw += s.lines[end+1]
	}
	if end+1 < len(s.lines) && strings.HasPrefix(s.lines[end+1], ": ") {
		return s.py4j(t, end+1), true
	}
	end = s.worker(&t, end)
	s.add(t)
	return end + 1, true
}

// worker reads the traceback of a Python worker that the exception which ended on line end carries in its message.
func (s *scanner) worker(t *Thrown, end int) int {
	for n := end + 1; n < len(s.lines) && n <= end+2 && strings.Contains(t.Raw, "from the Python worker"); n++ {
		if s.lines[n] != tracebackHead {
			continue
		}
		if text, last, ok := s.traceback(n); ok {
			t.Causes = append(t.Causes, said(text))
			return last
		}
	}
	return end
}

// py4j reads the JVM's exception behind a Python one, which begins with a colon on line i.
func (s *scanner) py4j(t Thrown, i int) int {
	chained := s.chained
	s.chained = false
	next := s.jvm(i, strings.TrimPrefix(s.lines[i], ": "), t.weight)
	inner := s.found[len(s.found)-1]
	s.found = s.found[:len(s.found)-1]
	t.Raw += "\n" + inner.Raw
	t.Class, t.Message = inner.Class, inner.Message
	t.Causes, t.missingFile = inner.Causes, inner.missingFile
	s.chained = chained
	s.add(t)
	return next
}

// weightOfTraceback judges a traceback by the line before it: Python's logging prints what was caught.
func weightOfTraceback(before string) weight {
	switch {
	case strings.HasPrefix(before, "Exception ignored in"), strings.HasPrefix(before, "Error in atexit"):
		return late
	case strings.HasPrefix(before, "Exception in thread "):
		return logged
	case pattern.Of(`^(?:ERROR|CRITICAL):[^:]*:| - (?:ERROR|CRITICAL) - `).MatchString(before):
		return logged
	case pattern.Of(`^(?:DEBUG|INFO|WARNING):[^:]*:| - (?:DEBUG|INFO|WARNING) - `).MatchString(before):
		return survived
	default:
		return uncaught
	}
}

// traceback reads a traceback that begins on line i: its frames are indented, the exception is not. What the
// JVM logs in between is passed over. It returns the exception's line.
func (s *scanner) traceback(i int) (text string, end int, ok bool) {
	for end = i + 1; end < len(s.lines) && end <= i+10*maxMessage; end++ {
		line := s.lines[end]
		if _, _, _, entry := parseEntry(line); entry || line == "" || line[0] == ' ' || strings.HasPrefix(line, `{"ts":`) {
			continue
		}
		class, _, _ := strings.Cut(line, ":")
		return line, end, isClass(class)
	}
	return "", i, false
}

// group reads an exception group, whose lines begin with a bar; the exceptions in it are its causes.
func (s *scanner) group(i int) (next int, ok bool) {
	var t Thrown
	expect := true
	for next = i + 1; next < len(s.lines); next++ {
		body := strings.TrimLeft(s.lines[next], " ")
		if body == "" || body[0] != '|' && body[0] != '+' {
			break
		}
		text := strings.TrimPrefix(strings.TrimPrefix(body, "|"), " ")
		switch {
		case strings.HasPrefix(body, "+"):
			expect = true
		case !expect || text == "" || text[0] == ' ' || strings.HasSuffix(text, tracebackHead):
		case t.Raw == "":
			t, expect = Thrown{Said: said(text), weight: uncaught}, false
		default:
			t.Causes, expect = append(t.Causes, said(text)), false
		}
	}
	if t.Raw == "" {
		return i, false
	}
	s.add(t)
	return next, true
}

// syntaxError reads what Python prints without a head: of a file that it cannot compile.
func (s *scanner) syntaxError(i int) (next int, ok bool) {
	if !strings.HasPrefix(s.lines[i], `  File "`) {
		return i, false
	}
	for next = i + 1; next < len(s.lines) && next <= i+4; next++ {
		class, _, _ := strings.Cut(s.lines[next], ":")
		if class == "SyntaxError" || class == "IndentationError" || class == "TabError" {
			s.add(Thrown{Said: said(s.lines[next]), weight: uncaught})
			return next + 1, true
		}
	}
	return i, false
}
