// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/xcom"
)

// submitOptions are what submit and rerun are asked for.
type submitOptions struct {
	launch cli.LaunchFlags
	dryRun string
	output string
	follow followOptions

	format view.Format
}

func (o *submitOptions) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	o.follow.add(flags)
	flags.StringVar(&o.dryRun, "dry-run", dryNone, "none, client (check, and show what would be made), or server (have the API server check all of it, and keep nothing)")
	flags.Lookup("dry-run").NoOptDefVal = dryClient
	flags.StringVarP(&o.output, "output", "o", "", "how to write what was submitted: "+view.Formats)
	o.launch.AddMaker(flags)
}

func newSubmitCommand(env cli.Env, cluster *cli.ClusterFlags) *cobra.Command {
	o := submitOptions{launch: cli.LaunchFlags{Cluster: cluster}}
	var jobs jobFlags
	cmd := &cobra.Command{
		Use: "submit {-f FILE [-- ARGUMENTS] | -- SPARK-SUBMIT-ARGUMENTS}", Aliases: []string{"run"}, Short: "Submit Spark applications",
		Long: `Submit the SparkApplications of a file, of either operator's kind and without any operator, or the application that spark-submit's
arguments name. All of them are checked before any is submitted, in the order of the file. Behind a file of one application, what stands
after -- takes the place of its own arguments.

Each time is a new run, unless --run-key names it: the same key is the same run, and has at most one driver. Where there are several, the
applications have their names behind the key.

Without --wait the command ends when the drivers exist. With it, it ends when they have ended, with the exit code that tells how: 0 for
success, the driver's own code for a failure, of several that of the first in the file, and the others that this prints: sparkctl exit-codes.
Interrupting the wait leaves the applications running, unless --on-cancel=kill says otherwise; interrupting the submission leaves nothing.`,
		Example: `  sparkctl submit -f etl.yaml --wait

  # the same application for another day
  sparkctl submit -f etl.yaml -- --day 2026-11-20

  # spark-submit's arguments as they are, in a job that may be retried
  sparkctl submit --run-key daily-2026-11-21 -- --class org.example.Etl --conf spark.kubernetes.container.image=repo/spark-etl:4.0.1 local:///opt/etl.jar

  # will the cluster take it?
  sparkctl submit -f etl.yaml --dry-run=server`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(env, cmd); err != nil {
				return err
			}
			found, err := jobs.read(env, cmd, args)
			if err != nil {
				return err
			}
			return o.run(cmd.Context(), env, found)
		},
	}
	cmd.Flags().SortFlags = false
	jobs.add(cmd)
	o.launch.AddRun(cmd.Flags())
	o.add(cmd)
	o.launch.AddPolicy(cmd.Flags())
	return cmd
}

// check refuses values of flags that mean nothing.
func (o *submitOptions) check(env cli.Env, cmd *cobra.Command) error {
	err := setDefaults(env, cmd, &o.launch)
	if err != nil {
		return err
	}
	if o.format, err = view.ParseFormat(o.output); err != nil {
		return problem.Usage("give -o one of "+view.Formats, "--output: %w", err)
	}
	switch o.dryRun {
	case dryNone:
	case dryClient, dryServer:
		if o.follow.wait || o.follow.logs {
			return problem.Usage("leave one of them out", "--dry-run submits nothing that --wait or --follow-logs could follow")
		}
	default:
		return problem.Usage("give --dry-run=client or --dry-run=server", "--dry-run: %q is not known", o.dryRun)
	}
	return o.follow.check()
}

