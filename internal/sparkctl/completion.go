// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/problem"
)

// shells are those that can complete a command line.
func shells() []string { return []string{"bash", "zsh", "fish", "powershell"} }

func newCompletionCommand(env cli.Env) *cobra.Command {
	return &cobra.Command{
		Use: "completion " + strings.Join(shells(), "|"), Short: "Print what a shell needs to complete command lines",
		ValidArgs: shells(),
		Long: `Print a script that has your shell complete commands, flags and their values, and the names of applications and namespaces, which
are read from the cluster as you type. Nothing is offered where they cannot be read within 2 seconds.

As a plugin of kubectl, 'kubectl spark' is this program under the name kubectl-spark; kubectl completes it with this program under the
name kubectl_complete-spark. Both can be links to sparkctl, in a folder on PATH.`,
		Example: `  # bash, with the package bash-completion; in ~/.bashrc
  source <(sparkctl completion bash)

  # zsh; in ~/.zshrc, behind compinit
  source <(sparkctl completion zsh)

  # fish
  sparkctl completion fish > ~/.config/fish/completions/sparkctl.fish

  # PowerShell; in $PROFILE
  sparkctl completion powershell | Out-String | Invoke-Expression

  # kubectl spark
  ln -s "$(command -v sparkctl)" ~/.local/bin/kubectl-spark
  ln -s "$(command -v sparkctl)" ~/.local/bin/kubectl_complete-spark`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 || !slices.Contains(shells(), args[0]) {
				return problem.Usage("name your shell, such as: "+cmd.CommandPath()+" bash", "%s takes one of %s", cmd.CommandPath(), strings.Join(shells(), ", "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			switch args[0] {
			case "zsh":
				return cmd.Root().GenZshCompletion(env.Stdout)
			case "fish":
				return cmd.Root().GenFishCompletion(env.Stdout, true)
			case "powershell":
				return cmd.Root().GenPowerShellCompletionWithDesc(env.Stdout)
			default:
				return cmd.Root().GenBashCompletionV2(env.Stdout, true)
			}
		},
	}
}

// What the program is called as kubectl's plugin, and when kubectl asks how a command line of that plugin goes on.
const (
	pluginProgram    = "kubectl-spark"
	completesPlugin  = "kubectl_complete-spark"
	pluginCalledName = "kubectl spark"
)

// asPlugin has the help of cmd and all below it call the program as kubectl's plugin.
func asPlugin(cmd *cobra.Command) {
	program := cmd.Root().Name() + " "
	for _, text := range []*string{&cmd.Long, &cmd.Example} {
		*text = strings.ReplaceAll(*text, program, pluginCalledName+" ")
	}
	for _, sub := range cmd.Commands() {
		asPlugin(sub)
	}
}
