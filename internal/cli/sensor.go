// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/sensor"
	"github.com/sparkctl/sparkctl/xcom"
)

// EnvResult is the environment variable that holds a submitter's result for the sensor.
const EnvResult = envPrefix + "RESULT"

// sensorOptions is what sensor was asked to do.
type sensorOptions struct {
	cluster    clusterFlags
	result     resultFlags
	follow     followFlags
	pod, uid   string
	container  string
	fromResult string
	logFormat  string
	// waitForResult is how long fromResult may take to name a driver; 0: it must do so at once.
	waitForResult  time.Duration
	metricsAddress string
}

// Sensor runs the sensor and returns its exit code.
func Sensor(ctx context.Context, env Env) int {
	cmd, opts := newSensorCommand(env)
	return execute(ctx, env, cmd, &opts.result, xcom.Result{State: xcom.Unknown})
}

func newSensorCommand(env Env) (*cobra.Command, *sensorOptions) {
	opts := &sensorOptions{}
	cmd := newRoot(env, "sensor [flags]", "Follow a Spark driver to its end and tell how it ended",
		`Follow a Spark driver to its end, end with an exit code that says how it ended, and write a result
for the orchestrator that runs this container.

The driver is named by flags, or by the result of a submitter: in a file, on standard input, or in the
environment variable SPARKCTL_RESULT. Each flag can also be given as an environment variable: --pod as SPARKCTL_POD.`,
		`  # follow the driver that a submitter made
  sensor --from-result return.json

  # the same from the environment; Airflow gives it there as {{ ti.xcom_pull(task_ids='submit') | tojson }}
  SPARKCTL_RESULT="$(cat return.json)" sensor

  # follow any Spark driver
  sensor -n jobs --pod etl-0123456789-1-driver`, "")
	flags := cmd.Flags()
	flags.StringVar(&opts.pod, "pod", "", "name of the driver pod")
	flags.StringVar(&opts.uid, "uid", "", "UID of the driver pod; another pod of that name is not the driver")
	flags.StringVar(&opts.container, "container", "", "name of the driver's container; without it, it is found")
	flags.StringVar(&opts.fromResult, "from-result", "", "file that holds a submitter's result, - for standard input")
	flags.DurationVar(&opts.waitForResult, "wait-for-result", 0, "how long the file may take to come and to name a driver, when a launcher beside us writes it; 0 is not at all")
	opts.cluster.add(flags)
	opts.result.add(flags)
	opts.follow.add(flags, sensor.CancelLeave, time.Hour)
	flags.StringVar(&opts.metricsAddress, "metrics-address", "", metricsUsage)
	flags.StringVar(&opts.logFormat, "log-format", "text", "text or json")
	cmd.AddCommand(newRBACCommand(env))
	cmd.Args = func(_ *cobra.Command, args []string) error {
		if len(args) > 0 {
			return problem.Usage("name the driver with --pod; see all flags with: sensor --help", "sensor takes no arguments, but was given %q", args[0])
		}
		return nil
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return runSensor(cmd.Context(), env, opts) }
	return cmd, opts
}

func runSensor(ctx context.Context, env Env, opts *sensorOptions) (err error) {
	log, err := newLog(env.Stderr, "sensor", opts.logFormat)
	if err != nil {
		return err
	}
	if _, err := opts.follow.check(); err != nil {
		return err
	}
	if err := opts.check(); err != nil {
		return err
	}
	meter, err := startMeter(ctx, log, "sensor", opts.metricsAddress, env.Start)
	if err != nil {
		return err
	}
	defer meter.stop(ctx)
	base, err := opts.base(ctx, env, log)
	if err != nil {
		return opts.undecided(env, log, err)
	}
	if base.PodName == "" || base.State.Final() {
		return opts.repeat(env, log, base)
	}
	seen := opts.result.earlier()
	if seen.of(base) && seen.settled() {
		log.Info("an earlier life of this sensor has seen the end of this driver; it is handed over again", "uid", base.PodUID)
		return opts.repeat(env, log, seen.result)
	}
	if !seen.of(base) {
		seen = memory{result: base}
	}
	if err := checkTarget(base); err != nil {
		return err
	}
	return opts.followDriver(ctx, env, log, meter, base, seen)
}

// followDriver follows the driver that base names; seen is what is known of it from before.
func (o *sensorOptions) followDriver(ctx context.Context, env Env, log *slog.Logger, meter meter, base xcom.Result, seen memory) (err error) {
	onCancel, err := o.follow.check()
	if err != nil {
		return err
	}
	cluster, err := o.cluster.connect(env, "sensor", "")
	if err != nil {
		return err
	}
	if base.Namespace == "" {
		base.Namespace = cluster.Namespace
	}
	meter.observe(cluster.Config)
	client, err := kube.NewClient(cluster.Config)
	if err != nil {
		return err
	}
	box, err := o.result.open(env, log, base)
	if err != nil {
		return err
	}
	defer box.rescue(xcom.ExitBlind, &err)
	box.meter = meter
	meter.result(base)
	log.Info("following the driver", "driver", base.Namespace+"/"+base.PodName, "uid", base.PodUID, "server", cluster.Config.Host)
	f := &following{
		env: env, log: log, outbox: box, client: client, flags: o.follow, onCancel: onCancel, own: self(env, cluster),
		target:    sensor.Target{Namespace: base.Namespace, Name: base.PodName, UID: types.UID(base.PodUID)},
		container: o.container, base: base, memory: seen,
	}
	code := f.run(ctx)
	box.finish()
	return ended(code, box.latest())
}

