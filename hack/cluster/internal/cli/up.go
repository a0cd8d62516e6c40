// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newUp(a *app) *cobra.Command {
	nodes := 0
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Bring the cluster up; what is up already stays as it is",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if nodes < 0 || nodes > 100 {
				return fmt.Errorf("check --nodes %d: want 1 to 100, or 0 for as many as it has", nodes)
			}
			m, stop, err := a.manager(cmd.Context())
			if err != nil {
				return err
			}
			defer stop()
			return m.Up(cmd.Context(), nodes)
		},
	}
	cmd.Flags().IntVar(&nodes, "nodes", 0, "number of nodes, 0 for as many as it has; all but the first are only kept ready and run no pods")
	return cmd
}
