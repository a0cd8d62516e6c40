// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
	"github.com/sparkctl/sparkctl/sensor"
	"github.com/sparkctl/sparkctl/xcom"
)

// What wait can wait for.
const (
	forDone    = "done"
	forRunning = "running"
)

// waitOptions are what wait is asked for.
type waitOptions struct {
	look       lookFlags
	until      string
	any, all   bool
	timeout    time.Duration
	stuck      time.Duration
	apiTimeout time.Duration
}

func newWaitCommand(env cli.Env, cluster *cli.ClusterFlags) *cobra.Command {
	o := waitOptions{look: lookFlags{cluster: cluster}}
	cmd := &cobra.Command{
		Use: "wait APP...", Short: "Wait for the end, or the start, of applications", Args: someApplications,
		Long: `Wait until all the applications, or with --any one of them, have ended, well or badly, and end with the exit code that tells
how: 0 for success, the driver's own code for a failure, and the others that this prints: sparkctl exit-codes. Of several that failed
the code is that of the first one named. --for=running is over as soon as the driver runs; one that ends before that has its code.

` + naming,
		Example: `  sparkctl wait pi-driver -n jobs --timeout 2h

  # as soon as one of two has ended
  sparkctl wait --any daily/sales daily/stock`,
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), env, args) },
	}
	o.look.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.until, "for", forDone, "what to wait for: done or running")
	flags.BoolVar(&o.any, "any", false, "one of the applications is enough")
	flags.BoolVar(&o.all, "all", false, "wait for all of the applications, which is the default")
	flags.DurationVar(&o.timeout, "timeout", 0, "how long to wait; 0 is for ever. When it is over the exit code is 84, and the applications go on")
	flags.DurationVar(&o.stuck, "stuck-timeout", 2*time.Minute, "how long a driver may wait for what does not come by itself, such as an image or a Secret that is not there; 0 is for ever")
	addAPITimeout(flags, &o.apiTimeout, "")
	cmd.MarkFlagsMutuallyExclusive("any", "all")
	return cmd
}

// waited is what became of the waiting for one application.
type waited struct {
	application view.Application
	// done: what was waited for came, or cannot come any more.
	done bool
	code xcom.ExitCode
}

func (o *waitOptions) run(ctx context.Context, env cli.Env, names []string) error {
	if o.until != forDone && o.until != forRunning {
		return problem.Usage("give --for=done or --for=running", "--for: %q is not known", o.until)
	}
	if o.timeout < 0 || o.stuck < 0 {
		return problem.Usage("give a length of time such as 90s or 2h", "--timeout and --stuck-timeout cannot be negative")
	}
	l, err := o.look.look(env)
	if err != nil {
		return err
	}
	log, err := cli.Log(env, "sparkctl")
	if err != nil {
		return err
	}
	pods, err := l.findAll(ctx, names)
	if err != nil {
		return err
	}
	all := o.wait(ctx, l, log, pods)
	l.now = time.Now()
	if err := l.writeWaited(all); err != nil {
		return err
	}
	return o.end(ctx, all)
}

// findAll reads the driver pods of applications, each once.
func (l *looking) findAll(ctx context.Context, names []string) ([]*corev1.Pod, error) {
	var pods []*corev1.Pod
	seen := map[string]bool{}
	for _, name := range names {
		pod, err := l.find(ctx, name)
		if err != nil {
			return nil, err
		}
		if !seen[string(pod.UID)] {
			seen[string(pod.UID)] = true
			pods = append(pods, pod)
		}
	}
	return pods, nil
}

// wait follows the drivers until what is waited for has come, or ctx or the time has ended.
func (o *waitOptions) wait(ctx context.Context, l *looking, log *slog.Logger, pods []*corev1.Pod) []waited {
	waiting, enough := context.WithCancel(ctx)
	defer enough()
	if o.timeout > 0 {
		var stop context.CancelFunc
		waiting, stop = context.WithTimeout(waiting, o.timeout)
		defer stop()
	}
	all := make([]waited, len(pods))
	var group sync.WaitGroup
	for i, pod := range pods {
		if o.any && o.reached(l.judge(pod)) {
			// Of those that are there already, the first named counts, not the one whose answer comes first.
			return o.only(ctx, l, log, pods, i)
		}
	}
	for i, pod := range pods {
		group.Go(func() {
			all[i] = o.follow(ctx, waiting, l, log, pod)
			if o.any && all[i].done {
				enough()
			}
		})
	}
	group.Wait()
	return all
}

// only is the end of a waiting that one application has ended before it began.
func (o *waitOptions) only(ctx context.Context, l *looking, log *slog.Logger, pods []*corev1.Pod, there int) []waited {
	all := make([]waited, len(pods))
	for i, pod := range pods {
		all[i].application = view.Of(pod, nil, l.now)
	}
	all[there] = o.follow(ctx, ctx, l, log, pods[there])
	return all
}