// run checks all jobs and submits them.
func (o *submitOptions) run(ctx context.Context, env cli.Env, jobs []cli.Job) error {
	place := cli.InCluster
	if o.dryRun == dryClient {
		place = cli.Anywhere
	}
	log := cli.Warnings(env, "sparkctl")
	var launches []*cli.Launch
	for _, job := range jobs {
		l, err := o.launch.Launch(env, log, job, place)
		if err == nil {
			step := ""
			if len(jobs) > 1 {
				step = job.Name
			}
			err = l.Name(step, o.dryRun == dryClient)
		}
		if err != nil {
			return aboutJob(jobs, job, err)
		}
		launches = append(launches, l)
	}
	switch o.dryRun {
	case dryClient:
		return o.showClient(env, launches)
	case dryServer:
		return o.showServer(ctx, env, launches)
	}
	return o.submit(ctx, env, launches)
}

// submitted is an application that was submitted, and what became of it.
type submitted struct {
	launch  *cli.Launch
	outcome submitter.Outcome
	view    view.Application
	code    xcom.ExitCode
	left    bool
}

// submit submits, one after the other; the first that is refused ends it.
func (o *submitOptions) submit(ctx context.Context, env cli.Env, launches []*cli.Launch) error {
	var all []*submitted
	var failed error
	for i, l := range launches {
		found, err := l.Submit(ctx)
		if err != nil {
			failed = forPeople(aboutLaunch(launches, l, err))
			if i > 0 {
				tell(env, "submitted %d of %d applications; what comes after the one that failed was not tried", i, len(launches))
			}
			break
		}
		s := &submitted{launch: l, outcome: found, view: view.Of(found.Pod, nil, time.Now())}
		s.tell(env)
		all = append(all, s)
	}
	if o.follow.wait && failed == nil {
		o.follow.all(ctx, env, all)
	}
	if err := o.write(env, all, len(launches)); err != nil && failed == nil {
		return err
	}
	if failed != nil || !o.follow.wait {
		return failed
	}
	return o.follow.end(ctx, all)
}

// tell says on standard error what was done.
func (s *submitted) tell(env cli.Env) {
	run := s.launch.Plan().Run.Key
	switch {
	case s.outcome.Adopted:
		tell(env, "run %s has driver %s already (%s): it is taken over", run, s.view.FullName(), s.view.State)
	case s.launch.Fresh():
		tell(env, "submitted %s, a new run: %s", s.view.FullName(), run)
	default:
		tell(env, "submitted %s, attempt %d of run %s", s.view.FullName(), s.outcome.Attempt, run)
	}
}

// tell writes a line that is no data.
func tell(env cli.Env, format string, args ...any) {
	// A terminal that is gone ends nothing.
	_, _ = fmt.Fprintf(env.Stderr, "sparkctl: "+format+"\n", args...)
}

// write writes what was submitted: one application as itself, several as a list.
func (o *submitOptions) write(env cli.Env, all []*submitted, asked int) error {
	list := view.List{Items: []view.Application{}}
	for _, s := range all {
		list.Items = append(list.Items, calling(env, s.view))
	}
	table, wide := o.format.Table()
	switch {
	case table && len(all) == 0:
		return nil
	case table:
		return list.WriteTable(env.Stdout, time.Now(), wide, true, coloured(env))
	case asked == 1 && len(all) == 0:
		return nil
	case asked == 1:
		return o.format.Write(env.Stdout, list.Items[0], list.Names())
	default:
		return o.format.Write(env.Stdout, list, list.Names())
	}
}

// aboutLaunch says which of several jobs an error is about.
func aboutLaunch(launches []*cli.Launch, l *cli.Launch, err error) error {
	return aboutJob(make([]cli.Job, len(launches)), l.Job(), err)
}

// forPeople has an error name the commands of this program, where it names a pod's programs and Roles.
func forPeople(err error) error {
	wrong, is := errors.AsType[*problem.Error](err)
	if !is {
		return err
	}
	told := *wrong
	told.Err = err
	told.Cause.Hint = view.Advice(told.Cause.Hint)
	if told.Cause.Category == xcom.CategoryPermission {
		told.Cause.Hint = "ask for the Role that this prints: sparkctl rbac --for launcher"
	}
	return &told
}
