// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package script

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A commandLine is one simple command of a shell script: its words without quotes, redirections and assignments.
type commandLine struct {
	words []string
	// unknown: it depends on what only a shell knows, a variable or another command's output.
	unknown bool
	// comment behind it, on the same line.
	comment string
}

// shellScanner reads as much of a shell's grammar as documentation uses. It knows no conditions: both sides of || count.
type shellScanner struct {
	text      string
	at        int
	found     []commandLine
	heredocs  []string
	lastEnded int // how many commands had been found when this line began
}

// shellCommands are all simple commands of a script, those within $(...) and <(...) too.
func shellCommands(text string) []commandLine {
	s := &shellScanner{text: text + "\n"}
	s.list(0)
	return s.found
}

func (s *shellScanner) peek() byte {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

// list reads commands up to the closing byte, or the end.
func (s *shellScanner) list(closing byte) {
	var now commandLine
	end := func() {
		words := meant(now.words)
		now.unknown = now.unknown || len(words) < len(now.words) && assignment.MatchString(now.words[0])
		if now.words = words; len(now.words) > 0 {
			s.found = append(s.found, now)
		}
		now = commandLine{}
	}
	for s.at < len(s.text) {
		switch c := s.peek(); {
		case closing != 0 && c == closing:
			s.at++
			end()
			return
		case c == ' ' || c == '\t':
			s.at++
		case strings.HasPrefix(s.text[s.at:], "\\\n"):
			s.at += 2
		case c == '#':
			comment := s.through("\n")
			end()
			for i := s.lastEnded; i < len(s.found); i++ {
				s.found[i].comment = strings.TrimSpace(strings.TrimPrefix(comment, "#"))
			}
			s.at--
		case c == '\n':
			s.at++
			end()
			s.skipHeredocs()
			s.lastEnded = len(s.found)
		case strings.IndexByte(";|&(){}", c) >= 0:
			s.at++
			end()
		case c == '<' || c == '>':
			s.redirection()
		default:
			word, unknown := s.word()
			if c := s.peek(); (c == '<' || c == '>') && strings.Trim(word, "0123456789") == "" {
				continue // the number of a file
			}
			now.words, now.unknown = append(now.words, word), now.unknown || unknown
		}
	}
	end()
}

// through reads up to and with a text.
func (s *shellScanner) through(end string) string {
	from := s.at
	if i := strings.Index(s.text[from:], end); i >= 0 {
		s.at = from + i + len(end)
	} else {
		s.at = len(s.text)
	}
	return s.text[from:s.at]
}

// redirection reads <, >, >>, << and what follows, and <(...).
func (s *shellScanner) redirection() {
	from := s.at
	for c := s.peek(); c == '<' || c == '>' || c == '&' || c == '-'; c = s.peek() {
		s.at++
	}
	heredoc := strings.HasPrefix(s.text[from:s.at], "<<")
	for s.peek() == ' ' {
		s.at++
	}
	if s.peek() == '(' {
		s.at++
		s.list(')')
		return
	}
	if word, _ := s.word(); heredoc {
		s.heredocs = append(s.heredocs, word)
	}
}

func (s *shellScanner) skipHeredocs() {
	for _, end := range s.heredocs {
		for s.at < len(s.text) && strings.TrimSpace(s.through("\n")) != end {
			continue
		}
	}
	s.heredocs = nil
}

// word reads one word; unknown says that it holds what only a shell knows.
func (s *shellScanner) word() (text string, unknown bool) {
	var word strings.Builder
	quote := byte(0)
	for s.at < len(s.text) {
		c := s.peek()
		switch {
		case quote == '\'' && c != '\'':
			word.WriteByte(c)
		case c == '\\' && s.at+1 < len(s.text):
			s.at++
			word.WriteByte(s.peek())
		case (c == '"' || c == '\'') && (quote == 0 || quote == c):
			quote ^= c
		case strings.HasPrefix(s.text[s.at:], "$("):
			s.at += 2
			s.list(')')
			unknown = true
			continue
		case quote == 0 && strings.IndexByte(" \t\n;|&()<>", c) >= 0:
			return word.String(), unknown
		default:
			unknown = unknown || c == '$' || c == '`'
			word.WriteByte(c)
		}
		s.at++
	}
	return word.String(), unknown
}

var (
	assignment = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*=`)
	keywords   = []string{"!", "if", "then", "elif", "else", "fi", "while", "until", "do", "done", "time", "exec", "xargs", "source"}
)

// meant leaves out what stands before a command: assignments, and words that only say when or how it is run.
func meant(words []string) []string {
	for len(words) > 0 && (assignment.MatchString(words[0]) || slices.Contains(keywords, words[0])) {
		words = words[1:]
	}
	return words
}

func TestShellCommands(t *testing.T) {
	t.Parallel()
	got := shellCommands(`# a comment
A=b one --flag "two words" 'it''s' \
  last   # ends with 1
two | three -n "$NS" && four $(five < in) || six > out 2>/dev/null
cat > "$(seven path)" <<END
not a command
END
source <(eight)
if nine; then ten; fi
`)
	want := []commandLine{
		{words: []string{"one", "--flag", "two words", "its", "last"}, unknown: true, comment: "ends with 1"},
		{words: []string{"two"}},
		{words: []string{"three", "-n", "$NS"}, unknown: true},
		{words: []string{"five"}},
		{words: []string{"four", ""}, unknown: true},
		{words: []string{"six"}},
		{words: []string{"seven", "path"}},
		{words: []string{"cat"}},
		{words: []string{"eight"}},
		{words: []string{"nine"}},
		{words: []string{"ten"}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(commandLine{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
