// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/xcom"
)

func newExitCodesCommand(env cli.Env) *cobra.Command {
	return &cobra.Command{
		Use: "exit-codes", Short: "Print what the exit codes of submitter, sensor and sparkctl mean", Args: noArguments,
		Long:    "Print what the exit codes of submitter, sensor and sparkctl mean. They are a promise: codes are added, and none changes its meaning.",
		Example: `  sparkctl wait @latest -n jobs || sparkctl exit-codes`,
		RunE: func(*cobra.Command, []string) error {
			table := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0)
			_, _ = fmt.Fprintln(table, "CODE\tMEANING")
			for _, row := range xcom.ExitMeanings() {
				_, _ = fmt.Fprintf(table, "%s\t%s\n", row.Codes, row.Meaning)
			}
			return table.Flush()
		},
	}
}
