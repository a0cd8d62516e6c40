// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
)

// sweepOptions are what sweep is asked for.
type sweepOptions struct {
	cluster       *cli.ClusterFlags
	sweeping      cli.Sweeping
	allNamespaces bool
	output        string
}

// sweptList is what sweep writes.
type sweptList struct {
	Items []cli.Swept `json:"items"`
}

func newSweepCommand(env cli.Env, cluster *cli.ClusterFlags) *cobra.Command {
	o := sweepOptions{cluster: cluster, sweeping: cli.Sweeping{Rights: "ask for the Role that this prints: sparkctl rbac --for cli --with sweep"}}
	cmd := &cobra.Command{
		Use: "sweep", Short: cli.SweepShort, Args: noArguments, Long: cli.SweepLong, Example: cli.SweepExample("sparkctl"),
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), env) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVarP(&o.allNamespaces, "all-namespaces", "A", false, "sweep all namespaces")
	flags.StringVarP(&o.output, "output", "o", "", "how to write it: "+view.Formats)
	o.sweeping.Add(flags)
	return cmd
}

func (o *sweepOptions) run(ctx context.Context, env cli.Env) error {
	format, err := view.ParseFormat(o.output)
	if err != nil {
		return problem.Usage("give -o one of "+view.Formats, "--output: %w", err)
	}
	client, namespace, err := o.cluster.Connect(env, "sparkctl")
	if err != nil {
		return err
	}
	if o.allNamespaces {
		namespace = ""
	}
	all, failed := o.sweeping.Sweep(ctx, client, namespace)
	if table, _ := format.Table(); table {
		if len(all) == 0 && failed == nil {
			l := looking{env: env, namespace: namespace}
			l.note("nothing to sweep %s", l.where())
		}
		return cmp.Or(failed, cli.WriteSwept(env.Stdout, all, o.allNamespaces))
	}
	list := sweptList{append([]cli.Swept{}, all...)}
	var names []string
	for _, s := range all {
		names = append(names, s.FullName())
	}
	return cmp.Or(failed, format.Write(env.Stdout, list, names))
}
