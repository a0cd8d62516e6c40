// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"fmt"
	"net/http"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

const modified = "the object has been modified; please apply your changes to the latest version and try again"

// update replaces an object, or its status.
func (s *Server) update(r *Request, resource *Resource) (reply, error) {
	next, err := s.decode(r, resource)
	if err != nil {
		return reply{}, err
	}
	if err := checkName(r, next); err != nil {
		return reply{}, err
	}
	if err := s.admit(r, next); err != nil {
		return reply{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.store.objects[keyOf(r, resource)]
	if old == nil {
		return reply{}, apierrors.NewNotFound(resource.groupResource(), r.Name)
	}
	if uid := next.GetUID(); uid != "" && uid != old.GetUID() {
		return reply{}, apierrors.NewConflict(resource.groupResource(), r.Name, fmt.Errorf(
			"StorageError: invalid object, Code: 4, Key: /registry/%s/%s/%s, ResourceVersion: 0, AdditionalErrorMsg: "+
				"Precondition failed: UID in precondition: %v, UID in object meta: %v",
			resource.Name, r.Namespace, r.Name, uid, old.GetUID()))
	}
	stored, err := s.replaceLocked(r, resource, old, next)
	if err != nil {
		return reply{}, err
	}
	return document(http.StatusOK, present(stored, resource)), nil
}

// checkName refuses an object that is not the one of the URL.
func checkName(r *Request, o *object) error {
	switch o.GetName() {
	case r.Name:
		return nil
	case "":
		return apierrors.NewBadRequest(fmt.Sprintf("the name of the object (%s based on URL) was undeterminable: name must be provided", r.Name))
	}
	return apierrors.NewBadRequest(fmt.Sprintf("the name of the object (%s) does not match the name on the URL (%s)", o.GetName(), r.Name))
}

// replaceLocked puts next in the place of old: preconditions, what a client
// may not change, validation, and the end of an object that lost its last
// finalizer while it was being deleted.
func (s *Server) replaceLocked(r *Request, resource *Resource, old, next *object) (*object, error) {
	if version := next.GetResourceVersion(); version != "" && version != "0" && version != old.GetResourceVersion() {
		return nil, apierrors.NewConflict(resource.groupResource(), r.Name, plainError(modified))
	}
	next.SetResourceVersion(old.GetResourceVersion())
	if next.GetUID() == "" {
		next.SetUID(old.GetUID())
	}
	keep(old, next, "metadata", "creationTimestamp")
	keep(old, next, "metadata", "generation")
	if old.GetDeletionTimestamp() != nil {
		keep(old, next, "metadata", "deletionTimestamp")
		keep(old, next, "metadata", "deletionGracePeriodSeconds")
	}
	prepareUpdate(r, resource, old, next)

	if problems := validateUpdate(r, resource, old, next); len(problems) > 0 {
		return nil, apierrors.NewInvalid(resource.groupKind(), r.Name, problems)
	}
	if equality.Semantic.DeepEqual(old.Object, next.Object) {
		return old, nil // nothing to write: no new revision and no event
	}
	if resource.Generation && r.Subresource == "" && !equality.Semantic.DeepEqual(old.Object["spec"], next.Object["spec"]) {
		next.SetGeneration(old.GetGeneration() + 1)
	}
	if r.dryRun() {
		return next, nil
	}
	k := keyOf(r, resource)
	if finished(next) && len(old.GetFinalizers()) > 0 {
		// The update that takes the last finalizer away is the removal.
		s.store.put(k, nil)
		s.changedSomething()
		return next, nil
	}
	stored := s.store.put(k, next)
	s.changedSomething()
	return stored, nil
}

// finished tells whether nothing keeps an object that is being deleted.
func finished(o *object) bool {
	if o.GetDeletionTimestamp() == nil || len(o.GetFinalizers()) > 0 {
		return false
	}
	grace := o.GetDeletionGracePeriodSeconds()
	return grace == nil || *grace == 0
}

// prepareUpdate undoes changes that belong to the other endpoint: status
// through the main one, all but status (and metadata) through /status.
func prepareUpdate(r *Request, resource *Resource, old, next *object) {
	if !resource.Status {
		return
	}
	if r.Subresource == "" {
		keep(old, next, "status")
		if resource.Name == "pods" {
			tolerateNodes(next)
		}
		return
	}
	for name := range next.Object {
		if name != "status" && name != "metadata" {
			delete(next.Object, name)
		}
	}
	for name, value := range old.Object {
		if name != "status" && name != "metadata" {
			next.Object[name] = value
		}
	}
	next.SetOwnerReferences(old.GetOwnerReferences())
}

// keep copies one field from old, or removes it when old has none.
func keep(old, next *object, path ...string) {
	value, found, err := unstructured.NestedFieldCopy(old.Object, path...)
	if err != nil || !found {
		unstructured.RemoveNestedField(next.Object, path...)
		return
	}
	unstructured.SetNestedField(next.Object, value, path...) //nolint:errcheck // the way there is a map in every object
}

func validateUpdate(r *Request, resource *Resource, old, next *object) field.ErrorList {
	at := field.NewPath("metadata")
	problems := validation.ValidateObjectMetaAccessorUpdate(next, old, at)
	valid := resource.ValidName
	if valid == nil {
		valid = validation.NameIsDNSSubdomain
	}
	problems = append(problems, validation.ValidateObjectMetaAccessor(next, !resource.Cluster, valid, at)...)
	problems = append(problems, validateFinalizers(resource, next)...)
	switch {
	case resource.Name == "pods" && r.Subresource == "":
		problems = append(problems, validatePodUpdate(old, next)...)
	case old.Object["immutable"] == true:
		problems = append(problems, validateImmutable(old, next)...)
	}
	return problems
}

// validateImmutable keeps ConfigMaps and Secrets that say they are immutable.
func validateImmutable(old, next *object) field.ErrorList {
	var problems field.ErrorList
	const why = "field is immutable when `immutable` is set"
	if next.Object["immutable"] != true {
		problems = append(problems, field.Forbidden(field.NewPath("immutable"), why))
	}
	for _, name := range []string{"data", "binaryData"} {
		if !equality.Semantic.DeepEqual(old.Object[name], next.Object[name]) {
			problems = append(problems, field.Forbidden(field.NewPath(name), why))
		}
	}
	return problems
}
