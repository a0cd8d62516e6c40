// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package exception

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whatever the lines hold, what is made of them is one bounded line, and the choice does not
// depend on line ends.
func FuzzLast(f *testing.F) {
	f.Add("Traceback (most recent call last):\n  x\nE: y\n: z")
	f.Add("Exception in thread \"main\" a.b.CException\nCaused by: x")
	f.Add("  + Exception Group Traceback (most recent call last):\n  | E: x\n  +-+----\n    | F: y")
	paths, err := filepath.Glob("testdata/*-4.3.0.log")
	if err != nil || len(paths) == 0 {
		f.Fatal("no recorded logs", err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text[max(0, len(text)-8<<10):]))
	}
	f.Fuzz(func(t *testing.T, log string) {
		lines := strings.Split(log, "\n")
		for _, choose := range []func([]string) (Thrown, bool){Last, First} {
			thrown, ok := choose(lines)
			sentence := thrown.Sentence()
			if len(sentence) > maxSentence+len("...") || strings.ContainsAny(sentence, "\r\n") {
				t.Errorf("too long, or not one line: %q", sentence)
			}
			if ok != (thrown.Kind != "") || !ok && sentence != "" {
				t.Errorf("found %t, but kind %q and sentence %q", ok, thrown.Kind, sentence)
			}
			again, _ := choose(strings.Split(strings.ReplaceAll(log, "\n", "\r\n"), "\n"))
			if again.Sentence() != sentence {
				t.Errorf("with the line ends of Windows:\n%q\nnot\n%q", again.Sentence(), sentence)
			}
		}
	})
}
