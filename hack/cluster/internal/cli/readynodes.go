// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"
)

// newReadyNodes is what "up --nodes" starts in the background.
func newReadyNodes(a *app) *cobra.Command {
	return &cobra.Command{
		Use:    "ready-nodes COUNT",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			count, err := strconv.Atoi(args[0])
			if err != nil {
				return fmt.Errorf("check number of nodes: %w", err)
			}
			m, stop, err := a.manager(cmd.Context())
			if err != nil {
				return err
			}
			defer stop()
			return m.KeepReady(cmd.Context(), count)
		},
	}
}
