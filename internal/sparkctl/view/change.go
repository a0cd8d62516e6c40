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

// ChangeLine is what of that a line has room for, executors by their number: the words of [Application.WriteChange] behind the name.
func (a Application) ChangeLine() string {
	return strings.Join(a.changeWords(), "\t")
}

func (a Application) changeWords() []string {
	executors := "no executors"
	if len(a.Executors) > 0 {
		executors = "executors: " + countExecutors(a.Executors)
	}
	words := []string{fmt.Sprintf("%-9s", stateCell(a).text), executors}
	if a.Cause != nil {
		words = append(words, a.reason()+": "+a.Cause.Message)
	}
	return words
}

// WriteChange writes an application in one line, with the moment.
func (a Application) WriteChange(w io.Writer, now time.Time, colours bool) error {
	row := []cell{{text: rfc3339(now)}, {text: a.FullName()}}
	for _, word := range a.changeWords() {
		row = append(row, cell{text: word})
	}
	row[2].colour = stateCell(a).colour
	var t table
	t.add(row...)
	return t.write(w, colours)
}
