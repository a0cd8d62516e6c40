// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package view

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Change is what makes two moments of an application differ for one who looks on: state, cause and executors.
func (a Application) Change() string {
	cause := ""
	if a.Cause != nil {
		cause = a.Cause.Reason + ": " + a.Cause.Message
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s %v %s", a.State, a.Terminating, cause)
	for _, e := range a.Executors {
		fmt.Fprintf(&text, "\n%d %s %s", e.ID, e.State, e.Reason)
	}
	return text.String()
}

// WriteChange writes an application in one line, with the moment.
func (a Application) WriteChange(w io.Writer, now time.Time, colours bool) error {
	var t table
	state := stateCell(a)
	state.text = fmt.Sprintf("%-9s", state.text)
	executors := "no executors"
	if len(a.Executors) > 0 {
		executors = "executors: " + countExecutors(a.Executors)
	}
	row := []cell{{text: rfc3339(now)}, {text: a.FullName()}, state, {text: executors}}
	if a.Cause != nil {
		row = append(row, cell{text: a.reason() + ": " + a.Cause.Message})
	}
	t.add(row...)
	return t.write(w, colours)
}
