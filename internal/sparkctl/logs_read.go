// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"syscall"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
	"github.com/sparkctl/sparkctl/xcom"
)

// logReading is the reading of one application's logs.
type logReading struct {
	l      *looking
	o      *logOptions
	log    *slog.Logger
	driver *corev1.Pod
	// application is the value of the label that executors have in common with the driver; empty when there is none.
	application string
	out         *logWriter
	slots       chan struct{}
	group       sync.WaitGroup
	unlisted    sync.Once
	one         chan struct{} // a log has been read to its end

	mu      sync.Mutex
	sources map[types.UID]*logSource
}

func newLogReading(l *looking, o *logOptions, log *slog.Logger, pod *corev1.Pod, out *logWriter) *logReading {
	return &logReading{
		l: l, o: o, log: log, driver: pod, application: view.Of(pod, nil, l.now).ApplicationID, out: out,
		slots: make(chan struct{}, o.requests), one: make(chan struct{}, 1), sources: map[types.UID]*logSource{},
	}
}

// run prints what is there, and follows if that is asked for.
func (r *logReading) run(ctx context.Context) error {
	there, err := r.there(ctx)
	if err != nil {
		return err
	}
	if len(there) > r.o.requests {
		return problem.Usage("name some with --executor 1,2, or raise --max-log-requests",
			"%d logs are asked for, and --max-log-requests allows %d at the same time", len(there), r.o.requests)
	}
	if err := r.printed(ctx, there, r.print(ctx, there)); err != nil {
		return err
	}
	if !r.o.follow {
		return nil
	}
	r.out.liven()
	return r.follow(ctx)
}

// there are the logs that can be read now, the driver's first, the executors' by number.
func (r *logReading) there(ctx context.Context) ([]*logSource, error) {
	pods, err := r.executors(ctx)
	if err != nil {
		return nil, err
	}
	if r.o.wantDriver {
		pods = slices.Insert(pods, 0, r.driver)
	}
	var found []*logSource
	var others []string
	for _, pod := range pods {
		s := r.source(pod)
		if s == nil {
			others = append(others, containers(pod)...)
			continue
		}
		// One that has not begun will have begun after us: it is shown from its start.
		if hasLog(pod, s.Container, r.o.previous) {
			s.begins(r.o, r.l.now)
			r.sources[pod.UID] = s
			found = append(found, s)
		}
	}
	slices.SortStableFunc(found, func(a, b *logSource) int { return a.Executor - b.Executor })
	return found, r.nothing(pods, found, others)
}

// executors lists the executors' pods that are asked for.
func (r *logReading) executors(ctx context.Context) ([]*corev1.Pod, error) {
	if !r.o.allExecutors && len(r.o.numbers) == 0 || r.application == "" {
		return nil, nil
	}
	var pods []*corev1.Pod
	err := r.l.client.EachPod(ctx, r.driver.Namespace, executorLabels(r.application).String(), func(pod *corev1.Pod) {
		if r.o.wants(view.ExecutorOf(pod).ID) {
			pods = append(pods, pod)
		}
	})
	if apierrors.IsForbidden(err) && r.o.wantDriver {
		r.unlisted.Do(func() {
			r.l.note("executors cannot be listed, so this is the driver's log alone: %v", err)
		})
		return nil, nil
	}
	if err != nil {
		return nil, unreadable(err)
	}
	return pods, nil
}

// nothing says why there is nothing to print, where that is a mistake, and notes it where it is none.
func (r *logReading) nothing(pods []*corev1.Pod, found []*logSource, others []string) error {
	slices.Sort(others)
	name := r.driver.Namespace + "/" + r.driver.Name
	switch {
	case len(found) > 0:
		return nil
	case len(pods) > 0 && len(others) > 0 && r.o.container != "":
		return problem.Usage("give --container one of "+strings.Join(slices.Compact(others), ", "), "no pod of %s has a container %q", name, r.o.container)
	case r.o.previous:
		return problem.Usage("earlier attempts at a run are drivers of their own, which this shows: sparkctl status "+name, "no container of %s was ever restarted, so none has an earlier life", name)
	case r.o.follow:
		return nil
	case len(r.o.numbers) > 0 && len(pods) == 0:
		return problem.Usage("see those that stand there with: sparkctl status "+name+"; Spark deletes an executor that has ended unless spark.kubernetes.executor.deleteOnTermination=false",
			"%s has no executor %s", name, strings.Join(r.o.executors, ","))
	case r.o.wantDriver:
		r.l.note("the driver has not started, so there is no log yet; -f waits for it, and why it waits tells: sparkctl explain %s", name)
	default:
		r.l.note("no executor that was asked for has started, so there is no log yet; -f waits for it")
	}
	return nil
}

// print prints what logs hold now and returns the error of each.
func (r *logReading) print(ctx context.Context, there []*logSource) []error {
	return mergeLogs(ctx, there, func(s *logSource, l stamped) { r.out.write(s.LogSource, l.at, l.text) }, func() { _ = r.out.flush() })
}

// printed judges the reading of logs: what keeps one from being read ends it, unless it is an executor's or the log is followed.
func (r *logReading) printed(ctx context.Context, there []*logSource, errs []error) error {
	if err := errors.Join(r.out.flush(), r.stopped(ctx)); err != nil {
		return r.stopped(ctx)
	}
	for i, err := range errs {
		s := there[i]
		switch {
		case err == nil:
		case apierrors.IsForbidden(err), apierrors.IsUnauthorized(err):
			return unreadable(err)
		case r.o.follow:
			// Following tries again, and tells what stays wrong.
		case s.Role == driver.RoleDriver || len(there) == 1:
			return unreadable(err)
		default:
			r.l.note("the log of %s cannot be read: %v", s.Short(), err)
		}
	}
	return nil
}

// stopped says why it was ended before its end, nil if it was not.
func (r *logReading) stopped(ctx context.Context) error {
	cause := context.Cause(ctx)
	switch {
	case ctx.Err() == nil:
		return nil
	case r.out.broken() == nil, errors.Is(cause, syscall.EPIPE):
		// Who ends it, or reads no more, knows that.
		return cli.Ended(xcom.ExitCancelled)
	default:
		return fmt.Errorf("print logs: %w", cause)
	}
}
