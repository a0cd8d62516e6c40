// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/cluster"
)

func newKill(a *app) *cobra.Command {
	return a.onComponent("kill COMPONENT", "End one component with SIGKILL; fails when it does not run", (*cluster.Manager).Kill)
}

func newStop(a *app) *cobra.Command {
	return a.onComponent("stop COMPONENT", "End one component; fails when it does not run", (*cluster.Manager).Stop)
}

func newStart(a *app) *cobra.Command {
	return a.onComponent("start COMPONENT", "Start one component that was ended and wait until it is ready", (*cluster.Manager).Start)
}

// onComponent is a command that does something to one component.
func (a *app) onComponent(use, short string, do func(*cluster.Manager, context.Context, string) error) *cobra.Command {
	return &cobra.Command{
		Use:       use,
		Short:     short,
		Args:      cobra.ExactArgs(1),
		ValidArgs: cluster.Components(),
		RunE: func(cmd *cobra.Command, args []string) error {
			m, stop, err := a.manager(cmd.Context())
			if err != nil {
				return err
			}
			defer stop()
			return do(m, cmd.Context(), args[0])
		},
	}
}
