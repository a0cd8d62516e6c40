// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package sparkctl is the command line for people, one file per sub-command.
// [Run] is the program.
package sparkctl

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/problem"
)

// about is what the program's own help and manual page say.
const about = `Spark applications on Kubernetes, from the command line: those that this program or its submitter made, those of a bare spark-submit, and
those of the operators. It talks to the API server alone, with the rights of whoever runs it, in one namespace unless it is told otherwise.

` + naming + `

Data goes to standard output, everything else to standard error; exit codes tell how it ended and stay what they are. Off a terminal, and with
NO_COLOR, there are no colours. Your defaults are what sparkctl config prints. As a plugin of kubectl this is kubectl spark.`

// Run runs sparkctl and returns its exit code.
func Run(ctx context.Context, env cli.Env) int {
	cmd := NewCommand(env)
	switch env.Program {
	case completesPlugin:
		cmd.SetArgs(append([]string{cobra.ShellCompRequestCmd}, env.Args...))
	case pluginProgram:
		cmd.Annotations = map[string]string{cobra.CommandDisplayNameAnnotation: pluginCalledName}
		asPlugin(cmd)
	}
	return cli.Execute(ctx, env, cmd)
}

// NewCommand is the root command with all sub-commands.
func NewCommand(env cli.Env) *cobra.Command {
	var cluster cli.ClusterFlags
	cluster.Defaults = func() (context, namespace string, err error) { return clusterDefaults(env, &cluster) }
	cmd := &cobra.Command{
		Use: "sparkctl", Short: "Spark applications on Kubernetes, from the command line", Long: about,
		SilenceErrors: true, SilenceUsage: true, Version: cli.Version(), Args: aCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.SetArgs(env.Args)
	cluster.Add(cmd.PersistentFlags())
	cmd.PersistentFlags().Lookup("namespace").Usage = "namespace of the applications; without it the one that sparkctl config prints"
	cmd.PersistentFlags().Lookup("context").Usage = "context in the kubeconfig; without it the one that sparkctl config prints"
	cmd.SetIn(env.Stdin)
	cmd.SetOut(env.Stdout)
	cmd.SetErr(env.Stderr)
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return problem.Usage("see the flags with: "+cmd.CommandPath()+" --help", "%w", err)
	})
	addGroup(cmd, "Submit:",
		newDoctorCommand(env, &cluster),
		newSubmitCommand(env, &cluster),
		newRerunCommand(env, &cluster),
		newRenderCommand(env, &cluster),
	)
	addGroup(cmd, "Look:",
		newListCommand(env, &cluster),
		newStatusCommand(env, &cluster),
		newExplainCommand(env, &cluster),
		newLogsCommand(env, &cluster),
		newEventsCommand(env, &cluster),
		newUICommand(env, &cluster),
		newWaitCommand(env, &cluster),
	)
	addGroup(cmd, "End and clean up:",
		newKillCommand(env, &cluster),
		newDeleteCommand(env, &cluster),
		newSweepCommand(env, &cluster),
	)
	addGroup(cmd, "Set up:",
		newConfigCommand(env, &cluster),
		newCompletionCommand(env),
		newRBACCommand(env),
		newExitCodesCommand(env),
		cli.NewVersionCommand(env),
		newManCommand(),
	)
	completer{env, &cluster}.addTo(cmd)
	refuseUnknownHelp(cmd)
	return cmd
}

// refuseUnknownHelp makes help for what is no command a mistake, as it is one to call it.
func refuseUnknownHelp(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	for _, sub := range root.Commands() {
		if sub.Name() == "help" {
			sub.Args = func(_ *cobra.Command, args []string) error {
				of, rest, err := root.Find(args)
				return cmp.Or(err, aCommand(of, rest))
			}
		}
	}
}

// addGroup adds commands that belong together in the help.
func addGroup(cmd *cobra.Command, title string, commands ...*cobra.Command) {
	cmd.AddGroup(&cobra.Group{ID: title, Title: title})
	for _, sub := range commands {
		sub.GroupID = title
	}
	cmd.AddCommand(commands...)
}
