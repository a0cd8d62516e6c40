// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import "github.com/spf13/cobra"

func newStatus(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show what runs; fails if the cluster is not well or left something behind",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, stop, err := a.manager(cmd.Context())
			if err != nil {
				return err
			}
			defer stop()
			return m.Status(cmd.Context(), cmd.OutOrStdout())
		},
	}
}
