// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/lines"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/secret"
	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
	"github.com/sparkctl/sparkctl/sensor"
	"github.com/sparkctl/sparkctl/sensor/progress"
	"github.com/sparkctl/sparkctl/xcom"
)

func newExplainCommand(env cli.Env, cluster *cli.ClusterFlags) *cobra.Command {
	flags := lookFlags{cluster: cluster}
	var tail int
	cmd := &cobra.Command{
		Use: "explain APP", Aliases: []string{"why"}, Short: "Tell why an application stands as it does", Args: oneApplication,
		Long: "Tell why an application failed, waits or runs: the cause, what to try, and everything that says so,\nfrom its pods, their events and the driver's log.\n\n" + naming,
		Example: `  sparkctl explain @latest -n jobs

  # the cause alone, for a ticket
  sparkctl explain pi-driver -o jsonpath='{.cause.message}'`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if tail < 0 {
				return problem.Usage("give a number of lines, 0 for none", "--tail %d is negative", tail)
			}
			l, pod, err := flags.lookAt(cmd.Context(), env, args[0])
			if err != nil {
				return err
			}
			return l.explain(cmd.Context(), pod, tail)
		},
	}
	flags.add(cmd)
	cmd.Flags().IntVar(&tail, "tail", 10, "how many of the last lines of the driver's log to show; of one that has ended without the INFO at its very end")
	return cmd
}

// explain reads everything about one driver and writes it.
func (l *looking) explain(ctx context.Context, pod *corev1.Pod, tail int) error {
	events := l.events(ctx, pod)
	o := sensor.Observation{Pod: pod, Events: events, Now: l.now}
	if pod.DeletionTimestamp != nil && pod.Spec.NodeName != "" {
		// Mostly not ours to read; without it the judgement says less.
		if node, err := l.client.Node(ctx, pod.Spec.NodeName); err == nil {
			o.Node = node
		}
	}
	said := l.lastLines(ctx, pod)
	verdict := sensor.Judge(o, sensor.Criteria{}).Explained(said)
	a := l.whole(ctx, pod, view.Judged(pod, events, verdict, l.now))
	a.Starved(refused(said))
	a.Events = view.EventsOf(events)
	if telling, left := view.Telling(said, tail, driver.Ended(pod, driver.Container(pod, "")) != nil); tail > 0 {
		a.Log, a.LogLeft = view.Masked(telling), left
	}
	a = calling(l.env, a)
	table, wide := l.format.Table()
	if !table {
		return l.format.Write(l.env.Stdout, a, []string{a.FullName()})
	}
	return a.WriteExplanation(l.env.Stdout, l.now, wide, l.colours)
}

// refused is why a driver that runs gets no executors, nil where the end of its log does not tell.
func refused(log []string) *xcom.Cause {
	cause := sensor.ExecutorsRefused(log)
	if cause == nil {
		return nil
	}
	for _, line := range slices.Backward(log) {
		if said, ok := progress.Refusal(line); ok {
			cause.Message = "no executor runs, because their pods are refused: " + secret.Mask(said)
			break
		}
	}
	return cause
}

// logPatience bounds the reading of a log's end: a node that is gone never answers.
const logPatience = 10 * time.Second

// lastLines is the end of the driver's log, oldest line first; nothing where there is none or it may not be read.
func (l *looking) lastLines(ctx context.Context, pod *corev1.Pod) []string {
	container := driver.Container(pod, "")
	if !hasLog(pod, container, false) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, logPatience)
	defer cancel()
	target := sensor.Target{Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID}
	said, err := sensor.TailLog(ctx, l.client, target, container, lines.TailLines)
	if err != nil {
		l.note("the driver's log cannot be read, so the cause may say less: %v", err)
	}
	return said
}
