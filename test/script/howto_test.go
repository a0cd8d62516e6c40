// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package script

import (
	"os"
	"strings"
	"testing"
)

// Every command of sparkctl that a page shows on a line of its own is run, as it stands there, by a script.
func TestCommandsInPagesAreRun(t *testing.T) {
	t.Parallel()
	for page, script := range map[string]string{
		"docs/how-to/submit.md":       "howto_submit.txtar",
		"docs/how-to/can-i-submit.md": "howto_doctor.txtar",
		"docs/how-to/clean-up.md":     "howto_clean_up.txtar",
	} {
		text, err := os.ReadFile("../../" + page)
		if err != nil {
			t.Fatal(err)
		}
		commands, err := os.ReadFile("testdata/" + script)
		if err != nil {
			t.Fatal(err)
		}
		run := map[string]bool{}
		for line := range strings.Lines(string(commands)) {
			if _, command, is := strings.Cut(line, "sparkctl "); is && strings.HasPrefix(line, "exec ") {
				command, _, _ = strings.Cut(command, " &")
				run["sparkctl "+strings.TrimSpace(command)] = true
			}
		}
		shown := 0
		for _, block := range blocks(page, string(text)) {
			for line := range strings.Lines(block.text) {
				command, _, _ := strings.Cut(strings.TrimSpace(line), "   #")
				if strings.HasPrefix(command, "sparkctl ") {
					shown++
					if !run[command] {
						t.Errorf("%s: %s does not run: %s", page, script, command)
					}
				}
			}
		}
		if shown == 0 {
			t.Errorf("%s shows no command", page)
		}
	}
}
