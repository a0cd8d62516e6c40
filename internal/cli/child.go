// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"io"
	"sync"
)

// linesTo returns a function that writes whole lines to w, from several goroutines.
func linesTo(w io.Writer) func(string) {
	var mu sync.Mutex
	return func(line string) {
		mu.Lock()
		defer mu.Unlock()
		// A reader that is gone must not end a submission.
		_, _ = io.WriteString(w, line+"\n")
	}
}
