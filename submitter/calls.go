// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/sparkctl/sparkctl/internal/driver"
)

const roleHint = "give the launcher's service account the rights in examples/rbac/launcher.yaml"

// list reads the drivers of the run, ended ones included, the latest first. It asks until it is answered or APITimeout has passed.
func (p *protocol) list(ctx context.Context) ([]attempt, error) {
	giveUp := time.Now().Add(p.APITimeout)
	// A server that takes a call and never answers must not hold the end of patience off.
	call, release := context.WithDeadline(ctx, giveUp)
	defer release()
	for told := false; ; told = true {
		pods, err := p.Cluster.Pods(call, p.plan.Namespace, p.ofTheRun(), "")
		switch {
		case err == nil:
			return attemptsOf(pods, p.plan.Run.Key, p.plan.Container), nil
		case apierrors.IsForbidden(err), apierrors.IsUnauthorized(err):
			return nil, forbidden("the launcher may not list pods", err)
		case ctx.Err() != nil:
			return nil, cancelled(ctx)
		case !time.Now().Before(giveUp):
			return nil, p.unreachable(err)
		case !told:
			p.Log.Warn("the API server gives no usable answer; trying on", "error", err, "giving_up_after", p.APITimeout.String())
		}
		pause(ctx)
	}
}

// listSince reads the drivers of the run as they stood at a resourceVersion or later; if none is given, or if that is not answered, as they stand.
func (p *protocol) listSince(ctx context.Context, since string) ([]attempt, error) {
	if since != "" {
		call, release := context.WithTimeout(ctx, p.APITimeout)
		defer release()
		if pods, err := p.Cluster.Pods(call, p.plan.Namespace, p.ofTheRun(), since); err == nil {
			return attemptsOf(pods, p.plan.Run.Key, p.plan.Container), nil
		}
	}
	return p.list(ctx)
}

// ofTheRun are the labels that all drivers of the run bear.
func (p *protocol) ofTheRun() labels.Set {
	return labels.Set{driver.LabelRun: p.plan.Labels[driver.LabelRun]}
}

// answered judges the answer to a call that is no list. It is nil when it is time to look what the call did: when it was done,
// when it found another state than the one it was meant for, and, after a pause, when nobody knows. An error is one that
// no further look mends.
func (p *protocol) answered(ctx context.Context, err error) error {
	switch {
	case err == nil, apierrors.IsNotFound(err):
		p.troubleSince = time.Time{}
		return nil
	case apierrors.IsForbidden(err), apierrors.IsUnauthorized(err):
		return forbidden("the launcher lacks a right", err)
	case p.troubleSince.IsZero():
		p.troubleSince = time.Now()
		if !apierrors.IsConflict(err) && !apierrors.IsInvalid(err) {
			p.Log.Warn("a call was not answered as it should be; looking what it did", "error", err)
		}
	case time.Since(p.troubleSince) >= p.APITimeout:
		return p.unreachable(err)
	}
	pause(ctx)
	return nil
}
