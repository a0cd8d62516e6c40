// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sparkctl/sparkctl/internal/cli"
)

// everyCommand shows each command that people see to look.
func everyCommand(t *testing.T, look func(*cobra.Command)) {
	t.Helper()
	root := NewCommand(cli.Env{Getenv: func(string) string { return "" }})
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				look(sub)
				walk(sub)
			}
		}
	}
	walk(root)
}

func TestEveryCommandIsExplained(t *testing.T) {
	t.Parallel()
	everyCommand(t, func(cmd *cobra.Command) {
		if cmd.Name() == "version" {
			return
		}
		if cmd.Long == "" || cmd.Example == "" {
			t.Errorf("%s has no Long or no Example", cmd.CommandPath())
		}
		for line := range strings.SplitSeq(cmd.Example, "\n") {
			if line != "" && !strings.HasPrefix(line, "  ") {
				t.Errorf("%s: a line of its Example does not begin with two blanks: %q", cmd.CommandPath(), line)
			}
		}
	})
}

func TestEveryCommandWhoseUsageNamesApplicationsCompletesThem(t *testing.T) {
	t.Parallel()
	everyCommand(t, func(cmd *cobra.Command) {
		if strings.Contains(cmd.Use, " APP") && cmd.ValidArgsFunction == nil {
			t.Errorf("%s completes no applications", cmd.CommandPath())
		}
		cmd.NonInheritedFlags().VisitAll(func(f *pflag.Flag) {
			if _, completes := cmd.GetFlagCompletionFunc(f.Name); !completes && (f.Name == "output" || f.Name == "state" || f.Name == "namespace") {
				t.Errorf("%s does not complete --%s", cmd.CommandPath(), f.Name)
			}
		})
	})
}

func TestTheValuesThatAreCompletedAreThoseThatTheUsageNames(t *testing.T) {
	t.Parallel()
	everyCommand(t, func(cmd *cobra.Command) {
		cmd.NonInheritedFlags().VisitAll(func(f *pflag.Flag) {
			for _, value := range valuesOf(cmd.Name(), f.Name) {
				if !strings.Contains(f.Usage+" "+f.DefValue, value) {
					t.Errorf("%s --%s completes %q, which its usage does not name: %s", cmd.CommandPath(), f.Name, value, f.Usage)
				}
			}
		})
	})
}
