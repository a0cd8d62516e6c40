// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"context"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/sensor"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/submitter/manifest"
	"github.com/sparkctl/sparkctl/submitter/sparksubmit"
	"github.com/sparkctl/sparkctl/xcom"
)

// submitterOptions is what submitter was asked to do.
type submitterOptions struct {
	cluster   clusterFlags
	result    resultFlags
	follow    followFlags
	engine    engineFlags
	run       runFlags
	wait      bool
	logFormat string
	// metricsAddress is where metrics are served; empty: nowhere.
	metricsAddress string
	// file is that of a SparkApplication; empty: argv is spark-submit's.
	file string
	argv []string
}

// Submitter runs the submitter and returns its exit code.
func Submitter(ctx context.Context, env Env) int {
	if code, ours := passThrough(env); ours {
		return code
	}
	cmd, opts := newSubmitterCommand(env)
	code := int(xcom.ExitUsage)
	return execute(ctx, env, cmd, &opts.result, xcom.Result{State: xcom.NotSubmitted, ExitCode: &code})
}

func newSubmitterCommand(env Env) (*cobra.Command, *submitterOptions) {
	opts := &submitterOptions{}
	cmd := newRoot(env, "submitter [flags] {-- SPARK-SUBMIT-ARGUMENTS | -f FILE [-- ARGUMENTS]}", "Submit a Spark application to Kubernetes",
		`Submit a Spark application to Kubernetes in cluster mode, confirm that its driver exists, and
write a result for the orchestrator that runs this container.

The driver is made without a JVM, as spark-submit would make it; where that is not possible spark-submit is run, if it is here (--engine).

What stands after -- are spark-submit's own arguments. --master, --deploy-mode and the driver pod's
name need not be given. With -f the application is that of a file, and what stands after -- takes the place of its own
arguments. Each flag can also be given as an environment variable: --run-key as SPARKCTL_RUN_KEY.`,
		`  # submit, and end when the driver exists
  submitter --run-key etl/2026-11-21 --spark-version 4.0.5 -- --class org.example.Etl --conf spark.kubernetes.container.image=etl:1.4 local:///opt/etl.jar 2026-11-21

  # submit, follow the driver to its end, and end with its exit code
  submitter --wait -- --conf spark.kubernetes.container.image=spark:4.0.1 local:///opt/spark/examples/src/main/python/pi.py

  # a job file, with the arguments of this run
  submitter --wait --run-key sales/2026-11-21 -f /jobs/sales.json -- --day 2026-11-21`,
		"; spark-submit's own options stand after --")
	flags := cmd.Flags()
	flags.StringVarP(&opts.file, "filename", "f", "", "file of one SparkApplication, of either operator's kind, YAML or JSON, in place of spark-submit's arguments")
	opts.run.add(flags)
	flags.BoolVar(&opts.wait, "wait", false, "follow the driver to its end, and end with its exit code")
	opts.engine.add(flags)
	opts.cluster.add(flags)
	opts.result.add(flags)
	opts.follow.add(flags, sensor.CancelAuto, 2*time.Minute)
	flags.StringVar(&opts.metricsAddress, "metrics-address", "", metricsUsage)
	flags.StringVar(&opts.logFormat, "log-format", "text", "text or json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if nothing := opts.file != "" && len(args) == 0; cmd.ArgsLenAtDash() != 0 && !nothing {
			return missingDash(args)
		}
		opts.argv = args
		return runSubmitter(cmd.Context(), env, opts)
	}
	cmd.Args = cobra.ArbitraryArgs
	cmd.AddCommand(newSweepCommand(env), newLauncherRBACCommand(env))
	return cmd, opts
}

func missingDash(args []string) error {
	const hint = "write: submitter [flags] -- --class CLASS local:///path/to/app.jar"
	if len(args) == 0 {
		return problem.Usage(hint, "nothing to submit: spark-submit's arguments are missing")
	}
	return problem.Usage(hint, "%q stands before --, where only flags of submitter can", args[0])
}

// submission is one run of the submitter once everything has been checked.
type submission struct {
	*Launch

	opts     *submitterOptions
	onCancel sensor.OnCancel
	outbox   *outbox
}

func runSubmitter(ctx context.Context, env Env, opts *submitterOptions) (err error) {
	s, err := prepare(env, opts)
	if err != nil {
		return err
	}
	meter, err := startMeter(ctx, s.log, "submitter", opts.metricsAddress, env.Start)
	if err != nil {
		return err
	}
	defer meter.stop(ctx)
	meter.observe(s.cluster.Config)
	if s.client, err = kube.NewClient(s.cluster.Config); err != nil {
		return err
	}
	if err = s.name(ctx); err != nil {
		return err
	}
	base := xcom.Result{
		Schema: xcom.Schema, State: xcom.Submitting, ApplicationName: s.job.Application.Name(), Engine: s.engine().Name(),
		RunKey: s.plan.Run.Key, RunKeySource: string(s.found.Source), Generation: s.plan.Run.Generation, Attempt: s.plan.Run.Attempt,
	}
	if s.outbox, err = opts.result.open(env, s.log, base); err != nil {
		return err
	}
	s.outbox.meter = meter
	meter.result(base)
	defer s.outbox.rescue(xcom.ExitRetry, &err)
	code, failure := s.run(ctx, base)
	s.outbox.finish()
	if failure != nil {
		return &exit{code, failure}
	}
	return ended(code, s.outbox.latest())
}

