// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
)

// listOptions are what list is asked for.
type listOptions struct {
	look    lookFlags
	states  []string
	filter  view.Filter
	newer   cli.Age
	older   cli.Age
	sort    string
	reverse bool
}

func newListCommand(env cli.Env, cluster *cli.ClusterFlags) *cobra.Command {
	o := listOptions{look: lookFlags{cluster: cluster}}
	cmd := &cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: "List the Spark applications of a namespace", Args: noArguments,
		Long: `List the Spark applications whose driver pods stand there, whoever submitted them: sparkctl, its submitter, spark-submit, or an operator.
The state is the judgement about the driver's container, as sensor makes it, not the pod's phase.`,
		Example: `  # what failed in the last day, with everything that is known in one line
  sparkctl list -n jobs --state failed,lost --newer-than 24h -o wide

  # names that every other command takes
  sparkctl list -A --state running -o name`,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context(), env) },
	}
	o.look.add(cmd)
	flags := cmd.Flags()
	flags.StringSliceVar(&o.states, "state", nil, "only these states: pending, running, succeeded, failed, lost")
	flags.Var(&o.newer, "newer-than", "only driver pods younger than this, such as 12h or 7d; 0 means of any age")
	flags.Var(&o.older, "older-than", "only driver pods older than this; 0 means of any age")
	flags.StringVar(&o.sort, "sort", "age", "what to sort by: "+strings.Join(view.SortKeys(), ", "))
	flags.BoolVar(&o.reverse, "reverse", false, "turn the order around")
	return cmd
}

func (o *listOptions) run(ctx context.Context, env cli.Env) error {
	var err error
	if o.filter.States, err = view.ParseStates(o.states); err != nil {
		return problem.Usage("give --state one or more of them, separated by commas", "--state: %w", err)
	}
	if !slices.Contains(view.SortKeys(), o.sort) {
		return problem.Usage("give --sort one of "+strings.Join(view.SortKeys(), ", "), "--sort: %q is not known", o.sort)
	}
	o.filter.NewerThan, o.filter.OlderThan = time.Duration(o.newer), time.Duration(o.older)
	l, err := o.look.look(env)
	if err != nil {
		return err
	}
	list := view.List{Items: []view.Application{}}
	err = l.client.EachPod(ctx, l.namespace, l.selector, func(pod *corev1.Pod) {
		if a := view.Of(pod, nil, l.now); o.filter.Fits(a, l.now) {
			list.Items = append(list.Items, calling(env, a))
		}
	})
	if err != nil {
		return unreadable(err)
	}
	list.Sort(o.sort, o.reverse, l.now)
	table, wide := l.format.Table()
	if !table {
		return l.format.Write(env.Stdout, list, list.Names())
	}
	if len(list.Items) == 0 {
		// Off the data, as kubectl does: an empty table is empty.
		filtered := ""
		if o.filter.States != nil || o.newer > 0 || o.older > 0 {
			filtered = ", or none in these states and of this age"
		}
		_, _ = fmt.Fprintf(env.Stderr, "no Spark application %s%s\n", l.where(), filtered)
		return nil
	}
	return list.WriteTable(env.Stdout, l.now, wide, l.namespace == "", l.colours)
}
