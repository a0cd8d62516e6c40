// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newLoad(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "load IMAGE-ARCHIVE...",
		Short: "Load image archives (docker or OCI) and print the images' references, one a line",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			m, stop, err := a.manager(cmd.Context())
			if err != nil {
				return err
			}
			defer stop()
			for _, file := range files {
				references, err := m.Load(cmd.Context(), file)
				if err != nil {
					return err
				}
				for _, reference := range references {
					if _, err := fmt.Fprintln(cmd.OutOrStdout(), reference); err != nil {
						return err
					}
				}
			}
			return nil
		},
	}
}
