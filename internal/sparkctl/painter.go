// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"fmt"
	"io"
	"strings"
)

// painter draws lines on a terminal again in the place where it drew them before.
type painter struct {
	w io.Writer
	// size is the terminal's width and height, 0 once it is gone.
	size func() (columns, rows int)

	columns, rows int
	drawn         int // lines
}

// What a terminal is told (ECMA-48 and DEC private modes): where to write, whether to show the cursor, whether to break lines.
const (
	hideCursor, showCursor = "\x1b[?25l", "\x1b[?25h"
	noBreaks, breaks       = "\x1b[?7l", "\x1b[?7h"
	clearRight, clearBelow = "\x1b[K", "\x1b[J"
	clearAll               = "\x1b[2J\x1b[H"
)

// screen is the terminal's size now. One that has changed has broken up what was drawn: it is cleared.
func (p *painter) screen() (columns, rows int) {
	columns, rows = p.size()
	switch {
	case columns == 0:
		return p.columns, p.rows
	case p.drawn > 0 && (columns != p.columns || rows != p.rows):
		// A terminal that is gone ends nothing.
		_, _ = io.WriteString(p.w, clearAll)
		p.drawn = 0
	}
	p.columns, p.rows = columns, rows
	return columns, rows
}

// paint draws lines, fewer than the terminal has and none as wide.
func (p *painter) paint(lines []string) {
	var out strings.Builder
	out.WriteString(hideCursor + noBreaks + "\r")
	if p.drawn > 0 {
		fmt.Fprintf(&out, "\x1b[%dA", p.drawn)
	}
	for _, line := range lines {
		out.WriteString(line + clearRight + "\n")
	}
	out.WriteString(clearBelow + breaks + showCursor)
	p.drawn = len(lines)
	_, _ = io.WriteString(p.w, out.String())
}
