// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A painter goes back to where it began, clears what is left of the picture before, and begins anew on a screen that has changed.
func TestPainter(t *testing.T) {
	t.Parallel()
	columns, rows := 80, 24
	var out strings.Builder
	p := painter{w: &out, size: func() (int, int) { return columns, rows }}
	draw := func(lines ...string) string {
		out.Reset()
		p.screen()
		p.paint(lines)
		return out.String()
	}
	const before, after = "\x1b[?25l\x1b[?7l\r", "\x1b[J\x1b[?7h\x1b[?25h"
	got := []string{draw("one", "two"), draw("three")}
	columns = 40
	got = append(got, draw("four"))
	columns, rows = 0, 0
	got = append(got, draw("the terminal is gone"))
	want := []string{
		before + "one\x1b[K\ntwo\x1b[K\n" + after,
		before + "\x1b[2Athree\x1b[K\n" + after,
		"\x1b[2J\x1b[H" + before + "four\x1b[K\n" + after,
		before + "\x1b[1Athe terminal is gone\x1b[K\n" + after,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if p.columns != 40 || p.rows != 24 {
		t.Errorf("the size is forgotten: %dx%d", p.columns, p.rows)
	}
}
