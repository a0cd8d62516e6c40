// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package lines handles the output of other programs, which may hold anything: [Read]
// takes it line by line, [Tail] keeps the end of it, and neither grows with it.
package lines

import (
	"bufio"
	"errors"
	"strings"
)

// Max bounds a line in bytes, without its end: a program that prints no line ends must not cost us our memory.
const Max = 1 << 20

// cutMark ends a line that was longer than [Max].
const cutMark = " [cut: longer than 1 MiB]"

// Read reads a line with its end, as bufio.Reader's ReadString does. A longer one than [Max] is cut
// there, loses its end, and says so.
func Read(r *bufio.Reader) (string, error) {
	var line []byte
	cut := false
	for {
		part, err := r.ReadSlice('\n')
		keep := min(len(part), Max+len("\n")-len(line))
		line = append(line, part[:keep]...)
		cut = cut || keep < len(part)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if cut {
			return string(line) + cutMark, err
		}
		return string(line), err
	}
}

// TailLines is how many lines a tail keeps: enough for an exception with its causes.
const TailLines = 500

// tailBytes is how much of a line is kept, for what an exception says.
const tailBytes = 4 << 10

// Tail keeps the last lines that were added. The zero value is empty.
type Tail struct{ lines []string }

// Add adds a line without its end; of a long one only the start is kept.
func (t *Tail) Add(line string) {
	if len(line) > tailBytes {
		line = strings.Clone(line[:tailBytes])
	}
	if len(t.lines) == 2*TailLines {
		// Seldom and many at a time, so that adding stays cheap.
		t.lines = append(t.lines[:0], t.lines[TailLines:]...)
		clear(t.lines[TailLines : 2*TailLines])
	}
	t.lines = append(t.lines, line)
}

// Lines returns what was kept, oldest first.
func (t *Tail) Lines() []string { return t.lines }
