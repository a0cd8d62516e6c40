// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"context"
	"math"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/sparkctl/sparkctl/internal/driver"
)

// makeRoom begins to remove what the next attempt would remove anyway, because the quota has no room for
// both. It returns false when there is nothing of that kind.
func (p *protocol) makeRoom(ctx context.Context, all []attempt) (bool, error) {
	for _, a := range all {
		switch {
		case p.in.yields(attempt{number: math.MaxInt}, a):
			return true, nil // it came since, and there is something else to do
		case a.standing == active:
			p.Log.Info("the quota has no room for the next driver beside the one that it replaces: ending that first", "driver", a.name)
			return true, p.answered(ctx, p.Cluster.DeletePod(ctx, a.pod.Namespace, a.name, a.uid))
		case a.standing == gated && p.abandoned(ctx, a):
			return true, p.removeVersion(ctx, a)
		}
	}
	return false, nil
}

// removeVersion removes a driver unless anything has changed of it since it was read.
func (p *protocol) removeVersion(ctx context.Context, a attempt) error {
	return p.answered(ctx, p.Cluster.DeletePodVersion(ctx, a.pod.Namespace, a.name, a.uid, a.pod.ResourceVersion))
}

// freeName sees to it that the name that the user fixed is free: every attempt has the same, so what this one replaces goes
// before it is announced. It returns false when it is time to decide again.
func (p *protocol) freeName(ctx context.Context, plan Plan) (bool, error) {
	holder := first(p.all, func(a attempt) bool { return a.name == plan.PodName })
	if holder == nil {
		return p.freeFromOthers(ctx, plan)
	}
	switch {
	case holder.standing == active: // and to be replaced, else there were nothing to announce
		p.Log.Info("ending the driver that has the fixed name", "driver", holder.name)
		return false, p.answered(ctx, p.Cluster.DeletePod(ctx, plan.Namespace, holder.name, holder.uid))
	case holder.standing == gated, holder.ended():
		p.Log.Info("removing the earlier driver that has the fixed name", "driver", holder.name, "standing", holder.standing.String())
		return false, p.removeVersion(ctx, *holder)
	default:
		pause(ctx)
		return false, nil
	}
}

// freeFromOthers does the same where no driver of the run has the name.
func (p *protocol) freeFromOthers(ctx context.Context, plan Plan) (bool, error) {
	pod, err := p.Cluster.Pod(ctx, plan.Namespace, plan.PodName)
	switch {
	case apierrors.IsNotFound(err):
		return true, nil
	case err != nil:
		return false, p.answered(ctx, err)
	case pod.Annotations[driver.AnnotationRunKey] == plan.Run.Key && pod.Labels[driver.LabelRun] == plan.Labels[driver.LabelRun]:
		return false, nil // it came since the last list
	}
	other := attemptOf(pod, plan.Container)
	if !other.ended() || !p.Policy.ReplaceFinished {
		return false, taken(plan, pod)
	}
	p.Log.Info("removing the ended driver of another run that has the fixed name (--replace-finished)", "driver", pod.Name)
	return false, p.removeVersion(ctx, other)
}
