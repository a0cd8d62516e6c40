// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import "github.com/spf13/cobra"

func newTag(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "tag REFERENCE NAME",
		Short: "Let pods name a loaded image by another name too, as if it had been pulled from there",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			m, stop, err := a.manager(cmd.Context())
			if err != nil {
				return err
			}
			defer stop()
			return m.Tag(cmd.Context(), args[0], args[1])
		},
	}
}
