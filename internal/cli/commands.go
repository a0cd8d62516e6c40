// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import "github.com/spf13/cobra"

// Commands are the container programs' commands, for those who write about them.
func Commands() []*cobra.Command {
	env := Env{Getenv: func(string) string { return "" }}
	submitter, _ := newSubmitterCommand(env)
	sensor, _ := newSensorCommand(env)
	return []*cobra.Command{submitter, sensor}
}
