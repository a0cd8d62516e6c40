// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package script

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Command lines of which a sentence gives no more than the name: what the commands need is missing, so that they end with 2.
var namesAlone = []string{
	"sparkctl completion", "sparkctl delete", "sparkctl events", "sparkctl explain", "sparkctl frobnicate", "sparkctl kill", "sparkctl logs",
	"sparkctl rbac", "sparkctl render", "sparkctl rerun", "sparkctl status", "sparkctl submit", "sparkctl submit -f", "sparkctl ui", "sparkctl wait",
	"submitter --wait", "submitter -f",
}

// Every command that a page shows is run: what stands in a block of shell commands by a shell, as it stands there, and so a
// complete command line in a sentence, in a cluster and a folder in which everything bears the names that the pages use; what
// takes more than these by the files that [elsewhere] names.
func TestCommandsInTheDocumentationRun(t *testing.T) {
	t.Parallel()
	all, count, seen := pages(t), map[string]int{}, map[string]bool{}
	for _, page := range slices.Sorted(maps.Keys(all)) {
		runs := blocks(page, all[page])
		var complete []string
		for _, text := range inSentences(all[page]) {
			class := classOf(t, page, text, shellCommands(text)[0].words)
			count[class+", in sentences"]++
			if class == hereOurs && !seen[text] {
				complete = append(complete, text)
			}
			seen[text] = true
		}
		if len(complete) > 0 {
			runs = append(runs, docBlock{page: page, text: strings.Join(complete, "\n")})
		}
		for _, block := range runs {
			here := false
			for _, line := range shellCommands(block.text) {
				class := classOf(t, block.String(), "", line.words)
				here = here || class == hereOurs || class == hereOthers
				if block.line > 0 {
					count[class+", in blocks"]++
				}
			}
			if here {
				t.Run(block.String(), func(t *testing.T) {
					t.Parallel()
					block.run(t)
				})
			}
		}
	}
	for _, name := range namesAlone {
		if !seen[name] {
			t.Errorf("no page names %s any more", name)
		}
	}
	for _, class := range slices.Sorted(maps.Keys(count)) {
		t.Logf("%4d  %s", count[class], class)
	}
}

// What becomes of the command lines on the pages.
const (
	hereOurs   = "of ours, run here"
	hereOthers = "of other programs, run here"
	somewhere  = "run elsewhere"
	nowhere    = "run nowhere, for a reason"
	nameAlone  = "of ours, a name alone"
)

// classOf says what becomes of a command line, and complains if nothing does. In a sentence it is that text.
func classOf(t *testing.T, where, sentence string, words []string) string {
	t.Helper()
	switch {
	case ours(words) != nil && slices.Contains(namesAlone, sentence):
		return nameAlone
	case ours(words) != nil:
		return hereOurs
	case slices.Contains(tools, words[0]):
		return hereOthers
	}
	class := runElsewhere(t, where, strings.Join(words, " "))
	if words[0] == "kubectl" && sentence == "" {
		return hereOthers // too, by a stand-in
	}
	return class
}

// What no page says more of than its name cannot be run: it is told that something is missing.
func TestNamesOfCommandsAreNoCommandLines(t *testing.T) {
	t.Parallel()
	var script strings.Builder
	for _, name := range namesAlone {
		script.WriteString(name + "   # ends with 2\n")
	}
	docBlock{text: script.String()}.run(t)
}

var (
	// ourStart is how a trace of a shell shows that a program of ours is run.
	ourStart = regexp.MustCompile(`(?m)^\++ (?:exits \d+ )?(?:sparkctl|submitter|sensor|kubectl-spark)(?: |$)`)
	// drawn is what differs from run to run: identifiers and lengths of time.
	drawn = regexp.MustCompile(`[0-9a-f]{10,}|\b\d+s\b`)
)

// run runs a block in a world of its own. Each command of ours in it must have been run, behind || as well.
func (b docBlock) run(t *testing.T) {
	t.Helper()
	said, trace := newDocsWorld(t, b.text).run(t, b.text)
	for line := range strings.SplitSeq(b.says, "\n") {
		if !strings.Contains(drawn.ReplaceAllString(said, "#"), drawn.ReplaceAllString(line, "#")) {
			t.Errorf("the page says %q, the commands\n%s", line, said)
		}
	}
	want := 0
	for _, line := range shellCommands(b.text) {
		if ours(line.words) != nil {
			want++
		}
	}
	if got := len(ourStart.FindAllString(trace, -1)); got != want {
		t.Errorf("%d of %d commands of ours were run:\n%s", got, want, trace)
	}
}
