// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"context"
	"errors"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/xcom"
)

// Times of the protocol.
const (
	// confirmRetry is the time between two calls when the API server did not answer, or when something is waited for.
	confirmRetry = time.Second
	// confirmGrace is how long finding out what stands, and removing what was made by halves, may take once the
	// context has ended: the end of the engine's own grace must not pass for the absence of a driver.
	confirmGrace = 5 * time.Second
	// overdue is how long after its grace period a deleted driver may take to end.
	overdue = time.Minute
	// maxRuns bounds how often the engine is run for one submission, and maxRemakes how often because what it made
	// was not whole.
	maxRuns, maxRemakes = 10, 2
)

// protocol is one submission: decide, announce, complete, look, commit.
//
//	decide ──> announce ──> look ──> commit
//	  ^  wait, │ taken,      │ withdraw,
//	  └────────┴─────────────┘ gone
//
// Only the launcher that announced a driver completes and commits it. Every answer may be lost: whatever a write was answered,
// what it did is read.
type protocol struct {
	Submitter

	plan Plan
	in   intent
	// runs and remakes count the runs of the engine, see maxRuns.
	runs, remakes int
	// troubleSince is since when no write has had a usable answer; zero if the last one had.
	troubleSince time.Time
	// terminatingSince is when a deleted driver was first seen, by our own clock.
	terminatingSince map[types.UID]time.Time
	// used is the highest number of an attempt that this launcher has seen or made: none is used again, because an
	// engine that still runs may roll back by name.
	used int
	// committing says that the gate may have been taken off by us.
	committing bool
	// all is what the last decision stands on, told what was told of it.
	all  []attempt
	told decision
}

// decide reads what stands and consults the table.
func (p *protocol) decide(ctx context.Context) (decision, error) {
	reading, release := outlive(ctx, confirmGrace)
	defer release()
	all, err := p.list(reading)
	if err != nil {
		return decision{}, err
	}
	if p.in.past == nil {
		p.in.arrive(all)
	}
	p.all = all
	for _, a := range all {
		p.used = max(p.used, a.number)
	}
	d := decide(p.in, all, func(a attempt) bool { return p.abandoned(reading, a) })
	d.number = max(d.number, p.used+1)
	p.tell(d)
	return d, nil
}

// await waits a moment for what stands in the way to go. A deleted driver that does not end is not waited for for ever.
func (p *protocol) await(ctx context.Context, a attempt) error {
	if a.standing == terminating && p.isOverdue(a) {
		if !p.Policy.Force {
			return p.blocked(a)
		}
		p.Log.Warn("removing a driver from the API that was deleted and does not end (--force); where no kubelet answers, its process may live on", "driver", a.name, "node", a.pod.Spec.NodeName)
		if err := p.answered(ctx, p.Cluster.ForgetPod(ctx, a.pod.Namespace, a.name, a.uid)); err != nil {
			return err
		}
	}
	pause(ctx)
	if ctx.Err() != nil {
		return cancelled(ctx)
	}
	return nil
}

// isOverdue reports whether a deleted driver should have ended long ago, by our own clock.
func (p *protocol) isOverdue(a attempt) bool {
	since, seen := p.terminatingSince[a.uid]
	if !seen {
		since = time.Now()
		p.terminatingSince[a.uid] = since
	}
	limit := overdue
	if grace := a.pod.DeletionGracePeriodSeconds; grace != nil {
		limit += time.Duration(*grace) * time.Second
	}
	return time.Since(since) > limit
}