// judge judges a pod as it was read.
func (l *looking) judge(pod *corev1.Pod) sensor.Verdict {
	return sensor.Judge(sensor.Observation{Pod: pod, Now: l.now}, sensor.Criteria{})
}

// reached reports whether there is nothing to wait for any more.
func (o *waitOptions) reached(v sensor.Verdict) bool {
	return v.Final || o.until == forRunning && v.State == xcom.Running
}

// follow follows one driver for as long as waiting lasts. What is read about its end is read with ctx.
func (o *waitOptions) follow(ctx, waiting context.Context, l *looking, log *slog.Logger, pod *corev1.Pod) waited {
	waiting, reached := context.WithCancel(waiting)
	defer reached()
	runs, told := false, ""
	follower := sensor.Follower{
		Pods: l.client, Clues: l.client, APITimeout: o.apiTimeout, Log: log,
		Target:   sensor.Target{Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID},
		Criteria: sensor.Criteria{StuckTimeout: o.stuck},
		Changed: func(now *corev1.Pod, v sensor.Verdict) {
			pod = now
			if text := said(now, v); text != told {
				told = text
				log.Info(text)
			}
			if o.until == forRunning && v.State == xcom.Running {
				runs = true
				reached()
			}
		},
	}
	last, verdict, err := follower.Follow(waiting)
	if last != nil {
		pod = last
	}
	switch {
	case runs:
		return waited{view.Judged(pod, nil, verdict, time.Now()), true, xcom.ExitOK}
	case err != nil:
		return waited{application: view.Judged(pod, nil, verdict, time.Now())}
	}
	verdict = l.explained(ctx, pod, verdict)
	return waited{view.Judged(pod, nil, verdict, time.Now()), true, verdict.ExitCode}
}

// explained is a final verdict with what events and the end of the log tell of its cause.
func (l *looking) explained(ctx context.Context, pod *corev1.Pod, verdict sensor.Verdict) sensor.Verdict {
	var events []corev1.Event
	if verdict.Killed() {
		events = l.events(ctx, pod)
	}
	return l.explainedBy(ctx, pod, verdict, events)
}

// explainedBy is the same with events that have been read.
func (l *looking) explainedBy(ctx context.Context, pod *corev1.Pod, verdict sensor.Verdict, events []corev1.Event) sensor.Verdict {
	verdict = verdict.KilledFor(events)
	if verdict.Unexplained && verdict.DriverCode != nil {
		verdict = verdict.Explained(l.lastLines(ctx, pod))
	}
	return verdict
}

// said is what a driver is doing, in one sentence.
func said(pod *corev1.Pod, v sensor.Verdict) string {
	text := fmt.Sprintf("%s/%s is %s", pod.Namespace, pod.Name, v.State)
	if v.Cause != nil {
		text += ": " + v.Cause.Reason + ": " + v.Cause.Message
	}
	return text
}

// writeWaited writes how the applications stand.
func (l *looking) writeWaited(all []waited) error {
	list := view.List{Items: []view.Application{}}
	for _, w := range all {
		list.Items = append(list.Items, calling(l.env, w.application))
	}
	table, wide := l.format.Table()
	if !table {
		return l.format.Write(l.env.Stdout, list, list.Names())
	}
	return list.WriteTable(l.env.Stdout, l.now, wide, true, l.colours)
}

// end is how the program ends.
func (o *waitOptions) end(ctx context.Context, all []waited) error {
	code, over := outcome(all, o.any)
	switch {
	case over:
		return cli.Ended(code)
	case ctx.Err() != nil:
		return problem.New(xcom.ExitCancelled, xcom.CategoryCancelled, "Cancelled", "the applications go on", "stopped waiting: %w", context.Cause(ctx))
	case code != xcom.ExitOK:
		// Some have failed and the time is over for others: a failure tells more.
		return cli.Ended(code)
	default:
		return problem.New(xcom.ExitDeadline, xcom.CategoryDeadline, "Timeout", "raise --timeout; why one is not there yet tells: sparkctl explain APP",
			"what is waited for did not come within %s; the applications go on", o.timeout)
	}
}

// outcome is the exit code of a waiting, and whether it is over: of all, the first code that is no success; of any, that of the first that is done.
func outcome(all []waited, any bool) (code xcom.ExitCode, over bool) {
	over = !any
	for _, w := range all {
		if any && w.done {
			return w.code, true
		}
		over = over && w.done
		if w.done && code == xcom.ExitOK {
			code = w.code
		}
	}
	return code, over
}
