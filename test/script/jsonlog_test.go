// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package script

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sparkctl/sparkctl/internal/cli"
)

// jsonLog is "jsonlog FILE": every line is a JSON object with time, level, msg and program, and
// beside them only documented fields.
func jsonLog(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: jsonlog FILE")
	}
	known := []string{"time", "level", "msg", "program"}
	for _, f := range cli.LogFields() {
		known = append(known, f.Name)
	}
	text := ts.ReadFile(args[0])
	if text == "" {
		ts.Fatalf("%s is empty", args[0])
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			ts.Fatalf("%v: %s", err, line)
		}
		for name := range fields {
			if !slices.Contains(known, name) {
				ts.Fatalf("field %q is not documented: %s", name, line)
			}
		}
		for _, name := range known[:4] {
			if value, ok := fields[name].(string); !ok || value == "" {
				ts.Fatalf("no %s: %s", name, line)
			}
		}
		at, ok := fields["time"].(string)
		if _, err := time.Parse(time.RFC3339Nano, at); !ok || err != nil {
			ts.Fatalf("no time: %s", line)
		}
	}
}
