// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import "github.com/spf13/cobra"

func newDown(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "down",
		Short: "Remove the cluster and all it left on this machine",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, stop, err := a.manager(cmd.Context())
			if err != nil {
				return err
			}
			defer stop()
			return m.Down(cmd.Context())
		},
	}
}
