// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/xcom"
)

// askedError is why a context ends when the process is asked to end.
type askedError struct {
	signal os.Signal
	at     time.Time
}

func (e askedError) Error() string {
	name := e.signal.String()
	switch e.signal {
	case syscall.SIGTERM:
		name = "SIGTERM"
	case syscall.SIGINT:
		name = "SIGINT"
	}
	return "asked to end by " + name
}

// Is makes it a cancellation: a call that is cut short by it ends with it, not with [context.Canceled].
func (e askedError) Is(target error) bool { return target == context.Canceled }

// askedAt is when the process was asked to end; now if it was not.
func askedAt(ctx context.Context) time.Time {
	if why, ok := errors.AsType[askedError](context.Cause(ctx)); ok {
		return why.at
	}
	return time.Now()
}

// asked reports whether the process was asked to end.
func asked(ctx context.Context) bool { return ctx.Err() != nil }

// untilAsked returns a context that ends with the first SIGTERM or SIGINT. The second one ends the process at once if hasty, as people
// expect it of Ctrl-C; else it changes nothing. As PID 1 a process gets no signal that it does not ask for.
func untilAsked(ctx context.Context, hasty bool) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	// A reader of our output that is gone ends a write, not the program. Caught, not ignored: a child
	// would inherit that.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	go func() {
		select {
		case s := <-signals:
			if hasty {
				signal.Reset(syscall.SIGTERM, syscall.SIGINT)
			}
			cancel(askedError{s, time.Now()})
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel(context.Canceled)
	}
}

// execute runs a program's root command and returns the exit code. A mistake before the program has
// begun is written down as a result too, if it can be: in refused, at the place that flags name.
func execute(ctx context.Context, env Env, cmd *cobra.Command, flags *resultFlags, refused xcom.Result) int {
	ctx, stop := untilAsked(ctx, false)
	defer stop()
	err := cmd.ExecuteContext(ctx)
	if err != nil && !errors.As(err, new(*exit)) {
		// Flags after a wrong one were not parsed and may still stand in the environment; a
		// second mistake there changes nothing.
		_ = fromEnv(cmd.Flags(), env.Getenv)
		refused.Schema, refused.Cause = xcom.Schema, causeOf(err)
		flags.note(refused)
	}
	if format := cmd.Flags().Lookup("log-format"); format != nil && format.Value.String() == "json" {
		return reportJSON(env.Stderr, cmd.Name(), err)
	}
	return Report(env.Stderr, cmd.Name(), err)
}

// note writes a result where it can be written, and keeps silent where not: the mistake that
// it tells of is told by Report.
func (f resultFlags) note(r xcom.Result) {
	if path := f.path(); path != "" {
		_ = xcom.File{Path: path, MaxBytes: max(f.maxBytes, xcom.MinBytes)}.Write(r)
	}
	_ = writeInPlace(f.termination, Sentence(r))
}

// rescue turns a panic into an end with a result: the document on disk must not stop at a
// state that was left long ago.
func (o *outbox) rescue(code xcom.ExitCode, err *error) {
	p := recover()
	if p == nil {
		return
	}
	r := o.latest()
	failure := problem.New(code, xcom.CategoryUnknown, "Panic", "this is a bug in the program; please report it with the log", "%v", fmt.Sprint("internal error: ", p))
	r.Cause = &failure.Cause
	if r.PodName == "" {
		r.State = xcom.NotSubmitted
	} else if !r.State.Final() {
		r.State = xcom.Unknown
	}
	o.put(r)
	o.finish()
	*err = &exit{code, failure}
}

// self is the pod this process runs in: named by POD_NAME, POD_NAMESPACE and POD_UID (downward API), else
// by its host's name when it runs in a pod.
func self(env Env, cluster *kube.Cluster) ownPod {
	own := ownPod{namespace: env.Getenv("POD_NAMESPACE"), name: env.Getenv("POD_NAME"), uid: env.Getenv("POD_UID")}
	if own.name == "" && env.Getenv("KUBERNETES_SERVICE_HOST") != "" {
		own.name = env.Getenv("HOSTNAME")
	}
	if own.namespace == "" {
		own.namespace = cluster.Namespace
	}
	return own
}
