// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
	"github.com/sparkctl/sparkctl/xcom"
)

// Values of --dry-run, as kubectl has them.
const (
	dryNone   = "none"
	dryClient = "client"
	dryServer = "server"
)

// ending is how driver pods are made to go: what kill and delete have in common.
type ending struct {
	// with is the command, as rbac --with names its rights.
	with    string
	wait    bool
	timeout time.Duration
	dryRun  string
	grace   *int64
}

func (e *ending) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&e.dryRun, "dry-run", dryNone, "none, client (only say what would be done), or server (have the API server check it too)")
	flags.Lookup("dry-run").NoOptDefVal = dryClient
	flags.BoolVar(&e.wait, "wait", true, "wait until the pods are gone")
	flags.DurationVar(&e.timeout, "timeout", 5*time.Minute, "how long to wait; 0 is for ever. When it is over the exit code is 84")
}

func (e *ending) check() error {
	if !slices.Contains([]string{dryNone, dryClient, dryServer}, e.dryRun) {
		return problem.Usage("give --dry-run none, client or server", "--dry-run: %q is not known", e.dryRun)
	}
	if e.timeout < 0 {
		return problem.Usage("give a length of time such as 90s, or 0 to wait for ever", "--timeout %s is negative", e.timeout)
	}
	return nil
}

// doomed is a driver that is to go.
type doomed struct {
	pod *corev1.Pod
	app view.Application
	// done and doing are what is said of it when it is gone, and before.
	done, doing string
	// active: it has not ended.
	active bool
}

// waits reports whether the pod needs time to go: one that has ended with all its containers is gone at once, but for finalizers.
func (d doomed) waits() bool {
	over := d.pod.Status.Phase == corev1.PodSucceeded || d.pod.Status.Phase == corev1.PodFailed
	return !over || len(d.pod.Finalizers) > 0
}

// end makes drivers go, all of them before it waits for the first. The error is that of the first that could not be; the deeds tell of each.
func (e *ending) end(ctx context.Context, l *looking, all []doomed) (view.Deeds, error) {
	deeds := view.Deeds{Items: []view.Deed{}}
	waiting := map[int]doomed{}
	var wrong []error
	for i, err := range e.askAll(ctx, l, all) {
		d := all[i]
		deed := view.Deed{Application: d.app, Done: d.done}
		if e.dryRun != dryNone {
			deed.DryRun = e.dryRun
		}
		switch {
		case err != nil:
			deed.Done, deed.Error = view.Undone, err.Error()
			wrong = append(wrong, err)
		case e.dryRun == dryNone && (!e.wait || d.waits()):
			deed.Done = d.doing
			waiting[i] = d
		}
		deeds.Items = append(deeds.Items, deed)
	}
	failed := e.refusedAll(l, wrong)
	if !e.wait || len(waiting) == 0 {
		return deeds, failed
	}
	err := e.await(ctx, l, waiting, func(i int) { deeds.Items[i].Done = all[i].done })
	if failed == nil {
		failed = err
	}
	return deeds, failed
}

// atOnce is how many deletions are on their way at the same time: enough that a far server does not make thousands take minutes, too few to trouble a near one.
const atOnce = 8

// askAll asks for the end of each driver, and returns what came of it, nil if it was heard.
func (e *ending) askAll(ctx context.Context, l *looking, all []doomed) []error {
	errs := make([]error, len(all))
	free := make(chan struct{}, atOnce)
	var asking sync.WaitGroup
	for i, d := range all {
		free <- struct{}{}
		asking.Go(func() {
			defer func() { <-free }()
			if errs[i] = ctx.Err(); errs[i] == nil {
				errs[i] = e.ask(ctx, l, d)
			}
		})
	}
	asking.Wait()
	return errs
}

// toldErrors is how many errors are told one by one.
const toldErrors = 5

// refusedAll is the first of several errors; a few others are told, the rest counted.
func (e *ending) refusedAll(l *looking, wrong []error) error {
	if len(wrong) == 0 {
		return nil
	}
	for i, err := range wrong[1:] {
		if i == toldErrors {
			l.note("so it is with %d more", len(wrong)-1-i)
			break
		}
		l.note("%v", err)
	}
	return e.refused(wrong[0])
}

// tries is how often a deletion is sent that nobody answers: with the pod's UID in it, once more does no harm.
const tries = 3

