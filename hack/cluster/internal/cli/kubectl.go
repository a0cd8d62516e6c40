// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"fmt"
	"os"
	"syscall"

	"github.com/spf13/cobra"
)

func newKubectl(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "kubectl ARGS...",
		Short: "Become kubectl for this cluster",
		RunE: func(cmd *cobra.Command, args []string) error {
			m, stop, err := a.manager(cmd.Context())
			if err != nil {
				return err
			}
			defer stop()
			c, err := m.Find()
			if err != nil {
				return err
			}
			kubectl, err := m.Kubectl(cmd.Context())
			if err != nil {
				return err
			}
			env := append(os.Environ(), "KUBECONFIG="+c.Kubeconfig())
			if err := syscall.Exec(kubectl, append([]string{"kubectl"}, args...), env); err != nil {
				return fmt.Errorf("start kubectl: %w", err)
			}
			return nil
		},
	}
	// Everything after the command's name is kubectl's.
	cmd.DisableFlagParsing = true
	return cmd
}