// announce has the engine make the next attempt, and sees it through. Without a pod and an error, decide again.
func (p *protocol) announce(ctx context.Context, d decision) (Outcome, error) {
	if ctx.Err() != nil {
		return Outcome{}, cancelled(ctx)
	}
	plan := p.plan.At(d.number)
	if plan.Fixed {
		if free, err := p.freeName(ctx, plan); !free || err != nil {
			return Outcome{}, err
		}
	}
	if p.runs++; p.runs > maxRuns {
		return Outcome{}, problem.New(xcom.ExitRetry, xcom.CategoryAPI, "Contended", "submit again",
			"%s was run %d times for this run, and each time another launcher came in between", p.Engine.Name(), maxRuns).Retryable(true)
	}
	p.used = max(p.used, d.number)
	working, done := outlive(ctx, max(p.Grace-confirmGrace, p.Grace/2))
	made, failure := p.Engine.Submit(working, plan)
	done()
	if failure != nil {
		made = Made{}
	}
	settling, release := outlive(ctx, confirmGrace)
	defer release()
	// The first look need not see more than what stood when the driver was announced: what changed since, a precondition finds, and every later look.
	all, err := p.listSince(settling, made.Version)
	switch {
	case err != nil && failure != nil:
		return Outcome{}, failure
	case err != nil && settling.Err() != nil:
		return Outcome{}, unconfirmed(ctx, plan)
	case err != nil:
		return Outcome{}, err
	}
	own := first(all, func(a attempt) bool { return a.name == plan.PodName && a.launcher == plan.Launcher.String() })
	switch {
	case own == nil && failure != nil:
		return Outcome{}, p.unmade(settling, plan, all, failure)
	case own == nil:
		return Outcome{}, p.remake(notThere(p.Engine.Name(), plan))
	case failure != nil && (reason(failure) == alreadyExists || reason(failure) == notReached) && ctx.Err() == nil:
		// An answer was lost, and the client gave up, or repeated the request: the pod is ours, and not all was made after it.
		return p.settle(ctx, settling, *own, all, made, &doom{failure, p.remake})
	case failure != nil:
		return p.settle(ctx, settling, *own, all, made, &doom{failure, asItIs})
	default:
		return p.settle(ctx, settling, *own, all, made, nil)
	}
}

// doom is why an announced driver is not to be committed, and what follows once it is removed.
type doom struct {
	failure error
	then    func(error) error
}

func asItIs(err error) error { return err }

// remake lets the engine try again when what it made was not whole, and gives the failure when it was often enough.
func (p *protocol) remake(failure error) error {
	if p.remakes++; p.remakes > maxRemakes {
		return failure
	}
	p.Log.Warn("what was made is not whole; submitting anew", "error", failure)
	return nil
}

// unmade decides what a failure of the engine means that has left no pod of ours.
func (p *protocol) unmade(ctx context.Context, plan Plan, all []attempt, failure error) error {
	if holder := first(all, func(a attempt) bool { return a.name == plan.PodName }); holder != nil {
		// Another launcher of this run was faster. What its driver means for us is for the table to say.
		p.Log.Info("another launcher of this run was faster", "driver", holder.name, "launcher", holder.launcher)
		return nil
	}
	switch reason(failure) {
	case alreadyExists:
		pod, err := p.Cluster.Pod(ctx, plan.Namespace, plan.PodName)
		switch {
		case err == nil:
			return taken(plan, pod)
		case apierrors.IsNotFound(err):
			return p.remake(failure)
		}
	case quotaExceeded:
		if cleared, err := p.makeRoom(ctx, all); cleared || err != nil {
			return err
		}
	}
	return failure
}

// Reasons of failures of an engine that mean something to the protocol.
const (
	alreadyExists = "AlreadyExists"
	notReached    = "Unreachable"
	quotaExceeded = "QuotaExceeded"
)

func reason(err error) string {
	if p, ok := errors.AsType[*problem.Error](err); ok {
		return p.Cause.Reason
	}
	return ""
}

// abandoned reports whether nobody will complete a gated driver. Safety does not depend on that: who is wrong removes it
// before it runs, or finds that it runs.
func (p *protocol) abandoned(ctx context.Context, a attempt) bool {
	if time.Since(a.pod.CreationTimestamp.Time) >= p.Patience || a.launcher == p.plan.Launcher.String() {
		return true
	}
	launcher, known := parseLauncher(a.launcher)
	switch {
	case !known:
		return false
	case launcher.samePod(p.plan.Launcher):
		// An earlier life of this container; a later one replaces ours, and is waited for.
		return launcher.Start.Before(p.plan.Launcher.Start)
	}
	pod, err := p.Cluster.Pod(ctx, launcher.Namespace, launcher.Pod)
	switch {
	case apierrors.IsNotFound(err):
		return true
	case err != nil:
		return false
	}
	return !launcher.lives(pod)
}
