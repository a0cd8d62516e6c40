// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package sparkctl is the command line for people, one file per sub-command.
// [Run] is the program.
package sparkctl

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/problem"
)

// Run runs sparkctl and returns its exit code.
func Run(ctx context.Context, env cli.Env) int {
	return cli.Execute(ctx, env, NewCommand(env))
}

// NewCommand is the root command with all sub-commands.
func NewCommand(env cli.Env) *cobra.Command {
	var cluster cli.ClusterFlags
	cmd := &cobra.Command{
		Use: "sparkctl", Short: "Spark applications on Kubernetes, from the command line",
		SilenceErrors: true, SilenceUsage: true, Version: cli.Version(), Args: aCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.SetArgs(env.Args)
	cluster.Add(cmd.PersistentFlags())
	cmd.SetIn(env.Stdin)
	cmd.SetOut(env.Stdout)
	cmd.SetErr(env.Stderr)
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return problem.Usage("see the flags with: "+cmd.CommandPath()+" --help", "%w", err)
	})
	cmd.AddCommand(
		newListCommand(env, &cluster), newStatusCommand(env, &cluster), newExplainCommand(env, &cluster), newWaitCommand(env, &cluster), newRenderCommand(env, &cluster), newSubmitCommand(env, &cluster), newRBACCommand(env),
		newExitCodesCommand(env), cli.NewVersionCommand(env),
	)
	return cmd
}
