// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"context"
	"maps"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/secret"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/submitter/refused"
)

// All are the objects in the order in which an [Engine] makes them, as it sends them, but for the owner of those behind the pod.
func (o Objects) All(plan submitter.Plan) []Object {
	var all []Object
	for _, object := range o.Before {
		mark(plan, object)
		all = append(all, object)
	}
	return append(append(all, o.Pod), o.Owned...)
}

// Try sends all objects of a plan once, and returns them. api must be one that keeps nothing, such as that of dry runs: what it makes is
// not taken back. Every error is a [*problem.Error], of the first object that is refused.
func Try(ctx context.Context, api API, plan submitter.Plan, objects Objects) ([]Object, error) {
	all := objects.All(plan)
	owned := false
	var owner metav1.OwnerReference
	for _, object := range all {
		if owned {
			object.SetOwnerReferences([]metav1.OwnerReference{owner})
		}
		meta, err := api.Create(ctx, plan.Namespace, object)
		switch {
		case apierrors.IsAlreadyExists(err):
			return nil, taken(object, err)
		case err != nil && !isRefusal(err) && !isNoKind(err, object):
			return nil, refused.Unreachable().Error("the API server gave no usable answer: " + secret.Mask(err.Error()))
		case err != nil:
			return nil, explain(err)
		}
		if isPodObject(object) {
			owned, owner = true, ownerOf(meta)
		}
	}
	return all, nil
}

// ownerOf is the driver pod as the owner of what is made for it.
func ownerOf(pod metav1.ObjectMeta) metav1.OwnerReference {
	return metav1.OwnerReference{APIVersion: "v1", Kind: "Pod", Name: pod.Name, UID: pod.UID, Controller: new(true)}
}

// mark makes an object that stands before its owner known as ours: by its labels it is found when its launcher dies in between, and
// by the annotation it is told from another launcher's.
func mark(plan submitter.Plan, object Object) {
	labels, annotations := maps.Clone(object.GetLabels()), maps.Clone(object.GetAnnotations())
	if labels == nil {
		labels = map[string]string{}
	}
	if annotations == nil {
		annotations = map[string]string{}
	}
	maps.Copy(labels, plan.Labels)
	labels[driver.LabelManagedBy] = driver.ManagedBy
	annotations[driver.AnnotationLauncher] = plan.Annotations[driver.AnnotationLauncher]
	object.SetLabels(labels)
	object.SetAnnotations(annotations)
}
