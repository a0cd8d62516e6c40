// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"context"
	"time"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
)

// killOptions are what kill is asked for.
type killOptions struct {
	look   lookFlags
	ending ending
	grace  int64
	force  bool
}

func newKillCommand(env cli.Env, cluster *cli.ClusterFlags) *cobra.Command {
	o := killOptions{look: lookFlags{cluster: cluster}, ending: ending{with: "kill"}}
	cmd := &cobra.Command{
		Use: "kill APP...", Short: "End applications that run or wait", Args: someApplications,
		Long: `End applications whose drivers run or wait: their driver pods are deleted, those and no others that may bear their names by then, and
with them go their executors, and their logs. The command waits until they are gone. One that has ended already is left as it is,
which is told and is no failure: what it says of its run, and its log, stay.

A killed run is as if it had not been: who submits it again with the same run key runs it again.
A launcher that waits for it ends with exit code 83, and an operator may start it again, which is told.

` + naming,
		Example: `  sparkctl kill pi-driver -n jobs

  # without waiting, with 10 seconds to end
  sparkctl kill daily/sales --grace-period 10 --wait=false`,
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), env, args) },
	}
	o.look.add(cmd)
	flags := cmd.Flags()
	flags.Int64Var(&o.grace, "grace-period", -1, "seconds that a driver may take to end; -1 is what its pod says, mostly 30")
	flags.BoolVar(&o.force, "force", false, "with --grace-period 0: forget the pod at once, for a node that is gone; where it is not, the driver may run on unseen")
	o.ending.add(cmd)
	return cmd
}

func (o *killOptions) run(ctx context.Context, env cli.Env, names []string) error {
	if err := o.check(); err != nil {
		return err
	}
	l, err := o.look.look(env)
	if err != nil {
		return err
	}
	pods, err := l.findAll(ctx, names)
	if err != nil {
		return err
	}
	var alive []doomed
	var left []view.Deed
	for _, pod := range pods {
		a := view.Of(pod, nil, l.now)
		if driver.Over(pod, driver.Container(pod, "")) {
			l.note("%s has ended already: %s; remove what is left of it with: sparkctl delete %[1]s", a.FullName(), a.State)
			left = append(left, view.Deed{Application: a, Done: view.Left})
			continue
		}
		l.warnOfSuccessors(pod, a)
		alive = append(alive, doomed{pod, a, view.Killed, view.Killing, true})
	}
	deeds, failed := o.ending.end(ctx, l, alive)
	deeds.Items = append(deeds.Items, left...)
	if err := l.writeDeeds(deeds); err != nil {
		return err
	}
	return failed
}

// check checks the flags.
func (o *killOptions) check() error {
	switch {
	case o.grace < -1:
		return problem.Usage("give a number of seconds, or -1 for what the pod says", "--grace-period %d is negative", o.grace)
	case o.grace == 0 && !o.force:
		return problem.Usage("give --grace-period 1, or --force too where the node is gone",
			"--grace-period 0 forgets the pod and does not wait for its end: the driver may run on unseen")
	case o.force && o.grace != 0:
		return problem.Usage("leave --force out, or give --grace-period 0 too", "--force is for --grace-period 0 only")
	}
	if o.grace >= 0 {
		o.ending.grace = &o.grace
	}
	return o.ending.check()
}

// warnOfSuccessors says who may start an application again that is to go.
func (l *looking) warnOfSuccessors(pod *corev1.Pod, a view.Application) {
	if operator, command := a.Operator(); operator != "" {
		l.note("%s belongs to SparkApplication %s of the %s operator, which may start it again; for good ends it: %s", a.FullName(), a.Resource, operator, command)
	}
	if _, announced := driver.Gates(pod); announced && l.now.Sub(pod.CreationTimestamp.Time) < time.Hour {
		l.note("%s has been announced and not been started; its launcher, if it is there, will announce it again", a.FullName())
	}
}
