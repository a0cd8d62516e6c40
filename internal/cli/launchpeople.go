// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"context"
	"maps"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/submitter/native"
	"github.com/sparkctl/sparkctl/xcom"
)

// peoplesGrace is how long the end may take after a person has asked for it.
const peoplesGrace = 30 * time.Second

// Drawn is what each submission draws anew, and by which two submissions of one application differ.
type Drawn struct {
	// ApplicationID, UniqueID, LocalDirID and Submitted are those of [native.Input].
	ApplicationID, UniqueID, LocalDirID string
	Submitted                           time.Time
	// Launcher is the annotation that names it.
	Launcher string
}

// Sample stands for what will be drawn, the same each time.
func Sample() Drawn {
	start := time.Unix(0, 0).UTC()
	return Drawn{
		ApplicationID: "spark-00000000000000000000000000000000", UniqueID: "0000000000000000",
		LocalDirID: "00000000-0000-0000-0000-000000000000", Submitted: start, Launcher: submitter.Launcher{Start: start}.String(),
	}
}

// Objects are what the native engine would make, in its order. Every error is a [*problem.Error] with exit code 2.
func (l *Launch) Objects(plan submitter.Plan, d Drawn) ([]native.Object, error) {
	if err := l.needNative(); err != nil {
		return nil, err
	}
	plan.Annotations, plan.Conf = maps.Clone(plan.Annotations), maps.Clone(plan.Conf)
	plan.Annotations[driver.AnnotationLauncher] = d.Launcher
	plan.Conf["spark.kubernetes.driver.annotation."+driver.AnnotationLauncher] = d.Launcher
	objects, err := native.Build(native.Input{
		Plan: plan, Spark: l.chosen.version, Launcher: l.chosen.launcher,
		ApplicationID: d.ApplicationID, UniqueID: d.UniqueID, LocalDirID: d.LocalDirID, Submitted: d.Submitted,
	})
	if err != nil {
		return nil, err
	}
	return objects.All(plan), nil
}

// needNative refuses what is possible only where the objects are known before they are made.
func (l *Launch) needNative() error {
	if l.chosen.path == "" {
		return nil
	}
	return problem.Usage("see spark-submit's arguments with: sparkctl render --as spark-submit; what keeps the native engine from it says --engine=native",
		"what would be made is known for the native engine only, and %s", l.chosen.told)
}

// Foresee says what Submit would do first; it changes nothing.
func (l *Launch) Foresee(ctx context.Context) (submitter.Foreseen, error) {
	return l.submitter().Foresee(ctx, l.plan)
}

// Try has the API server check everything that would be made for a plan, and keep none of it.
func (l *Launch) Try(ctx context.Context, plan submitter.Plan) ([]native.Object, error) {
	if err := l.needNative(); err != nil {
		return nil, err
	}
	objects, err := native.Builder(l.chosen.version, l.chosen.launcher)(plan)
	if err != nil {
		return nil, err
	}
	return native.Try(ctx, kube.DryRun{Client: l.client}, plan, objects)
}

// Submit sees to it that the run has a driver. When ctx ends before the driver may run, it is removed: then, as after any failure that does
// not say otherwise, none runs. Every error is a [*problem.Error].
func (l *Launch) Submit(ctx context.Context) (submitter.Outcome, error) {
	found, err := l.submitter().Submit(ctx, l.plan)
	if err != nil || !found.Held {
		return found, err
	}
	until, release := context.WithTimeout(context.WithoutCancel(ctx), leastGrace)
	defer release()
	pod := found.Pod
	err = l.client.DeletePod(until, pod.Namespace, pod.Name, pod.UID)
	if err != nil && !apierrors.IsNotFound(err) {
		return found, problem.New(xcom.ExitCancelled, xcom.CategoryCancelled, "Held", "remove it with: kubectl delete pod -n "+pod.Namespace+" "+pod.Name,
			"stopped: driver %s/%s was made, cannot run, and could not be removed: %w", pod.Namespace, pod.Name, err)
	}
	return found, problem.New(xcom.ExitCancelled, xcom.CategoryCancelled, "Cancelled", "", "stopped before the driver could run; it was removed")
}
