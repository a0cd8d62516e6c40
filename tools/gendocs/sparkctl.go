// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/sparkctl"
	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
)

// sparkctlPage is the page of the command line for people, with a part for each command.
func sparkctlPage() []byte {
	root := sparkctl.NewCommand(cli.Env{Getenv: func(string) string { return "" }})
	var page bytes.Buffer
	page.WriteString("# sparkctl\n\n" + generated + prose(root.Long) + "\n| command | |\n|---|---|\n")
	commands := visible(root)
	for _, cmd := range commands {
		anchor := strings.ReplaceAll(cmd.CommandPath(), " ", "-")
		fmt.Fprintf(&page, "| [`%s`](#%s) | %s |\n", cmd.CommandPath(), anchor, cmd.Short)
	}
	page.WriteString("\nEvery command takes these:\n\n")
	writeFlags(&page, root.PersistentFlags(), false)
	for _, cmd := range commands {
		fmt.Fprintf(&page, "\n## %s\n\n", cmd.CommandPath())
		if cmd.Long == "" {
			page.WriteString(cmd.Short + ".\n")
		}
		fmt.Fprintf(&page, "%s\n```\n%s\n```\n", prose(cmd.Long), cmd.UseLine())
		if len(cmd.Aliases) > 0 {
			fmt.Fprintf(&page, "\nIt is also called `%s`.\n", strings.Join(cmd.Aliases, "`, `"))
		}
		if flags := cmd.NonInheritedFlags(); flags.HasAvailableFlags() {
			page.WriteString("\n")
			writeFlags(&page, flags, false)
		}
		if cmd.Example != "" {
			fmt.Fprintf(&page, "\n```sh\n%s\n```\n", unindent(cmd.Example))
		}
	}
	return page.Bytes()
}

// viewPage is the page about what -o writes, from the comments of its package.
func viewPage(source string) ([]byte, error) {
	all, err := fieldsOf(source, view.Application{}, view.Attempt{}, view.Timings{}, view.CurrentPhase{}, view.Executor{}, view.Event{})
	if err != nil {
		return nil, err
	}
	var page bytes.Buffer
	page.WriteString("# What -o json prints\n\n" + generated +
		"`sparkctl list`, `status`, `explain`, `wait` and `submit` show applications with `-o json`, `-o yaml`, `-o jsonpath=...` and `-o go-template=...` alike; a list has them as `items`.\n" +
		"A key without a value is absent. Keys may be added in later versions.\n\n")
	for _, part := range []struct{ name, title string }{
		{"Application", "Keys of an application"},
		{"Attempt", "Keys of each of `attempts`"},
		{"Timings", "Keys of `timings`, in seconds"},
		{"CurrentPhase", "Keys of `timings.current`"},
		{"Executor", "Keys of each of `executors`"},
		{"Event", "Keys of each of `events`, and of what `sparkctl events` prints"},
	} {
		writeKeys(&page, part.title, all[part.name])
		if part.name == "Timings" {
			page.WriteString("Kubernetes keeps whole seconds: 0 is less than one. `submit` alone is the launcher's own measure. What nothing dates is absent, and not guessed:\n" +
				"a wait for a quota comes before the driver pod exists and is a part of `submit`; a scheduling gate that was taken off leaves no trace, so that without Kueue's event `schedule` holds the queue.\n\n")
		}
	}
	return bytes.TrimSuffix(page.Bytes(), []byte("\n")), nil
}

// visible are the commands below cmd, each before those below it.
func visible(cmd *cobra.Command) []*cobra.Command {
	var all []*cobra.Command
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			all = append(append(all, sub), visible(sub)...)
		}
	}
	return all
}

// prose is a help text as Markdown: what is indented in it stands as it is.
func prose(text string) string {
	if text == "" {
		return ""
	}
	var page strings.Builder
	asItStands := false
	for line := range strings.SplitSeq(text, "\n") {
		if indented := strings.HasPrefix(line, "  "); indented != asItStands {
			asItStands = indented
			page.WriteString("```\n")
		}
		page.WriteString(strings.TrimPrefix(escapeOutside(line, asItStands), "  ") + "\n")
	}
	if asItStands {
		page.WriteString("```\n")
	}
	return page.String()
}

// escapeOutside keeps Markdown from taking < for a tag, where it would.
func escapeOutside(line string, asItStands bool) string {
	if asItStands {
		return line
	}
	return strings.ReplaceAll(line, "<", "&lt;")
}

// writeFlags writes a table of flags, with the environment variable that each can be given as where there are any.
func writeFlags(page *bytes.Buffer, flags *pflag.FlagSet, variables bool) {
	if variables {
		page.WriteString("| flag | environment variable | default | meaning |\n|---|---|---|---|\n")
	} else {
		page.WriteString("| flag | default | meaning |\n|---|---|---|\n")
	}
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		row := "| `--" + f.Name + "`"
		if f.Shorthand != "" {
			row += ", `-" + f.Shorthand + "`"
		}
		if variables {
			row += " | `" + cli.EnvName(f.Name) + "`"
		}
		value := f.DefValue
		if value != "" {
			value = "`" + value + "`"
		}
		fmt.Fprintf(page, "%s | %s | %s |\n", row, value, strings.ReplaceAll(f.Usage, "|", `\|`))
	})
}
