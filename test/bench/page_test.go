// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPageShowsThePartsThereAreInItsOwnOrder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var files []string
	for name, text := range map[string]string{
		"rss":    `{"part": "rss", "rows": [{"name": "sensor", "figures": {"peak MB": 15.7}}], "notes": ["The first note.", "The second."]}`,
		"submit": `{"part": "submit", "rows": [{"name": "spark-submit", "figures": {"wall ms": 3204.6, "peak MB": 284}}, {"name": "native", "figures": {"wall ms": 0.1234}}]}`,
	} {
		file := filepath.Join(dir, name+".json")
		files = append(files, file)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var page strings.Builder
	if err := present(&page, "page", files); err != nil {
		t.Fatal(err)
	}
	_, got, _ := strings.Cut(page.String(), "\n## ")
	want := `A submission

One submission as a whole process, inside one pod of the submitter image, by each launcher in turns.

| | peak MB | wall ms |
|---|---:|---:|
| spark-submit | 284 | 3205 |
| native |  | 0.123 |

## Memory while following

Peak of the resident memory, as the kernel notes it.

| | peak MB |
|---|---:|
| sensor | 15.7 |

The first note.

The second.
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
