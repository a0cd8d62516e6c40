// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package doctor

import (
	"fmt"
	"io"
	"strings"

	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
)

// Problems are the checks that found a problem, each once.
func (r Report) Problems() []string {
	var checks []string
	for _, f := range r.Findings {
		if f.Level == Problem && (len(checks) == 0 || checks[len(checks)-1] != f.Check) {
			checks = append(checks, f.Check)
		}
	}
	return checks
}

// Write writes a line for each finding, below it what mends it, and at the end what all of them come to.
func (r Report) Write(w io.Writer, colours bool) error {
	var out strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&out, "%s %s\n", mark(f.Level, colours), view.Plain(f.Message))
		if f.Mend != "" {
			fmt.Fprintf(&out, "%9s%s %s\n", "", leads(f.Level), view.Plain(f.Mend))
		}
	}
	out.WriteString("\n" + r.summary() + "\n")
	if _, err := io.WriteString(w, out.String()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// leads says what a finding's command is for.
func leads(l Level) string {
	if l == Unknown || l == OK {
		return "look:"
	}
	return "mend:"
}

// mark is the level in a column of its own.
func mark(l Level, colours bool) string {
	text := fmt.Sprintf("%-8s", l)
	colour := map[Level]string{OK: "32", Warning: "33", Problem: "31", Unknown: "35"}[l]
	if !colours {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// summary is one sentence about all findings.
func (r Report) summary() string {
	what := "applications"
	if r.Application != "" {
		what = view.Plain(r.Application)
	}
	counts := fmt.Sprintf("ok %d, unknown %d, warnings %d, problems %d", r.Count(OK), r.Count(Unknown), r.Count(Warning), r.Count(Problem))
	if r.Level == Problem {
		return fmt.Sprintf("Submitting %s into namespace %s would fail (%s).", what, r.Namespace, counts)
	}
	return fmt.Sprintf("Nothing that is known is in the way of submitting %s into namespace %s (%s).", what, r.Namespace, counts)
}
