// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package lines_test

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/sparkctl/sparkctl/internal/lines"
)

// However a text is split into lines and however it comes, its lines are those that
// strings.SplitAfter finds, the long ones cut.
func FuzzRead(f *testing.F) {
	f.Add("a\n\nb", uint16(1), uint16(16))
	f.Add("x\r\ny\x00\xff", uint16(3), uint16(0))
	f.Add(strings.Repeat("x", 1<<10), uint16(1025), uint16(4096))
	f.Add(strings.Repeat("x", 1<<10)+"\n", uint16(1025), uint16(100))
	f.Fuzz(func(t *testing.T, text string, times, buffer uint16) {
		text = strings.Repeat(text, min(int(times), 2*lines.Max/max(1, len(text))))
		reader := bufio.NewReaderSize(strings.NewReader(text), int(buffer))
		for _, want := range strings.SplitAfter(text, "\n") {
			got, err := lines.Read(reader)
			if err != nil && (!errors.Is(err, io.EOF) || strings.HasSuffix(want, "\n")) {
				t.Fatal(err)
			}
			if whole := strings.TrimSuffix(want, "\n"); len(whole) > lines.Max {
				want = want[:lines.Max+1] + " [cut: longer than 1 MiB]"
			}
			if got != want {
				t.Fatalf("a line of %d bytes, want one of %d", len(got), len(want))
			}
		}
		if rest, err := lines.Read(reader); rest != "" || !errors.Is(err, io.EOF) {
			t.Errorf("%d bytes and %v after the last line", len(rest), err)
		}
	})
}

// A tail keeps the starts of the last lines, of every text.
func FuzzTail(f *testing.F) {
	f.Add("a\n\nb", uint16(400))
	f.Add(strings.Repeat("x", 5000)+"\n", uint16(1100))
	f.Fuzz(func(t *testing.T, text string, times uint16) {
		all := strings.Split(strings.Repeat(text, min(int(times), 1<<20/max(1, len(text)))), "\n")
		var tail lines.Tail
		for _, line := range all {
			tail.Add(line)
		}
		kept := tail.Lines()
		if len(kept) > len(all) || len(kept) < min(len(all), lines.TailLines) || len(kept) > 2*lines.TailLines {
			t.Fatalf("%d lines of %d are kept", len(kept), len(all))
		}
		for n, line := range kept {
			said := all[len(all)-len(kept)+n]
			if !strings.HasPrefix(said, line) || len(line) != min(len(said), 4<<10) {
				t.Fatalf("line %d of %d is %q, was %q", n, len(kept), line, said)
			}
		}
	})
}
