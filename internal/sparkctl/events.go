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
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
)

func newEventsCommand(env cli.Env, cluster *cli.ClusterFlags) *cobra.Command {
	flags := lookFlags{cluster: cluster}
	watch, apiTimeout := false, 5*time.Minute
	cmd := &cobra.Command{
		Use: "events APP", Short: "List what Kubernetes told of an application", Args: oneApplication,
		Long: `List the events about an application's driver, its executors and the claims for volumes of all of them, in the order in which they
happened last, with how often and how long ago. Kubernetes keeps an event for an hour unless told otherwise. Executors that are gone
are known by the names of those that stand: once none stands, there are the driver's events alone.

With --watch what happens from then on follows, each event with its time, until the application has ended. The exit code is 0 however it
ended, and 86 after Ctrl-C.

` + naming,
		Example: `  sparkctl events @latest

  # what warns, for a ticket
  sparkctl events pi-driver -o jsonpath='{range .items[?(@.type=="Warning")]}{.object} {.message}{"\n"}{end}'`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if apiTimeout <= 0 {
				return problem.Usage("give a length of time such as 5m", "--api-timeout %s leaves the API server no time to answer", apiTimeout)
			}
			l, pod, err := flags.lookAt(cmd.Context(), env, args[0])
			if err != nil {
				return err
			}
			e := &eventReading{l: l, driver: pod, application: view.Of(pod, nil, l.now).ApplicationID, scope: view.NewEventScope(pod), apiTimeout: apiTimeout}
			if watch {
				return e.watch(cmd.Context())
			}
			return e.list(cmd.Context())
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVarP(&watch, "watch", "w", false, "go on with what happens until the application has ended")
	cmd.Flags().DurationVar(&apiTimeout, "api-timeout", apiTimeout, "how long the API server may be away while it watches")
	return cmd
}

// eventReading is the reading of one application's events.
type eventReading struct {
	l           *looking
	driver      *corev1.Pod
	application string
	scope       *view.EventScope
	apiTimeout  time.Duration
}

// list writes the events that there are.
func (e *eventReading) list(ctx context.Context) error {
	there, err := e.read(ctx)
	if err != nil {
		return err
	}
	all := view.Events{Items: []view.Event{}}
	for i := range there {
		if told, ok := e.scope.Event(&there[i]); ok {
			all.Items = append(all.Items, told)
		}
	}
	table, wide := e.l.format.Table()
	if !table {
		return e.l.format.Write(e.l.env.Stdout, all, all.Names())
	}
	if len(all.Items) == 0 {
		_, _ = fmt.Fprintf(e.l.env.Stderr, "no events about %s/%s: Kubernetes keeps them for an hour unless told otherwise\n", e.driver.Namespace, e.driver.Name)
		return nil
	}
	return all.WriteTable(e.l.env.Stdout, e.l.now, wide, e.l.colours)
}

// read reads the events about the application, the one that happened last last.
func (e *eventReading) read(ctx context.Context) ([]corev1.Event, error) {
	if e.application != "" {
		if err := e.l.client.EachPod(ctx, e.driver.Namespace, executorLabels(e.application).String(), e.scope.Add); err != nil {
			e.l.note("executors cannot be listed, so events about them may be missing: %v", err)
		}
	}
	var there []corev1.Event
	err := e.l.client.EachEvent(ctx, e.driver.Namespace, func(event *corev1.Event) {
		if _, ok := e.scope.Event(event); ok {
			there = append(there, *event)
		}
	})
	if err != nil {
		return nil, unreadable(err)
	}
	view.SortEvents(there)
	return there, nil
}
