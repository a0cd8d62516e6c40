// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// delete removes an object or begins its graceful end.
func (s *Server) delete(r *Request, resource *Resource) (reply, error) {
	options, err := deleteOptions(r)
	if err != nil {
		return reply{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.store.objects[keyOf(r, resource)]
	if old == nil {
		return reply{}, apierrors.NewNotFound(resource.groupResource(), r.Name)
	}
	left, removed, err := s.deleteLocked(resource, old, options, r.dryRun())
	if err != nil {
		return reply{}, err
	}
	s.changedSomething()
	if removed && !resource.ReturnsDeleted {
		return document(http.StatusOK, &metav1.Status{
			TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"},
			Status:   metav1.StatusSuccess,
			Details:  &metav1.StatusDetails{Name: old.GetName(), Group: resource.Group, Kind: resource.Name, UID: old.GetUID()},
		}), nil
	}
	return document(http.StatusOK, present(left, resource)), nil
}

// deleteLocked carries out a DELETE: preconditions, grace, finalizers,
// removal. It gives what is left, or the last state when it was removed.
func (s *Server) deleteLocked(resource *Resource, old *object, options metav1.DeleteOptions, dryRun bool) (*object, bool, error) {
	if err := checkPreconditions(resource, old, options.Preconditions); err != nil {
		return nil, false, err
	}
	k := key{GroupResource: resource.groupResource(), namespace: old.GetNamespace(), name: old.GetName()}
	next := old.DeepCopy()
	gone := s.markDeleted(resource, next, options)
	if resource.Name == "namespaces" {
		unstructured.SetNestedField(next.Object, "Terminating", "status", "phase") //nolint:errcheck // status is a map
		gone = false
	}
	gone = gone && len(next.GetFinalizers()) == 0
	changed := !equality.Semantic.DeepEqual(old.Object, next.Object)
	if dryRun {
		return next, gone, nil
	}
	// The mark is written even if the pod goes at once: a watch sees both. Other
	// kinds are marked only when a finalizer keeps them.
	if changed && (!gone || resource.Name == "pods") {
		next = s.store.put(k, next)
	}
	if !gone {
		return next, false, nil
	}
	return s.store.put(k, nil), true, nil
}

func checkPreconditions(resource *Resource, old *object, wanted *metav1.Preconditions) error {
	if wanted == nil {
		return nil
	}
	kind := schema.GroupResource{Group: resource.Group, Resource: resource.Kind}
	if wanted.UID != nil && *wanted.UID != old.GetUID() {
		return apierrors.NewConflict(kind, old.GetName(), fmt.Errorf(
			"the UID in the precondition (%s) does not match the UID in record (%s). The object might have been deleted and then recreated",
			*wanted.UID, old.GetUID()))
	}
	if wanted.ResourceVersion != nil && *wanted.ResourceVersion != old.GetResourceVersion() {
		return apierrors.NewConflict(kind, old.GetName(), fmt.Errorf(
			"the ResourceVersion in the precondition (%s) does not match the ResourceVersion in record (%s). The object might have been modified",
			*wanted.ResourceVersion, old.GetResourceVersion()))
	}
	return nil
}

// markDeleted writes the deletion into the metadata and tells whether nothing
// but finalizers keeps the object.
func (s *Server) markDeleted(resource *Resource, o *object, options metav1.DeleteOptions) bool {
	setPropagation(o, options.PropagationPolicy)
	if resource.Name == "pods" {
		if terminating := o.GetDeletionTimestamp(); terminating != nil {
			return s.shorten(o, options.GracePeriodSeconds)
		}
		if period := gracePeriod(o, options.GracePeriodSeconds); period > 0 {
			s.setDeletion(o, period)
			return false
		}
	}
	if o.GetDeletionTimestamp() == nil {
		s.setDeletion(o, 0)
	}
	if resource.Name == "namespaces" {
		o.SetDeletionGracePeriodSeconds(nil)
	}
	return true
}

func (s *Server) setDeletion(o *object, seconds int64) {
	at := metav1.NewTime(s.now().Add(time.Duration(seconds) * time.Second))
	o.SetDeletionTimestamp(&at)
	o.SetDeletionGracePeriodSeconds(&seconds)
	if o.GetGeneration() > 0 {
		o.SetGeneration(o.GetGeneration() + 1)
	}
}

// gracePeriod is how long a pod may take: none when it was never scheduled or
// has already ended.
func gracePeriod(pod *object, wanted *int64) int64 {
	period, _, _ := unstructured.NestedInt64(pod.Object, "spec", "terminationGracePeriodSeconds")
	if wanted != nil {
		period = *wanted
	}
	node, _, _ := unstructured.NestedString(pod.Object, "spec", "nodeName")
	phase, _, _ := unstructured.NestedString(pod.Object, "status", "phase")
	if node == "" || phase == "Succeeded" || phase == "Failed" {
		return 0
	}
	if period < 0 {
		return 1
	}
	return period
}

// shorten treats the DELETE of a pod that is already terminating: the period
// can only become shorter, and its end comes with 0.
func (s *Server) shorten(pod *object, wanted *int64) bool {
	present := pod.GetDeletionGracePeriodSeconds()
	if present == nil || *present == 0 {
		return true
	}
	if wanted == nil || *wanted >= *present {
		return false
	}
	if *wanted == 0 {
		s.moveDeletion(pod, *present, 0)
		return true
	}
	s.moveDeletion(pod, *present, max(*wanted, 1))
	return false
}

func (s *Server) moveDeletion(pod *object, before, after int64) {
	at := metav1.NewTime(pod.GetDeletionTimestamp().Add(time.Duration(after-before) * time.Second))
	if now := s.now(); at.Before(&now) {
		at = now
		after = min(after, 1)
	}
	pod.SetDeletionTimestamp(&at)
	pod.SetDeletionGracePeriodSeconds(&after)
}

// setPropagation keeps the object for the garbage collector where the caller
// wants its dependents treated first.
func setPropagation(o *object, policy *metav1.DeletionPropagation) {
	finalizers := slices.DeleteFunc(o.GetFinalizers(), func(name string) bool {
		return name == metav1.FinalizerOrphanDependents || name == metav1.FinalizerDeleteDependents
	})
	switch {
	case policy == nil:
		return
	case *policy == metav1.DeletePropagationOrphan:
		finalizers = append(finalizers, metav1.FinalizerOrphanDependents)
	case *policy == metav1.DeletePropagationForeground:
		finalizers = append(finalizers, metav1.FinalizerDeleteDependents)
	}
	if len(finalizers) > 0 || len(o.GetFinalizers()) > 0 {
		o.SetFinalizers(finalizers)
	}
}

// deleteCollection deletes all that fit the selectors.
func (s *Server) deleteCollection(r *Request, resource *Resource) (reply, error) {
	chosen, err := selectionOf(r, resource)
	if err != nil {
		return reply{}, err
	}
	options, err := deleteOptions(r)
	if err != nil {
		return reply{}, err
	}
	if r.Namespace == "" && !resource.Cluster {
		return reply{}, methodNotAllowed()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	items := []any{}
	for _, o := range s.store.newest().list(resource.groupResource(), chosen.namespace) {
		if !chosen.fits(o) {
			continue
		}
		left, _, err := s.deleteLocked(resource, o, options, r.dryRun())
		if err != nil {
			return reply{}, err
		}
		items = append(items, present(left, resource))
	}
	s.changedSomething()
	return document(http.StatusOK, map[string]any{
		"kind": resource.Kind + "List", "apiVersion": resource.apiVersion(),
		"metadata": map[string]any{"resourceVersion": itoa(s.store.revision)}, "items": items,
	}), nil
}
