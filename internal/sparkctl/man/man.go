// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package man writes the manual pages of a command line from the commands themselves, one page each, in the macros of man(7):
// [Pages] gives them all.
package man

import (
	"fmt"
	"maps"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sparkctl/sparkctl/xcom"
)

// Pages are the manual pages of a command and of all that is below it and not hidden, by the names of their files, such as
// sparkctl-list.1. version stands at their foot.
func Pages(cmd *cobra.Command, version string) map[string][]byte {
	pages := map[string][]byte{name(cmd) + ".1": page(cmd, version)}
	for _, sub := range shown(cmd) {
		maps.Copy(pages, Pages(sub, version))
	}
	return pages
}

// name is what a command's page is called: sparkctl-config-path.
func name(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// shown are the commands below cmd that have a page.
func shown(cmd *cobra.Command) []*cobra.Command {
	var all []*cobra.Command
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			all = append(all, sub)
		}
	}
	return all
}

func page(cmd *cobra.Command, version string) []byte {
	var w writer
	w.macro("TH", strings.ToUpper(name(cmd)), "1", "", version, cmd.Root().Name())
	w.section("NAME")
	w.text(name(cmd) + " - " + strings.ToLower(cmd.Short[:1]) + cmd.Short[1:])
	w.section("SYNOPSIS")
	w.verbatim(cmd.UseLine())
	w.section("DESCRIPTION")
	if cmd.Long == "" {
		w.text(cmd.Short + ".")
	}
	w.prose(cmd.Long)
	if len(cmd.Aliases) > 0 {
		w.prose("\nIt is also called " + strings.Join(cmd.Aliases, " and ") + ".")
	}
	if subs := shown(cmd); len(subs) > 0 {
		w.section("COMMANDS")
		for _, sub := range subs {
			w.item(sub.Name(), sub.Short+".")
		}
	}
	w.flags("OPTIONS", cmd.NonInheritedFlags())
	w.flags("OPTIONS OF EVERY COMMAND", cmd.InheritedFlags())
	if cmd.Example != "" {
		w.section("EXAMPLES")
		w.verbatim(strings.ReplaceAll("\n"+cmd.Example, "\n  ", "\n")[1:])
	}
	if !cmd.HasParent() {
		w.section("EXIT STATUS")
		for _, row := range xcom.ExitMeanings() {
			w.item(row.Codes, row.Meaning)
		}
	}
	w.see(cmd)
	return []byte(w.out.String())
}

// see names the pages around a command's.
func (w *writer) see(cmd *cobra.Command) {
	var pages []string
	if cmd.HasParent() {
		pages = append(pages, name(cmd.Parent())+"(1)")
	}
	for _, sub := range shown(cmd) {
		pages = append(pages, name(sub)+"(1)")
	}
	w.section("SEE ALSO")
	w.text(strings.Join(append(pages, "kubectl(1)"), ", "))
}

// flags are a section about flags; none without any.
func (w *writer) flags(title string, flags *pflag.FlagSet) {
	begun := false
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		if !begun {
			w.section(title)
			begun = true
		}
		named := "--" + f.Name
		if f.Shorthand != "" {
			named = "-" + f.Shorthand + ", " + named
		}
		kind, usage := pflag.UnquoteUsage(f)
		if kind != "" {
			named += " " + kind
		}
		if said := f.DefValue; said != "" && said != "false" && said != "[]" && said != "0" && said != "0s" {
			usage += fmt.Sprintf(" (default %s)", said)
		}
		w.item(named, usage)
	})
}
