// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sparkctl/sparkctl/internal/problem"
)

type flagSet = pflag.FlagSet

// envPrefix begins the name of every environment variable that stands for a flag.
const envPrefix = "SPARKCTL_"

// EnvName is the environment variable that stands for a flag: --api-timeout is SPARKCTL_API_TIMEOUT.
func EnvName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// fromEnv gives the flags that were not given their values from the environment.
func fromEnv(flags *pflag.FlagSet, getenv func(string) string) error {
	var err error
	flags.VisitAll(func(f *pflag.Flag) {
		value := getenv(EnvName(f.Name))
		if f.Changed || value == "" || err != nil || f.Name == "help" {
			return
		}
		if wrong := flags.Set(f.Name, value); wrong != nil {
			err = problem.Usage("see --"+f.Name+" in the program's --help", "environment variable %s: %q is not possible: %w", EnvName(f.Name), value, wrong)
		}
	})
	return err
}

// newRoot is the command that both container programs start from: quiet, because Report is
// the one place that prints an error, and with every flag settable from the environment. flagHint is
// added to the hint about a wrong flag.
func newRoot(env Env, use, short, long, example, flagHint string) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Long: long, Example: example,
		SilenceErrors: true, SilenceUsage: true, Version: Version(),
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return fromEnv(cmd.Flags(), env.Getenv) },
	}
	cmd.SetArgs(env.Args)
	cmd.SetIn(env.Stdin)
	cmd.SetOut(env.Stdout)
	cmd.SetErr(env.Stderr)
	cmd.Flags().SortFlags = false
	cmd.CompletionOptions.DisableDefaultCmd = true
	cmd.SetHelpCommand(&cobra.Command{Hidden: true})
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return problem.Usage("see the flags with: "+cmd.CommandPath()+" --help"+flagHint, "%w", err)
	})
	cmd.AddCommand(NewVersionCommand(env))
	return cmd
}
