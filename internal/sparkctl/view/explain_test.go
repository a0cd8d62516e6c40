// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package view_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
)

func TestTelling(t *testing.T) {
	t.Parallel()
	const (
		info       = "26/11/21 23:10:29 INFO SparkContext: Successfully stopped SparkContext"
		warning    = "26/11/21 23:10:29 WARN NativeCodeLoader: Unable to load native-hadoop library"
		structured = `{"ts":"2026-11-21T23:10:29.000Z","level":"INFO","msg":"Shutdown hook called","logger":"ShutdownHookManager"}`
	)
	for name, test := range map[string]struct {
		lines   []string
		n       int
		running bool
		want    []string
		left    int
	}{
		"what Spark logs while it cleans up is left out":        {[]string{"a", "ValueError: b", info, info}, 10, false, []string{"a", "ValueError: b"}, 2},
		"the last ones of what is left":                         {[]string{info, "a", "b", info}, 1, false, []string{"b"}, 1},
		"between lines that tell something it stays":            {[]string{"a", info, "b"}, 10, false, []string{"a", info, "b"}, 0},
		"a warning tells something":                             {[]string{"a", warning, info}, 1, false, []string{warning}, 1},
		"a structured log is no different":                      {[]string{"a", structured}, 10, false, []string{"a"}, 1},
		"a driver that runs has not begun to clean up":          {[]string{"a", info}, 1, true, []string{info}, 0},
		"a log of nothing else is left whole, up to the number": {[]string{info, info, info}, 2, false, []string{info, info}, 0},
		"an empty log": {nil, 10, false, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, left := view.Telling(test.lines, test.n, !test.running)
			if diff := cmp.Diff(test.want, got); diff != "" || left != test.left {
				t.Errorf("left %d, want %d; -want +got:\n%s", left, test.left, diff)
			}
		})
	}
}
