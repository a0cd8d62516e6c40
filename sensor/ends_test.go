// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sparkctl/sparkctl/test/ends"
)

// Every end of the table, judged as it was recorded on a real cluster.
func TestRecordedEndsAreNamedRight(t *testing.T) {
	t.Parallel()
	for _, end := range ends.All() {
		t.Run(end.Name, func(t *testing.T) {
			t.Parallel()
			recording, err := ends.Load("testdata/ends", end.Name)
			if err != nil {
				t.Fatal(err)
			}
			result, final := end.Judge(recording)
			if !final {
				t.Error("the verdict is not final")
			}
			for _, difference := range end.Compare(result, result.Exit()) {
				t.Error(difference)
			}
		})
	}
}

func TestEveryRecordingHasItsRow(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir("testdata/ends")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(file.Name(), filepath.Ext(file.Name()))
		if _, ok := ends.Named(name); !ok {
			t.Errorf("%s is the recording of no row", file.Name())
		}
	}
}

func TestEveryRowHasANameOfItsOwn(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, end := range ends.All() {
		if seen[end.Name] {
			t.Errorf("two rows are called %q", end.Name)
		}
		seen[end.Name] = true
	}
}
