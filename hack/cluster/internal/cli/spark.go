// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/layout"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/spark"
)

func version(args []string) (string, error) {
	if len(args) == 0 {
		return layout.DefaultSpark, nil
	}
	return args[0], spark.CheckVersion(args[0])
}

func newSparkImage(a *app) *cobra.Command {
	archive := false
	cmd := &cobra.Command{
		Use:   "spark-image [VERSION]",
		Short: "Make a Spark image (default " + layout.DefaultSpark + "), load it and print its reference",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			want, err := version(args)
			if err != nil {
				return err
			}
			m, stop, err := a.manager(cmd.Context())
			if err != nil {
				return err
			}
			defer stop()
			if !archive {
				if _, err := m.Find(); err != nil {
					return err
				}
			}
			if err := m.InstallForSpark(cmd.Context()); err != nil {
				return err
			}
			file, err := maker(m).Image(cmd.Context(), want)
			if err != nil {
				return err
			}
			result := []string{file}
			if !archive {
				if result, err = m.Load(cmd.Context(), file); err != nil {
					return err
				}
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), result[0])
			return err
		},
	}
	cmd.Flags().BoolVar(&archive, "archive", false, "load nothing, print the path of the image archive")
	return cmd
}

func newSparkHome(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "spark-home [VERSION]",
		Short: "Print the path of a SPARK_HOME on this machine (default " + layout.DefaultSpark + ")",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			want, err := version(args)
			if err != nil {
				return err
			}
			m, stop, err := a.manager(cmd.Context())
			if err != nil {
				return err
			}
			defer stop()
			if err := m.InstallForSpark(cmd.Context()); err != nil {
				return err
			}
			home, err := maker(m).Home(cmd.Context(), want)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), home)
			return err
		},
	}
}
