// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
	"github.com/sparkctl/sparkctl/submitter"
)

func newEventsCommand(env cli.Env, cluster *cli.ClusterFlags) *cobra.Command {
	flags := lookFlags{cluster: cluster}
	watch, apiTimeout := false, time.Duration(0)
	cmd := &cobra.Command{
		Use: "events APP", Short: "List what Kubernetes told of an application", Args: oneApplication,
		Long: `List the events about an application's driver, its executors and the claims for volumes of all of them, in the order in which they
happened last, with how often and how long ago. Kubernetes keeps an event for an hour unless told otherwise.

Executors that are gone are known by the names of those that stand, or by spark.kubernetes.executor.podNamePrefix where the driver has it.
Once none stands, the name tells: the driver makes it of the application's name and the time. Where the program gives itself another name than it was
submitted with, or another of that name ran at the same time, the executors' events are not counted in.

With --watch what happens from then on follows, each event with its time, until the application has ended. The exit code is 0 however it
ended, and 86 after Ctrl-C.

` + naming,
		Example: `  sparkctl events @latest

  # what warns, for a ticket
  sparkctl events pi-driver -o jsonpath='{range .items[?(@.type=="Warning")]}{.object} {.message}{"\n"}{end}'`,
		RunE: func(cmd *cobra.Command, args []string) error {
			l, pod, err := flags.lookAt(cmd.Context(), env, args[0])
			if err != nil {
				return err
			}
			e := &eventReading{l: l, driver: pod, application: view.Of(pod, nil, l.now).ApplicationID, scope: view.NewEventScope(pod), apiTimeout: apiTimeout}
			e.life, e.lives = view.LifeOf(pod, l.now)
			if watch {
				return e.watch(cmd.Context())
			}
			return e.list(cmd.Context())
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVarP(&watch, "watch", "w", false, "go on with what happens until the application has ended")
	addAPITimeout(cmd.Flags(), &apiTimeout, " while it watches")
	return cmd
}

// eventReading is the reading of one application's events.
type eventReading struct {
	l           *looking
	driver      *corev1.Pod
	application string
	scope       *view.EventScope
	apiTimeout  time.Duration
	// asked: the driver's configuration was. lives: its life is known.
	asked, lives bool
	life         view.Life
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
	e.configured(ctx)
	var there, strangers []corev1.Event
	prefixes := map[string]bool{}
	err := e.l.client.EachEvent(ctx, e.driver.Namespace, func(event *corev1.Event) {
		if _, ok := e.scope.Event(event); ok {
			there = append(there, *event)
		} else if prefix := view.PrefixOf(event); prefix != "" && !e.scope.KnowsExecutors() && e.lives && e.life.Made(prefix) {
			strangers, prefixes[prefix] = append(strangers, *event), true
		}
	})
	if err != nil {
		return nil, unreadable(err)
	}
	e.recognize(ctx, prefixes)
	for i := range strangers {
		if _, ok := e.scope.Event(&strangers[i]); ok {
			there = append(there, strangers[i])
		}
	}
	view.SortEvents(there)
	return there, nil
}

// configured looks for the beginning of the executors' names in what the driver was given, where it can be read.
func (e *eventReading) configured(ctx context.Context) {
	if e.scope.KnowsExecutors() || e.asked {
		return
	}
	e.asked = true
	const key = "spark.kubernetes.executor.podNamePrefix"
	app, _ := submitter.Recorded(e.driver.Annotations[driver.AnnotationApplication])
	prefix := app.Conf[key]
	if prefix == "" {
		prefix = belongings{e.l.client, e.driver}.conf(ctx)[key]
	}
	if prefix != "" {
		e.scope.AddPrefix(prefix)
	}
}

// recognize takes executors that are gone for the application's by their names: those that an application of its name made while it ran,
// and no other of that name that stands.
func (e *eventReading) recognize(ctx context.Context, prefixes map[string]bool) {
	if len(prefixes) == 0 {
		return
	}
	namesakes := labels.Set{driver.LabelRole: driver.RoleDriver, driver.LabelAppName: e.driver.Labels[driver.LabelAppName]}
	err := e.l.client.EachPod(ctx, e.driver.Namespace, namesakes.String(), func(pod *corev1.Pod) {
		life, lives := view.LifeOf(pod, e.l.now)
		for prefix := range prefixes {
			if pod.UID != e.driver.UID && lives && life.Made(prefix) {
				delete(prefixes, prefix)
			}
		}
	})
	if err != nil {
		return
	}
	for _, prefix := range slices.Sorted(maps.Keys(prefixes)) {
		e.scope.AddPrefix(prefix)
		e.l.note("executors %s-exec-* are gone, and are taken for its own by their names: an application of its name made them while it ran", prefix)
	}
}
