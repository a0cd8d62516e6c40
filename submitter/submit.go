// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/xcom"
)

// Pods is what submitting needs of a cluster.
type Pods interface {
	// Pod reads a pod from a quorum of the store.
	Pod(ctx context.Context, namespace, name string) (*corev1.Pod, error)
	// DeletePod asks for the end of the pod of that name and UID.
	DeletePod(ctx context.Context, namespace, name string, uid types.UID) error
}

// Engine makes the driver pod and its objects.
type Engine interface {
	// Name is the engine's name in results.
	Name() string
	// Submit carries plan out. A [*problem.Error] says why it could not.
	Submit(ctx context.Context, plan Plan) error
}

// Submitter submits applications.
type Submitter struct {
	Pods   Pods
	Engine Engine
	// APITimeout is how long the API server may be away.
	APITimeout time.Duration
	// Grace is how long work that must not be cut short may go on after the context has ended: an
	// engine is never stopped between two of its calls while there is time.
	Grace time.Duration
	Log   *slog.Logger
}

// confirmRetry is the time between two reads that the API server did not answer.
const confirmRetry = time.Second

// confirmGrace is how long finding out what the engine made, and removing what it made by
// halves, may take once the context has ended: the end of the engine's own grace must not pass for the absence of a driver.
const confirmGrace = 5 * time.Second

// Submit carries plan out and returns the driver pod as the API shows it. Every error is a
// [*problem.Error]: then no driver of ours is there, as far as can be known.
//
// When ctx ends before the engine has started, nothing is made. When it ends later, the engine
// is given the grace to finish, and the driver that it made is returned: what becomes of it
// is the caller's to say.
func (s Submitter) Submit(ctx context.Context, plan Plan) (*corev1.Pod, error) {
	existing, err := s.find(ctx, plan)
	if err != nil {
		return nil, err
	}
	if existing != nil {
		return nil, taken(plan, existing)
	}
	if ctx.Err() != nil {
		return nil, cancelled(ctx)
	}
	working, done := outlive(ctx, max(s.Grace-confirmGrace, s.Grace/2))
	failure := s.Engine.Submit(working, plan)
	done()
	ctx, release := outlive(ctx, confirmGrace)
	defer release()
	pod, err := s.find(ctx, plan)
	switch {
	case err != nil && failure != nil:
		return nil, failure
	case err != nil && ctx.Err() != nil:
		return nil, unconfirmed(ctx, plan)
	case err != nil:
		return nil, err
	case pod != nil && pod.Annotations[driver.AnnotationLauncher] != plan.Launcher.String():
		return nil, taken(plan, pod)
	case failure != nil && pod != nil:
		return nil, s.withdraw(ctx, pod, failure)
	case failure != nil:
		return nil, failure
	case pod == nil:
		return nil, problem.New(xcom.ExitRetry, xcom.CategoryDeleted, "NotFound",
			"find out who deletes pods in this namespace, then submit again",
			"%s ended well, but its driver pod %s/%s is not there", s.Engine.Name(), plan.Namespace, plan.PodName).Retryable(true)
	default:
		return pod, nil
	}
}

// outlive returns a context that ends grace after ctx does.
func outlive(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel(context.Cause(ctx))
		case <-longer.Done():
		}
	})
	return longer, func() {
		stop()
		cancel(context.Canceled)
	}
}

// find returns the pod that has the plan's name, nil if none has. It asks until it is answered or APITimeout has passed.
func (s Submitter) find(ctx context.Context, plan Plan) (*corev1.Pod, error) {
	giveUp := time.Now().Add(s.APITimeout)
	// A server that takes a call and never answers must not hold the end of patience off.
	call, release := context.WithDeadline(ctx, giveUp)
	defer release()
	for told := false; ; told = true {
		pod, err := s.Pods.Pod(call, plan.Namespace, plan.PodName)
		switch {
		case err == nil:
			return pod, nil
		case apierrors.IsNotFound(err):
			return nil, nil
		case apierrors.IsForbidden(err), apierrors.IsUnauthorized(err):
			return nil, problem.New(xcom.ExitRefused, xcom.CategoryPermission, string(apierrors.ReasonForError(err)),
				"give the launcher's service account the rights in examples/rbac/launcher.yaml", "the launcher may not read pods: %w", err).Retryable(false)
		case ctx.Err() != nil:
			return nil, cancelled(ctx)
		case !time.Now().Before(giveUp):
			return nil, problem.New(xcom.ExitRetry, xcom.CategoryAPI, "Unreachable",
				"check the network to the API server, or raise --api-timeout", "the API server gave no usable answer for %s: %w", s.APITimeout, err).Retryable(true)
		case !told:
			s.Log.Warn("the API server gives no usable answer; trying on", "error", err, "giving_up_after", s.APITimeout.String())
		}
		select {
		case <-ctx.Done():
		case <-time.After(confirmRetry):
		}
	}
}

// withdraw removes the driver pod that a failed engine left: its ConfigMap may be
// missing, and then it would wait for it for ever.
func (s Submitter) withdraw(ctx context.Context, pod *corev1.Pod, failure error) error {
	err := s.Pods.DeletePod(ctx, pod.Namespace, pod.Name, pod.UID)
	if err != nil && !apierrors.IsNotFound(err) {
		s.Log.Error("the driver pod that was left half made could not be removed", "pod", pod.Name, "error", err)
		return failure
	}
	s.Log.Info("removed the driver pod that was left half made", "pod", pod.Name)
	return failure
}

// taken is the conflict with a driver that has the plan's name.
func taken(plan Plan, pod *corev1.Pod) error {
	whose := "another launcher's"
	if key, ok := pod.Annotations[driver.AnnotationRunKey]; ok && key != plan.Run.Key {
		whose = fmt.Sprintf("that of run key %q", key)
	} else if !ok {
		whose = "not made by submitter"
	}
	return problem.New(xcom.ExitConflict, xcom.CategoryConfig, "AlreadyExists",
		fmt.Sprintf("follow it with: sensor -n %s --pod %s; or delete it, or give another --run-key", pod.Namespace, pod.Name),
		"driver pod %s/%s exists already, in phase %s, and is %s", pod.Namespace, pod.Name, pod.Status.Phase, whose).Retryable(false)
}

// cancelled is the end of a submission that was asked to stop before there was a driver.
func cancelled(ctx context.Context) error {
	return problem.New(xcom.ExitCancelled, xcom.CategoryCancelled, "Cancelled", "", "stopped before a driver was made: %w", context.Cause(ctx))
}

// unconfirmed is the end of a submission that was asked to stop, and whose driver could not be read.
func unconfirmed(ctx context.Context, plan Plan) error {
	return problem.New(xcom.ExitCancelled, xcom.CategoryCancelled, "Unconfirmed",
		fmt.Sprintf("look for it with: sensor -n %s --pod %s", plan.Namespace, plan.PodName),
		"stopped before it could be read whether driver pod %s/%s was made: %w", plan.Namespace, plan.PodName, context.Cause(ctx))
}