// check refuses flags that mean nothing.
func (o *sensorOptions) check() error {
	if err := o.checkWait(); err != nil {
		return err
	}
	return o.result.check()
}

// undecided ends a sensor that was never told of a driver: what kept it from that is its result, unless it
// is a mistake in usage.
func (o *sensorOptions) undecided(env Env, log *slog.Logger, why error) error {
	code := codeOf(why)
	if code == xcom.ExitUsage {
		return why
	}
	r := xcom.Result{Schema: xcom.Schema, State: xcom.Unknown, Cause: causeOf(why)}
	box, err := o.result.open(env, log, r)
	if err != nil {
		return err
	}
	box.finish()
	return &exit{code, why}
}

// ended is the end of a program with a verdict: what there is to explain is an error for Report.
func ended(code xcom.ExitCode, r xcom.Result) error {
	if code == xcom.ExitOK || r.Cause == nil {
		return &exit{code: code}
	}
	return &exit{code, &problem.Error{Code: code, Cause: *r.Cause}}
}

// base is the result to start from: what the submitter said of the driver, or what the flags say.
func (o *sensorOptions) base(ctx context.Context, env Env, log *slog.Logger) (xcom.Result, error) {
	text, given, err := o.given(ctx, env, log)
	if err != nil {
		return xcom.Result{}, err
	}
	if o.pod != "" {
		if given {
			return xcom.Result{}, problem.Usage("give one of them", "the driver is named twice: by --pod and by a result")
		}
		return xcom.Result{Schema: xcom.Schema, State: xcom.Unknown, PodName: o.pod, PodUID: o.uid, Namespace: o.cluster.namespace}, nil
	}
	if !given {
		return xcom.Result{}, problem.Usage("give --pod NAME, or --from-result FILE, or set "+EnvResult, "which driver to follow was not said")
	}
	r, err := xcom.Read(text)
	if err != nil {
		return r, err
	}
	for _, named := range []struct{ flag, given, result string }{{"--namespace", o.cluster.namespace, r.Namespace}, {"--uid", o.uid, r.PodUID}} {
		if named.given != "" && named.result != "" && named.given != named.result {
			return r, problem.Usage("take the flag out", "%s says %q and the result says %q", named.flag, named.given, named.result)
		}
	}
	r.Namespace = cmp.Or(r.Namespace, o.cluster.namespace)
	r.PodUID = cmp.Or(r.PodUID, o.uid)
	return r, nil
}

// given returns the submitter's result, if there is one.
func (o *sensorOptions) given(ctx context.Context, env Env, log *slog.Logger) (text []byte, given bool, err error) {
	switch {
	case o.waitForResult > 0:
		text, err = (&resultWait{path: o.fromResult, limit: o.waitForResult}).await(ctx, log)
		return text, true, err
	case o.fromResult == "-":
		text, err = readUntilAsked(ctx, env.Stdin)
	case o.fromResult != "":
		text, err = readResult(o.fromResult)
	case o.pod == "" && env.Getenv(EnvResult) != "":
		text = []byte(env.Getenv(EnvResult))
	default:
		return nil, false, nil
	}
	if err != nil && !asked(ctx) {
		err = problem.Usage("check what --from-result names", "read result: %w", err)
	}
	return text, true, err
}

// readUntilAsked reads a stream to its end, or until the process is asked to end: nobody may be
// writing to it any more.
func readUntilAsked(ctx context.Context, stream io.Reader) ([]byte, error) {
	type read struct {
		text []byte
		err  error
	}
	done := make(chan read, 1)
	go func() {
		text, err := io.ReadAll(io.LimitReader(stream, xcom.MaxRead+1))
		done <- read{text, err}
	}()
	select {
	case all := <-done:
		return all.text, all.err
	case <-ctx.Done():
		return nil, problem.New(xcom.ExitCancelled, xcom.CategoryCancelled, "Cancelled", "", "stopped while reading a result from standard input: %w", context.Cause(ctx))
	}
}

func checkTarget(r xcom.Result) error {
	if wrong := validation.IsDNS1123Subdomain(r.PodName); wrong != nil {
		return problem.Usage("check --pod", "%q cannot be a pod's name: %s", r.PodName, problem.Rule(wrong))
	}
	if wrong := validation.IsDNS1123Label(r.Namespace); r.Namespace != "" && wrong != nil {
		return problem.Usage("check --namespace", "%q cannot be a namespace's name: %s", r.Namespace, problem.Rule(wrong))
	}
	return nil
}

// repeat hands on a result that names no driver, or that is final: there is nothing to follow.
func (o *sensorOptions) repeat(env Env, log *slog.Logger, base xcom.Result) error {
	if !base.State.Final() {
		return problem.Usage("look at the submitter's log", "the submitter's result names no driver: it stopped in state %s", base.State)
	}
	box, err := o.result.open(env, log, base)
	if err != nil {
		return err
	}
	log.Info("the result given is final: " + Sentence(base))
	box.put(base)
	box.finish()
	return ended(base.Exit(), base)
}
