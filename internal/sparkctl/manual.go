// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/sparkctl/man"
)

// newManCommand is hidden: it is for those who package the program.
func newManCommand() *cobra.Command {
	return &cobra.Command{
		Use: "man FOLDER", Short: "Write the manual pages into a folder", Hidden: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return problem.Usage("such as: "+cmd.CommandPath()+" man1", "%s takes one folder", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			const hint = "name a folder that can be written to"
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return problem.Usage(hint, "make folder of manual pages: %w", err)
			}
			for file, text := range man.Pages(cmd.Root(), "sparkctl "+cli.Version()) {
				if err := os.WriteFile(filepath.Join(args[0], file), text, 0o644); err != nil {
					return problem.Usage(hint, "write manual page: %w", err)
				}
			}
			return nil
		},
	}
}
