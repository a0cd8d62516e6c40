// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Command gendocs writes the reference pages that follow from the code: the programs' flags
// and their environment variables, the exit codes, the result with its JSON Schema, and the table of ends.
package main

import (
	"bytes"
	"cmp"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/xcom"
)

//go:generate go run . ../../docs/reference ../../xcom ../../examples

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: gendocs OUTPUT-FOLDER FOLDER-OF-PACKAGE-XCOM FOLDER-OF-EXAMPLES")
	}
	if err := generate(os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
	if err := writeExamples(os.Args[3]); err != nil {
		log.Fatal(err)
	}
}

const generated = "<!-- Written by `make generate` from the code; edit that. -->\n\n"

func generate(out, source string) error {
	pages := map[string][]byte{"exit-codes.md": exitCodes(), "rbac.md": rbacPage(), "metrics.md": metricsPage(), "log.md": logPage(), "arguments.md": argumentsPage(), "sparkctl.md": sparkctlPage()}
	for _, cmd := range cli.Commands() {
		pages[cmd.Name()+".md"] = commandPage(cmd)
	}
	fields, err := readFields(source)
	if err != nil {
		return err
	}
	if pages["result.schema.json"], err = schema(fields); err != nil {
		return err
	}
	pages["result.md"] = resultPage(fields)
	if pages["view.md"], err = viewPage(filepath.Join(filepath.Dir(source), "internal", "sparkctl", "view")); err != nil {
		return err
	}
	if pages["causes.md"], err = causesPage(filepath.Dir(source)); err != nil {
		return err
	}
	for name, page := range pages {
		if err := os.WriteFile(filepath.Join(out, name), page, 0o644); err != nil {
			return fmt.Errorf("write page: %w", err)
		}
	}
	return nil
}

// commandPage is the page of one program, with a part for each of its sub-commands.
func commandPage(cmd *cobra.Command) []byte {
	var page bytes.Buffer
	fmt.Fprintf(&page, "# %s\n\n%s%s\n\n```\n%s\n```\n\n## Flags\n\n", cmd.Name(), generated, cmd.Long, cmd.Use)
	writeFlags(&page, cmd.Flags(), true)
	fmt.Fprintf(&page, "\n## Examples\n\n```sh\n%s\n```\n", unindent(cmd.Example))
	for _, sub := range visible(cmd) {
		fmt.Fprintf(&page, "\n## %s\n\n%s\n```\n%s\n```\n", sub.CommandPath(), prose(cmp.Or(sub.Long, sub.Short+".")), sub.UseLine())
		if sub.Flags().HasAvailableFlags() {
			page.WriteString("\n")
			writeFlags(&page, sub.Flags(), true)
		}
		if sub.Example != "" {
			fmt.Fprintf(&page, "\n```sh\n%s\n```\n", unindent(sub.Example))
		}
	}
	return page.Bytes()
}

func unindent(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, "  ")
	}
	return strings.Join(lines, "\n")
}

func exitCodes() []byte {
	var page bytes.Buffer
	page.WriteString("# Exit codes\n\n" + generated +
		"What submitter, sensor and sparkctl end with. The numbers are a promise: they change their meaning in no release.\n" +
		"64, 65, 125 and everything above are never used; orchestrators, shells and container runtimes have meanings of their own for them.\n\n" +
		"| code | meaning |\n|---|---|\n")
	for _, row := range xcom.ExitMeanings() {
		fmt.Fprintf(&page, "| %s | %s |\n", row.Codes, row.Meaning)
	}
	return page.Bytes()
}
