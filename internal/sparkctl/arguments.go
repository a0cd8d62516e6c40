// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"github.com/spf13/cobra"

	"github.com/sparkctl/sparkctl/internal/problem"
)

// noArguments refuses arguments.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return problem.Usage("see what it takes with: "+cmd.CommandPath()+" --help", "%s takes no arguments, and %q is one", cmd.CommandPath(), args[0])
}

// oneApplication asks for the name of one application, someApplications for those of one or more.
func oneApplication(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return problem.Usage("name one: "+cmd.CommandPath()+" "+args[0], "%s takes one application, and %d are named", cmd.CommandPath(), len(args))
	}
	return someApplications(cmd, args)
}

func someApplications(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return problem.Usage("see what there is with: sparkctl list; @latest is the newest", "%s needs the name of an application", cmd.CommandPath())
	}
	return nil
}

// aCommand refuses what is no command.
func aCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return problem.Usage("see the commands with: "+cmd.CommandPath()+" --help", "%q is no command of %s", args[0], cmd.CommandPath())
}
