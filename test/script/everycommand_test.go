// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package script

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/spf13/cobra"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/sparkctl"
	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
)

// What a script must have shown of each command, and of each form that -o takes there.
const (
	succeeds = "a call that succeeds"
	mistaken = "a mistake, which ends with 2"
	inForm   = "-o "
)

func TestEveryCommandOfSparkctlHasAScript(t *testing.T) {
	t.Parallel()
	root := sparkctl.NewCommand(cli.Env{Getenv: func(string) string { return "" }})
	shown := shownByScripts(t, root)
	for _, cmd := range commandsBelow(root) {
		wanted := []string{succeeds, mistaken}
		for _, form := range formsOf(cmd) {
			wanted = append(wanted, inForm+form)
		}
		for _, what := range wanted {
			if !shown[cmd.CommandPath()][what] {
				t.Errorf("no script shows of %s: %s", cmd.CommandPath(), what)
			}
		}
	}
}

// commandsBelow are the commands that do something.
func commandsBelow(cmd *cobra.Command) []*cobra.Command {
	var all []*cobra.Command
	for _, sub := range cmd.Commands() {
		all = append(all, sub)
		all = append(all, commandsBelow(sub)...)
	}
	return slices.DeleteFunc(all, func(c *cobra.Command) bool { return !c.Runnable() || c.Name() == "help" })
}

// formsOf are the forms that -o takes, as the flag's usage names them.
func formsOf(cmd *cobra.Command) []string {
	flag := cmd.Flags().Lookup("output")
	switch {
	case flag == nil:
		return nil
	case strings.Contains(flag.Usage, view.Formats):
		return []string{"table", "wide", "json", "yaml", "name", "jsonpath", "go-template"}
	}
	return regexp.MustCompile(`\b(text|json|yaml)\b`).FindAllString(flag.Usage, -1)
}

var (
	calls = regexp.MustCompile(`(?m)^(?:\[[^]]*\] )?(!? ?)exec (?:sh -c ')?(?:exits (\d+) )?(?:terminal \S+ \S+ )?sparkctl (.*)$`)
	form  = regexp.MustCompile(`(?:^| )(?:-o[ =]?|--output[ =])'?([a-z-]+)`)
)

// shownByScripts is what the scripts show, by the commands' names.
func shownByScripts(t *testing.T, root *cobra.Command) map[string]map[string]bool {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]map[string]bool{}
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, call := range calls.FindAllStringSubmatch(string(archive.Comment), -1) {
			cmd, _, err := root.Find(strings.Fields(call[3]))
			if err != nil {
				continue
			}
			of := shown[cmd.CommandPath()]
			if of == nil {
				of = map[string]bool{}
				shown[cmd.CommandPath()] = of
			}
			maps.Copy(of, shownByCall(call[1] == "" && (call[2] == "" || call[2] == "0"), call[2], call[3]))
		}
	}
	if len(shown) == 0 {
		t.Fatal(fmt.Errorf("no script of %d calls sparkctl", len(paths)))
	}
	return shown
}

// shownByCall is what one call shows: a form counts whatever the exit code, as long as it is written.
func shownByCall(ends bool, code, words string) map[string]bool {
	words, _, _ = strings.Cut(words, " -- ")
	of := map[string]bool{}
	asked := form.FindStringSubmatch(words)
	switch {
	case code == "2":
		of[mistaken] = true
		return of
	case ends:
		of[succeeds] = true
	}
	if asked == nil {
		asked = []string{"", "table"}
		of[inForm+"text"] = true
	}
	of[inForm+asked[1]] = true
	return of
}
