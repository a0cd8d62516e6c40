// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/sparkctl/sparkctl/submitter"
)

const (
	// retryAfter is the time between two calls when the API server did not answer, if it does not ask for more.
	retryAfter = time.Second
	// takeBackTime bounds the removal of what was made before a pod that was not.
	takeBackTime = 3 * time.Second
)

// delivery is one submission on its way.
type delivery struct {
	Engine

	plan submitter.Plan
	// troubleSince is since when no call has had a usable answer; zero if the last one had.
	troubleSince time.Time
}

// made is an object that stands.
type made struct {
	Object

	uid types.UID
}

// create makes an object, or finds out that it is made. isOurs tells that from what stands under its name.
func (d *delivery) create(ctx context.Context, object Object, isOurs func(metav1.ObjectMeta) bool) (metav1.ObjectMeta, error) {
	// unsure says that an earlier create may have been carried out, or may still be: then a refusal is not the last word. A quota, for
	// example, is asked before the name is looked at.
	for unsure := false; ; {
		meta, err := d.API.Create(ctx, d.plan.Namespace, object)
		if err == nil {
			d.troubleSince = time.Time{}
			return meta, nil
		}
		if isRefusal(err) && !unsure {
			return meta, explain(err)
		}
		found, unread := d.API.Metadata(ctx, d.plan.Namespace, object)
		switch {
		case unread == nil && isOurs(found):
			d.troubleSince = time.Time{}
			return found, nil
		case unread == nil:
			return found, taken(object, err)
		case isNoKind(err, object) && isNoKind(unread, object):
			return found, explain(err)
		case isRefusal(unread) && !apierrors.IsNotFound(unread):
			return found, explain(unread)
		case apierrors.IsNotFound(unread) && isRefusal(err):
			return found, explain(err)
		case apierrors.IsNotFound(unread) && apierrors.IsAlreadyExists(err) && isPodObject(object):
			// It was there, and is gone: whose it was nobody can tell. The protocol looks again.
			return found, taken(object, err)
		}
		unsure = unsure || !apierrors.IsAlreadyExists(err)
		if err := d.await(ctx, err); err != nil {
			return found, err
		}
	}
}

// own gives an object that was made before the pod to the pod.
func (d *delivery) own(ctx context.Context, one made, owner metav1.OwnerReference) error {
	for {
		err := d.API.Own(ctx, d.plan.Namespace, one.Object, one.uid, owner)
		switch {
		case err == nil:
			d.troubleSince = time.Time{}
			return nil
		case isRefusal(err):
			return explain(err)
		}
		if err := d.await(ctx, err); err != nil {
			return err
		}
	}
}

// await waits a moment before a call is made again, and says when that is of no use any more.
func (d *delivery) await(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return interrupted(ctx)
	case d.troubleSince.IsZero():
		d.troubleSince = time.Now()
		d.Log.Warn("the API server gives no usable answer; trying on", "error", err, "giving_up_after", d.APITimeout.String())
	case time.Since(d.troubleSince) >= d.APITimeout:
		return unreachable(d.APITimeout, err)
	}
	wait := retryAfter
	if seconds, asked := apierrors.SuggestsClientDelay(err); asked {
		wait = max(wait, min(time.Duration(seconds)*time.Second, d.APITimeout))
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return interrupted(ctx)
	case <-timer.C:
		return nil
	}
}

// takeBack removes what was made before a pod that is not made, and is never going to run.
func (d *delivery) takeBack(ctx context.Context, before []made) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), takeBackTime)
	defer cancel()
	for _, one := range before {
		if err := d.API.Remove(ctx, d.plan.Namespace, one.Object, one.uid); err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
			d.Log.Warn("what was made for a driver that is not made could not be removed", "object", objectKind(one.Object)+"/"+one.GetName(), "error", err)
		}
	}
}
