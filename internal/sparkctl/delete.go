// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
	"github.com/sparkctl/sparkctl/xcom"
)

// deleteOptions are what delete is asked for.
type deleteOptions struct {
	look   lookFlags
	ending ending
	states []string
	filter view.Filter
	older  cli.Age
	all    bool
	force  bool
	yes    bool
}

func newDeleteCommand(env cli.Env, cluster *cli.ClusterFlags) *cobra.Command {
	o := deleteOptions{look: lookFlags{cluster: cluster}, ending: ending{with: "delete"}}
	cmd := &cobra.Command{
		Use: "delete APP... | --all | -l SELECTOR | --state STATES | --older-than AGE", Aliases: []string{"rm"}, Short: "Remove applications that have ended",
		Long: `Remove the driver pods of applications that have ended, and with them their logs and what belongs to them. They are named, or chosen by their labels,
their state and their age as sparkctl list chooses them; several conditions must all hold. What has not ended is left, unless --force is given: kill ends it.

What is chosen and not named is shown and asked about; where nobody can be asked, --yes must be given.

With its pod goes the knowledge that a run has ended. A launcher that is started once more with the run key and the generation of
one that succeeded takes over that success while the pod stands there, and runs it again when it does not.

` + naming,
		Example: `  sparkctl delete pi-driver -n jobs

  # what failed and is older than a week: first look, then do it
  sparkctl delete --state failed,lost --older-than 7d --dry-run
  sparkctl delete --state failed,lost --older-than 7d --yes`,
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), env, args) },
	}
	o.look.add(cmd)
	flags := cmd.Flags()
	flags.StringSliceVar(&o.states, "state", nil, "those in these states: succeeded, failed, lost, and with --force pending, running")
	flags.Var(&o.older, "older-than", "those whose driver pods are older than this, such as 12h or 7d")
	flags.BoolVar(&o.all, "all", false, "all that have ended")
	flags.BoolVar(&o.force, "force", false, "those too that have not ended: they are killed")
	flags.BoolVarP(&o.yes, "yes", "y", false, "do not ask")
	o.ending.add(cmd)
	return cmd
}

func (o *deleteOptions) run(ctx context.Context, env cli.Env, names []string) error {
	if err := o.check(names); err != nil {
		return err
	}
	l, err := o.look.look(env)
	if err != nil {
		return err
	}
	var all []doomed
	if len(names) > 0 {
		all, err = o.named(ctx, l, names)
	} else {
		all, err = o.chosen(ctx, l)
	}
	if err != nil {
		return err
	}
	l.warnOfRuns(all)
	if len(names) == 0 && len(all) > 0 && !o.yes && o.ending.dryRun == dryNone {
		if err := l.confirm(ctx, all); err != nil {
			return err
		}
	}
	deeds, failed := o.ending.end(ctx, l, all)
	if err := l.writeDeeds(deeds); err != nil {
		return err
	}
	return failed
}

// check checks the flags.
func (o *deleteOptions) check(names []string) error {
	chosen := o.all || o.look.selector != "" || len(o.states) > 0 || o.older > 0
	switch {
	case len(names) > 0 && chosen:
		return problem.Usage("name them, or choose them with --all, -l, --state and --older-than", "sparkctl delete takes names or conditions, not both")
	case len(names) == 0 && !chosen:
		return problem.Usage("see what there is with: sparkctl list; name one, or choose with --all, -l, --state or --older-than", "sparkctl delete needs the name of an application, or a condition")
	}
	var err error
	if o.filter.States, err = view.ParseStates(o.states); err != nil {
		return problem.Usage("give --state one or more of them, separated by commas", "--state: %w", err)
	}
	for _, state := range o.filter.States {
		if !state.Final() && !o.force {
			return problem.Usage("end them with: sparkctl kill; or give --force", "--state %s: what has not ended is not deleted", state)
		}
	}
	o.filter.OlderThan = time.Duration(o.older)
	return o.ending.check()
}

// named are the applications of those names. One that has not ended is an error, before anything is done.
func (o *deleteOptions) named(ctx context.Context, l *looking, names []string) ([]doomed, error) {
	pods, err := l.findAll(ctx, names)
	if err != nil {
		return nil, err
	}
	var all []doomed
	for _, pod := range pods {
		d := o.doomed(l, pod)
		if d.active && !o.force {
			return nil, problem.Usage("end it first with: sparkctl kill "+d.app.FullName()+"; or give --force", "%s has not ended: it is %s", d.app.FullName(), d.app.State)
		}
		all = append(all, d)
	}
	return all, nil
}

// chosen are the applications that the conditions choose.
func (o *deleteOptions) chosen(ctx context.Context, l *looking) ([]doomed, error) {
	var all []doomed
	active := 0
	err := l.client.EachPod(ctx, l.namespace, l.selector, func(pod *corev1.Pod) {
		d := o.doomed(l, pod)
		switch {
		case !o.filter.Fits(d.app, l.now):
		case d.active && !o.force:
			active++
		default:
			all = append(all, d)
		}
	})
	if err != nil {
		return nil, unreadable(err)
	}
	if active > 0 {
		l.note("%s left: sparkctl kill ends what runs or waits, and --force deletes it too", counted(active, "that has not ended is", "that have not ended are"))
	}
	if len(all) == 0 {
		l.note("nothing to delete %s", l.where())
	}
	return all, nil
}

// counted says how many.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// doomed judges a driver that may have to go.
func (o *deleteOptions) doomed(l *looking, pod *corev1.Pod) doomed {
	active := !driver.Over(pod, driver.Container(pod, ""))
	return doomed{pod: pod, app: view.Of(pod, nil, l.now), done: view.Deleted, doing: view.Deleting, active: active}
}

// warnOfRuns tells what is lost with the drivers beside their logs, and who may start them again.
func (l *looking) warnOfRuns(all []doomed) {
	var succeeded []view.Application
	for _, d := range all {
		if d.active {
			l.warnOfSuccessors(d.pod, d.app)
		}
		if d.app.State == xcom.Succeeded && d.app.RunKey != "" {
			succeeded = append(succeeded, d.app)
		}
	}
	switch len(succeeded) {
	case 0:
	case 1:
		a := succeeded[0]
		l.note("%s is why run %s is not run again: without it, it runs again when it is submitted with the same generation", a.FullName(), a.RunKey)
	default:
		l.note("%d of these are why their runs are not run again, such as %s of run %s: without them, they run again when they are submitted with the same generations",
			len(succeeded), succeeded[0].FullName(), succeeded[0].RunKey)
	}
}
