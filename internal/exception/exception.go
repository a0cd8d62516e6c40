// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package exception reads from the lines of a log why a program ended: exceptions of the JVM and
// of Python with what they were caused by, and the few words of Spark's and the JVM's launchers
// that are no exceptions. It is the one place that knows how they look.
//
// The front door is [Last], for a program that ran, and [First], for one that was to do a single thing.
// Of many exceptions in a log they choose the one that ended the program, see [Thrown.Generic].
package exception

import (
	"strings"
	"unicode/utf8"

	"github.com/sparkctl/sparkctl/internal/secret"
)

// Said is one exception by its own line, secrets masked.
type Said struct {
	// Class is the exception's class as the log has it, such as java.lang.RuntimeException or ValueError.
	// "Error" stands before a launcher's own words; it is empty for words that nothing stands before.
	Class string
	// Message is what it says, the first line of it, without what clients dump of the API server's answer.
	Message string
	// Raw is all of its line, class and dump included.
	Raw string
}

// String returns the class and the message.
func (s Said) String() string {
	switch {
	case s.Class == "" || s.Class == launcher:
		return s.Message
	case s.Message == "":
		return s.Class
	default:
		return s.Class + ": " + s.Message
	}
}

// launcher is the class of what Spark's and the JVM's launchers say behind "Error: ".
const launcher = "Error"

// Thrown is an exception that a log tells of.
type Thrown struct {
	Said
	// Causes are what it was caused by, the nearest first, the root last.
	Causes []Said
	// Uncaught ones ended the program; of others it is not known.
	Uncaught bool
	// Generic ones only tell that something else had ended before: a stopped SparkContext,
	// a broken connection to the JVM. They are chosen only when nothing better is there.
	Generic bool
	// Kind says what it means.
	Kind Kind

	weight weight
	// missingFile: Spark could not fetch the application's own file.
	missingFile bool
}

// Root is what it was caused by in the end; the exception itself when it has no cause.
func (t Thrown) Root() Said {
	if len(t.Causes) == 0 {
		return t.Said
	}
	last := len(t.Causes) - 1
	if last > 0 && t.Causes[last].Raw == endOfFile {
		last-- // the other side of a connection ended: how that came is what the exception before it says
	}
	root := t.Causes[last]
	for i := last - 1; i >= 0; i-- {
		// "Connection refused" says less than the "Connection refused: /10.0.0.1:443" that it caused.
		nearer := t.Causes[i]
		if root.Message == "" || nearer.Message == root.Message ||
			!strings.Contains(nearer.Message, root.Message) || strings.Contains(nearer.Message, root.Class) {
			break
		}
		root = nearer
	}
	return root
}

const endOfFile = "java.io.EOFException"

// All is everything that the exception and its causes say in full, one a line.
func (t Thrown) All() string {
	all := []string{t.Raw}
	for _, cause := range t.Causes {
		all = append(all, cause.Raw)
	}
	return strings.Join(all, "\n")
}

// maxSentence bounds a sentence in bytes: a result has 4 KiB for everything, a termination message one.
const maxSentence = 600

// Sentence tells of the exception and its root cause in one line of at most 603 bytes.
func (t Thrown) Sentence() string {
	for len(t.Causes) > 0 && t.Message == t.Causes[0].String() {
		t.Said, t.Causes = t.Causes[0], t.Causes[1:] // a wrapper without words of its own
	}
	text, where := t.String(), ""
	if failure, ok := failedTask(t.Message); ok {
		text, where = failure.why, " ("+failure.where()+")"
	} else if why, ok := strings.CutPrefix(t.Message, abortedJob); ok {
		text = why
	}
	root := t.Root().String()
	switch {
	case strings.HasSuffix(text, ":") && len(t.Causes) > 0:
		text = root // Spark's wrapper around what Python said
	case !strings.Contains(text, root) && !strings.Contains(root, text):
		text += ", caused by " + root
	}
	return Shorten(text + where)
}

// Shorten makes one line of a text, and cuts it at 600 bytes, marked by "...".
func Shorten(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) <= maxSentence {
		return text
	}
	most := maxSentence
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most] + "..."
}

// weight tells how likely an exception is the one that ended the program.
type weight int

const (
	late     weight = iota // of a shutdown hook or a finalizer: the end had begun
	survived               // logged as a warning or less
	logged                 // logged as an error, or of another thread
	uncaught               // nobody caught it in the main thread
	fatal                  // it ended the JVM, whatever the main thread said
)

// Last returns the exception that ended a program which ran for long: the last one that nobody
// caught, else the last one that was logged as an error, else the last one; generic ones only when
// nothing else is there. It reports false when the lines tell of none.
func Last(lines []string) (Thrown, bool) {
	var chosen *Thrown
	found := scan(lines)
	for i := range found {
		if chosen == nil || found[i].prefer() >= chosen.prefer() {
			chosen = &found[i]
		}
	}
	return finish(chosen)
}

// First returns the exception that ended a program which was to do one thing, as spark-submit is: the last one
// that nobody caught, else the first one that was logged as an error, else the first one.
// It reports false when the lines tell of none.
func First(lines []string) (Thrown, bool) {
	var chosen *Thrown
	found := scan(lines)
	for i := range found {
		if chosen == nil || found[i].prefer() > chosen.prefer() ||
			found[i].prefer() == chosen.prefer() && found[i].weight >= uncaught {
			chosen = &found[i]
		}
	}
	return finish(chosen)
}

// prefer orders exceptions: a generic one gives way to whatever an error told before.
func (t *Thrown) prefer() weight {
	if t.Generic {
		return min(t.weight, survived)
	}
	return t.weight
}

func finish(t *Thrown) (Thrown, bool) {
	if t == nil {
		return Thrown{}, false
	}
	done := *t
	done.Uncaught = t.weight >= uncaught
	done.Kind = classify(done)
	done.Said = done.masked()
	for i, cause := range done.Causes {
		done.Causes[i] = cause.masked()
	}
	return done, true
}

func (s Said) masked() Said {
	return Said{Class: s.Class, Message: secret.Mask(s.Message), Raw: secret.Mask(s.Raw)}
}

// said takes an exception's line apart.
func said(line string) Said {
	line = strings.TrimSpace(line)
	s := Said{Raw: line, Message: brief(line)}
	if class, message, ok := strings.Cut(line, ":"); isClass(class) {
		s.Class, s.Message = class, ""
		if ok {
			s.Message = brief(message)
		}
	}
	return s
}

// isClass tells whether a word can be the name of a class: of the JVM, of Python, or Python's local ones.
func isClass(word string) bool {
	for _, r := range word {
		if r == '.' || r == '$' || r == '_' || r == '<' || r == '>' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= utf8.RuneSelf {
			continue
		}
		return false
	}
	return word != ""
}

// brief leaves out what a client dumps of the API server's answer around its message.
func brief(message string) string {
	message, _, _ = strings.Cut(message, " Received status: ")
	message, _, _ = strings.Cut(message, " Consider setting '")
	if _, answer, ok := strings.Cut(message, ". Message: "); ok && strings.Contains(message, "Failure executing: ") {
		message = answer
	}
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(message), tracebackHead))
}