// prepare reads and checks everything; nothing has been sent when it returns.
func prepare(env Env, opts *submitterOptions) (*submission, error) {
	log, err := newLog(env.Stderr, "submitter", opts.logFormat)
	if err != nil {
		return nil, err
	}
	onCancel, err := opts.follow.check()
	if err != nil {
		return nil, err
	}
	l := &Launch{
		env: env, log: log, where: opts.cluster, run: opts.run, maker: opts.engine,
		apiTimeout: opts.follow.apiTimeout, grace: opts.follow.grace, childOut: env.Stdout,
	}
	l.leave = func(ctx context.Context) bool {
		kill, _ := onCancel.Kills(l.own.read(ctx, l.client))
		return !kill
	}
	job, err := opts.job()
	if err != nil {
		return nil, err
	}
	if err := l.check(job); err != nil {
		return nil, err
	}
	if err := opts.result.check(); err != nil {
		return nil, err
	}
	if l.cluster, err = opts.cluster.connect(env, "submitter", l.job.Application.Master()); err != nil {
		return nil, err
	}
	return &submission{Launch: l, opts: opts, onCancel: onCancel}, l.choose()
}

// job is what is to be submitted. Every error is a [*problem.Error] with exit code 2.
func (o *submitterOptions) job() (Job, error) {
	if o.file == "" {
		return JobOfArguments(o.argv)
	}
	text, err := os.ReadFile(o.file)
	if err != nil {
		return Job{}, problem.Usage("check the path given to --filename; it must be mounted into the launcher's pod", "read file: %w", err)
	}
	found, err := manifest.Read(text, TemplateFolder)
	switch {
	case err != nil:
		return Job{}, problem.Usage(hintOf(err), "%s: %w", o.file, err)
	case len(found) != 1:
		return Job{}, problem.Usage("put each into a file of its own, and submit one at a time", "%s holds %d SparkApplications", o.file, len(found))
	}
	job, err := JobOfManifest(found[0])
	if len(o.argv) > 0 {
		job.Application.Arguments = o.argv
	}
	return job, err
}

// run submits and, if asked, follows. The error is for Report.
func (s *submission) run(ctx context.Context, base xcom.Result) (xcom.ExitCode, error) {
	s.log.Info("submitting", "run_key", s.plan.Run.Key, "namespace", s.plan.Namespace, "server", s.cluster.Config.Host)
	s.log.Info(s.chosen.told)
	doing := "running "
	if s.chosen.path == "" {
		doing = "making what would be made by "
	}
	s.log.Info(doing + sparksubmit.Describe(s.plan) + ", and with the settings of this run")
	found, err := s.submitter().Submit(ctx, s.plan)
	reap()
	if err != nil {
		return s.refused(base, err)
	}
	pod := found.Pod
	base.Attempt, base.Adopted = found.Attempt, found.Adopted
	base.Timings = &xcom.Timings{Submit: float64(time.Since(s.env.Start).Milliseconds()) / 1000}
	f := &following{
		env: s.env, log: s.log, outbox: s.outbox, client: s.client, flags: s.opts.follow, onCancel: s.onCancel, own: s.own,
		target:    sensor.Target{Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID},
		container: s.plan.Container, base: base,
	}
	s.submitted(f, found)
	switch {
	case asked(ctx):
		return f.cancel(ctx, pod), nil
	case s.opts.wait:
		return f.run(ctx), nil
	default:
		return xcom.ExitOK, nil
	}
}

// submitted writes down and tells that the driver exists. A driver that has ended already is told as what it has become.
func (s *submission) submitted(f *following, found submitter.Outcome) {
	pod := found.Pod
	r := sensor.Describe(f.base, pod, f.container)
	r.State = xcom.Submitted
	if v := sensor.Judge(sensor.Observation{Pod: pod, Now: time.Now()}, sensor.Criteria{Container: f.container}); v.Final {
		r.State, r.Cause, r.ExitCode = v.State, v.Cause, v.DriverCode
	}
	s.outbox.put(r)
	told := "the driver exists"
	if found.Adopted {
		told = "the run has a driver already: it is taken over"
	}
	s.log.Info(told, "driver", pod.Namespace+"/"+pod.Name, "uid", string(pod.UID), "attempt", found.Attempt, "state", string(r.State), "application_id", r.ApplicationID,
		"after", time.Since(s.env.Start).Round(time.Millisecond).String())
}

// refused writes down that no driver was made.
func (s *submission) refused(base xcom.Result, err error) (xcom.ExitCode, error) {
	code := codeOf(err)
	number := int(code)
	base.State, base.Cause, base.ExitCode = xcom.NotSubmitted, causeOf(err), &number
	s.outbox.put(base)
	return code, err
}
