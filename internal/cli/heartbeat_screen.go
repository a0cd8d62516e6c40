// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"io"
	"os"
	"sync"
	"time"
)

// screen is standard error as all who write to it share it: it knows when a line was last
// written, and on a terminal it keeps a bar below the lines.
type screen struct {
	w io.Writer
	// width tells a terminal's columns; nil when w is none that a line can be repainted on.
	width func() int

	mu   sync.Mutex
	last time.Time
	bar  bool // a bar is on the screen
}

// clearLine returns to the start of a terminal's line and clears it.
const clearLine = "\r\x1b[K"

// newScreen returns a screen on a file; terminal is the value of $TERM.
func newScreen(file *os.File, terminal string) *screen {
	s := &screen{w: file}
	if columns(file) > 0 && terminal != "dumb" && (terminal != "" || nameless) {
		s.width = func() int { return columns(file) }
	}
	return s
}

// Write writes whole lines; the bar makes room for them, and comes back when it is painted next.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = time.Now()
	if s.bar {
		s.bar = false
		if _, err := io.WriteString(s.w, clearLine); err != nil {
			return 0, err
		}
	}
	return s.w.Write(p)
}

// written is when a line was last written.
func (s *screen) written() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// paint shows text as the bar, cut to one line; empty takes the bar away.
func (s *screen) paint(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if text == "" && !s.bar {
		return
	}
	if runes := []rune(text); len(runes) >= s.width() {
		text = string(runes[:max(0, s.width()-1)])
	}
	s.bar = text != ""
	// A terminal that is gone ends nothing.
	_, _ = io.WriteString(s.w, clearLine+text)
}

// columns is the width of the terminal that a file is, 0 when it is none.
func columns(file *os.File) int {
	columns, _ := size(file)
	return columns
}