// ask asks for the end of a driver. One that is gone already, or whose name another pod has by now, needs none.
func (e *ending) ask(ctx context.Context, l *looking, d doomed) error {
	if e.dryRun == dryClient {
		return nil
	}
	var err error
	for range tries {
		err = l.client.EndPod(ctx, d.pod.Namespace, d.pod.Name, d.pod.UID, kube.Ending{Grace: e.grace, DryRun: e.dryRun == dryServer})
		status := apierrors.APIStatus(nil)
		switch {
		case err == nil, apierrors.IsNotFound(err), apierrors.IsConflict(err):
			return nil
		case errors.As(err, &status) && status.Status().Code < 500 || ctx.Err() != nil:
			return err
		}
		pause(ctx, time.Second)
	}
	return err
}

// refused is a deletion that was not done, told with its exit code.
func (e *ending) refused(err error) error {
	switch {
	case apierrors.IsForbidden(err), apierrors.IsUnauthorized(err):
		return problem.New(xcom.ExitRefused, xcom.CategoryPermission, string(apierrors.ReasonForError(err)),
			"ask for the Role that this prints: sparkctl rbac --for cli --with "+e.with, "%w", err)
	case errors.Is(err, context.Canceled):
		return problem.New(xcom.ExitCancelled, xcom.CategoryCancelled, "Cancelled", "", "%w", err)
	default:
		return problem.New(xcom.ExitRetry, xcom.CategoryAPI, "Unreachable", "check the cluster with: kubectl cluster-info; then try again", "%w", err)
	}
}

// await waits until the pods are gone; gone is told of each.
func (e *ending) await(ctx context.Context, l *looking, waiting map[int]doomed, gone func(int)) error {
	if e.timeout > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, e.timeout)
		defer stop()
	}
	for _, d := range waiting {
		// One that is on no node is gone at once.
		if d.pod.Spec.NodeName != "" {
			l.note("waiting until %s", ends(waiting))
			break
		}
	}
	for between := 100 * time.Millisecond; ; between = min(2*between, 2*time.Second) {
		var last error
		for i, d := range waiting {
			pod, err := l.client.Pod(ctx, d.pod.Namespace, d.pod.Name)
			switch {
			case apierrors.IsNotFound(err), err == nil && pod.UID != d.pod.UID:
				gone(i)
				delete(waiting, i)
			case apierrors.IsForbidden(err), apierrors.IsUnauthorized(err):
				return unreadable(err)
			default:
				last = err
			}
		}
		switch {
		case len(waiting) == 0:
			return nil
		case ctx.Err() != nil:
			return e.late(ctx, waiting, last)
		}
		pause(ctx, between)
	}
}

// late is a waiting that has ended before the pods were gone.
func (e *ending) late(ctx context.Context, waiting map[int]doomed, last error) error {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return problem.New(xcom.ExitCancelled, xcom.CategoryCancelled, "Cancelled", "what was asked for goes on", "stopped waiting until %s: %w", ends(waiting), context.Cause(ctx))
	}
	if last != nil && !errors.Is(last, context.DeadlineExceeded) {
		return problem.New(xcom.ExitDeadline, xcom.CategoryDeadline, "Timeout", "check the cluster with: kubectl cluster-info", "it is not known after %s whether %s: %w", e.timeout, ends(waiting), last)
	}
	return problem.New(xcom.ExitDeadline, xcom.CategoryDeadline, "Timeout",
		"a node that does not answer never tells of the end: see kubectl get nodes, and sparkctl kill --force --grace-period 0 for a node that is gone",
		"within %s it was not seen that %s", e.timeout, ends(waiting))
}

// ends says what is waited for.
func ends(waiting map[int]doomed) string {
	if len(waiting) == 1 {
		for _, d := range waiting {
			return d.app.FullName() + " is gone"
		}
	}
	return fmt.Sprintf("%d drivers are gone", len(waiting))
}

// pause waits for a while, or until ctx ends.
func pause(ctx context.Context, while time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(while):
	}
}

// writeDeeds writes what was done as -o asks.
func (l *looking) writeDeeds(deeds view.Deeds) error {
	if table, _ := l.format.Table(); table {
		return deeds.Write(l.env.Stdout)
	}
	return l.format.Write(l.env.Stdout, deeds, deeds.Names())
}
