// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/xcom"
)

// refusal is the conflict that a decision tells of.
func (p *protocol) refusal(d decision) error {
	a := *d.about
	conflict := func(reason, hint, format string, args ...any) error {
		which := fmt.Sprintf("driver %s/%s of this run ", a.pod.Namespace, a.name)
		return problem.New(xcom.ExitConflict, xcom.CategoryConfig, reason, hint, "%s%s", which, fmt.Sprintf(format, args...)).Retryable(false)
	}
	switch d.why {
	case isNewer:
		return conflict("Stale", "nothing was touched; a launcher of the newer generation has the run now",
			"is of generation %s, newer than %s, which was asked for", a.generation, p.in.generation)
	case isUnordered:
		return conflict("OtherGeneration", "give a number that grows with each new intention as --generation, or end the driver with --on-active=replace",
			"is %s and of generation %q; it cannot be told whether %q, which was asked for, is newer", a.standing, a.generation, p.in.generation)
	case isNotToBeTouched:
		return conflict("Active", "wait for its end, or leave --on-active out to adopt it", "is active (--on-active=fail)")
	}
	hint := "for another run give another --run-key or --step, for a new intention a higher --generation; or say --on-active=adopt or --on-active=replace"
	if a.standing == succeeded {
		hint = "for another run give another --run-key or --step, for a new intention a higher --generation; or say --on-succeeded=reuse or --on-succeeded=rerun"
	}
	has := "runs"
	if a.standing == succeeded {
		has = "has succeeded with"
	}
	return conflict("OtherApplication", hint, "%s another application: %s", has, differ(a.application, p.in.application))
}

// tell logs a decision when it is another one than the last.
func (p *protocol) tell(d decision) {
	if d.verb == p.told.verb && d.why == p.told.why && (d.about == nil) == (p.told.about == nil) && (d.about == nil || d.about.uid == p.told.about.uid) {
		return
	}
	p.told = d
	attrs := []any{"decision", d.verb.String(), "because", string(d.why)}
	if d.about != nil {
		attrs = append(attrs, "driver", d.about.name, "standing", d.about.standing.String(), "attempt", d.about.number, "generation", d.about.generation)
	}
	switch {
	case d.verb == adopt && d.about.application != p.in.application:
		p.Log.Warn("taking a driver that runs another application: "+differ(d.about.application, p.in.application), attrs...)
	case d.verb == announce && d.about != nil && d.about.standing == succeeded && relate(p.in.generation, d.about.generation) == same:
		p.Log.Warn("running an application again that has succeeded", attrs...)
	default:
		p.Log.Info("looked for drivers of this run", attrs...)
	}
}

// blocked is the end of waiting for a deleted driver that does not end.
func (p *protocol) blocked(a attempt) error {
	node := a.pod.Spec.NodeName
	return problem.New(xcom.ExitConflict, xcom.CategoryNode, "NotEnded",
		fmt.Sprintf("see whether node %s is cut off: kubectl get node %s; when you know that nothing runs there any more, submit with --force", node, node),
		"driver %s/%s of this run was deleted and has not ended long after its grace period; it may still run on node %s", a.pod.Namespace, a.name, node).Retryable(true)
}

// taken is the conflict with a pod of another run that has the plan's name.
func taken(plan Plan, pod *corev1.Pod) error {
	whose := "not made by submitter"
	if key, ok := pod.Annotations[driver.AnnotationRunKey]; ok {
		whose = fmt.Sprintf("that of run key %q", key)
	}
	hint := fmt.Sprintf("follow it with: sensor -n %s --pod %s; or give another name with %s", pod.Namespace, pod.Name, confPodName)
	if a := attemptOf(pod, plan.Container); plan.Fixed && a.ended() {
		hint = "it has ended: --replace-finished removes it; or give another name with " + confPodName
	}
	return problem.New(xcom.ExitConflict, xcom.CategoryConfig, alreadyExists, hint,
		"driver pod %s/%s exists already, in phase %s, and is %s", pod.Namespace, pod.Name, pod.Status.Phase, whose).Retryable(false)
}

// notThere is the failure of an engine that ended well without having made a driver.
func notThere(engine string, plan Plan) error {
	return problem.New(xcom.ExitRetry, xcom.CategoryDeleted, "NotFound", "find out who deletes pods in this namespace, then submit again",
		"%s ended well, but its driver pod %s/%s is not there", engine, plan.Namespace, plan.PodName).Retryable(true)
}

func forbidden(what string, err error) error {
	return problem.New(xcom.ExitRefused, xcom.CategoryPermission, string(apierrors.ReasonForError(err)), roleHint, "%s: %w", what, err).Retryable(false)
}

func (p *protocol) unreachable(err error) error {
	return problem.New(xcom.ExitRetry, xcom.CategoryAPI, notReached,
		"check the network to the API server, or raise --api-timeout", "the API server gave no usable answer for %s: %w", p.APITimeout, err).Retryable(true)
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
