// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
)

// naming is what the help of every command says that takes an application.
const naming = `APP is a driver pod, an application ID, a run key, the name of a SparkApplication, the application's own name, any of
them as NAMESPACE/NAME, or @latest, the driver that was made last.`

func newStatusCommand(env cli.Env, cluster *cli.ClusterFlags) *cobra.Command {
	flags := lookFlags{cluster: cluster}
	watch, apiTimeout := false, time.Duration(0)
	cmd := &cobra.Command{
		Use: "status APP", Aliases: []string{"get"}, Short: "Tell how an application stands", Args: oneApplication,
		Long: `Tell how an application stands: its state and why, its attempts, its phases and its executors.

With --watch it goes on until the application has ended: on a terminal as a tree that is drawn again in its place, with how far the jobs
are where the driver's web UI can be asked (the right to get pods/proxy); elsewhere, and with -o, once more at every change of state,
cause or executors. The exit code is 0 however the application ended (sparkctl wait tells that), and 86 after Ctrl-C.

` + naming,
		Example: `  sparkctl status @latest -n jobs

  # to look on
  sparkctl status pi-driver -n jobs --watch

  # one word for a script
  sparkctl status pi-driver -n jobs -o jsonpath='{.state}'`,
		RunE: func(cmd *cobra.Command, args []string) error {
			l, pod, err := flags.lookAt(cmd.Context(), env, args[0])
			if err != nil {
				return err
			}
			events := l.events(cmd.Context(), pod)
			a := l.whole(cmd.Context(), pod, view.Of(pod, events, l.now))
			if watch {
				return newStatusWatch(l, pod, events, a).run(cmd.Context(), apiTimeout)
			}
			return l.writeOne(a)
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVarP(&watch, "watch", "w", false, "go on until the application has ended")
	addAPITimeout(cmd.Flags(), &apiTimeout, " while it watches")
	return cmd
}

// writeOne writes one application as -o asks.
func (l *looking) writeOne(a view.Application) error {
	a = calling(l.env, a)
	table, wide := l.format.Table()
	if !table {
		return l.format.Write(l.env.Stdout, a, []string{a.FullName()})
	}
	return a.WriteStatus(l.env.Stdout, l.now, wide, l.colours)
}

// calling has hints call the program as its user did.
func calling(env cli.Env, a view.Application) view.Application {
	if env.Program == pluginProgram {
		return a.Calling("sparkctl", pluginCalledName)
	}
	return a
}

// note says on standard error what is missing in what is shown, which is not worth an end.
func (l *looking) note(format string, args ...any) {
	_, _ = fmt.Fprintf(l.env.Stderr, "sparkctl: note: "+format+"\n", args...)
}

// events reads the events about a pod; none where they may not be read.
func (l *looking) events(ctx context.Context, pod *corev1.Pod) []corev1.Event {
	events, err := l.client.Events(ctx, pod.Namespace, pod.UID)
	l.noteUnread(ctx, err)
	return events
}

// noteUnread says why events could not be read, unless somebody has ended us, who knows why.
func (l *looking) noteUnread(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		l.note("events cannot be read, so the cause and the timings say less: %v", err)
	}
}

// whole is the application with its executors and the other attempts at its run, as far as they can be read.
func (l *looking) whole(ctx context.Context, pod *corev1.Pod, a view.Application) view.Application {
	if a.ApplicationID != "" {
		err := l.client.EachPod(ctx, pod.Namespace, executorLabels(a.ApplicationID).String(), func(executor *corev1.Pod) {
			a.Executors = append(a.Executors, view.ExecutorOf(executor))
		})
		if err != nil {
			l.note("executors cannot be read: %v", err)
		}
		view.SortExecutors(a.Executors)
	}
	run := pod.Labels[driver.LabelRun]
	if run == "" {
		return a
	}
	err := l.client.EachPod(ctx, pod.Namespace, labels.Set{driver.LabelRun: run}.String(), func(other *corev1.Pod) {
		if o := view.Of(other, nil, l.now); o.UID == a.UID {
			a.Attempts = append(a.Attempts, view.AttemptOf(a)) // of this one the events were read
		} else {
			a.Attempts = append(a.Attempts, view.AttemptOf(o))
		}
	})
	if err != nil {
		l.note("other attempts cannot be read: %v", err)
	}
	slices.SortFunc(a.Attempts, func(x, y view.Attempt) int { return cmp.Compare(x.Attempt, y.Attempt) })
	return a
}
