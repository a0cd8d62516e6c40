// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"slices"
	"sort"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

// changedSomething follows every write: the controllers have their turn and
// the streams wake up. Call it with the lock held.
func (s *Server) changedSomething() {
	if !s.options.ManualGC {
		s.collect()
	}
	s.broadcast()
}

// CollectGarbage does what the garbage collector and the namespace controller
// of a cluster do in the background; it tells how many objects it touched.
// Needed with Options.ManualGC only.
func (s *Server) CollectGarbage() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.collect()
	s.broadcast()
	return n
}

// collect deletes what has lost all its owners until nothing more is to do.
func (s *Server) collect() int {
	total := 0
	for {
		n := s.collectOnce()
		total += n
		if n == 0 {
			s.countQuotas()
			return total
		}
	}
}

func (s *Server) collectOnce() int {
	alive := map[types.UID]*object{}
	var owned, ending []key
	for k, o := range s.store.objects {
		alive[o.GetUID()] = o
		if len(o.GetOwnerReferences()) > 0 {
			owned = append(owned, k)
		}
		if o.GetDeletionTimestamp() != nil {
			ending = append(ending, k)
		}
	}
	sortKeys(owned)
	sortKeys(ending)
	n := 0
	for _, k := range owned {
		o := s.store.objects[k]
		if o != nil && o.GetDeletionTimestamp() == nil && !s.hasOwner(o, alive) {
			s.removeDependent(k, o)
			n++
		}
	}
	for _, k := range ending {
		if o := s.store.objects[k]; o != nil && s.finishDeletion(k, o) {
			n++
		}
	}
	return n
}

func sortKeys(keys []key) {
	sort.Slice(keys, func(i, j int) bool {
		a, b := keys[i], keys[j]
		return a.String()+"/"+a.namespace+"/"+a.name < b.String()+"/"+b.namespace+"/"+b.name
	})
}

// hasOwner tells whether one of the owners is there and not waiting, by
// foreground deletion, for this very object to go.
func (s *Server) hasOwner(o *object, alive map[types.UID]*object) bool {
	for _, reference := range o.GetOwnerReferences() {
		owner := alive[reference.UID]
		if owner == nil || (owner.GetNamespace() != "" && owner.GetNamespace() != o.GetNamespace()) {
			continue
		}
		if owner.GetDeletionTimestamp() != nil && slices.Contains(owner.GetFinalizers(), metav1.FinalizerDeleteDependents) {
			continue
		}
		return true
	}
	return false
}

func (s *Server) removeDependent(k key, o *object) {
	background := metav1.DeletePropagationBackground
	resource := s.byGroupResource(k)
	if resource == nil {
		return
	}
	//nolint:errcheck // without preconditions nothing can refuse it
	s.deleteLocked(resource, o, metav1.DeleteOptions{PropagationPolicy: &background}, false)
}

func (s *Server) byGroupResource(k key) *Resource {
	for i := range s.resources {
		if s.resources[i].groupResource() == k.GroupResource {
			return &s.resources[i]
		}
	}
	return nil
}

// finishDeletion does the controllers' part in the end of an object.
func (s *Server) finishDeletion(k key, o *object) bool {
	if k.Resource == "namespaces" && k.Group == "" {
		return s.emptyNamespace(k, o)
	}
	switch {
	case slices.Contains(o.GetFinalizers(), metav1.FinalizerOrphanDependents):
		for other, dependent := range s.store.objects {
			if references := without(dependent.GetOwnerReferences(), o.GetUID()); len(references) < len(dependent.GetOwnerReferences()) {
				next := dependent.DeepCopy()
				next.SetOwnerReferences(references)
				s.store.put(other, next)
			}
		}
		s.dropFinalizer(k, o, metav1.FinalizerOrphanDependents)
		return true
	case slices.Contains(o.GetFinalizers(), metav1.FinalizerDeleteDependents):
		for _, dependent := range s.store.objects {
			if slices.ContainsFunc(dependent.GetOwnerReferences(), func(r metav1.OwnerReference) bool {
				return r.UID == o.GetUID() && r.BlockOwnerDeletion != nil && *r.BlockOwnerDeletion
			}) {
				return false
			}
		}
		s.dropFinalizer(k, o, metav1.FinalizerDeleteDependents)
		return true
	}
	return false
}

func without(references []metav1.OwnerReference, uid types.UID) []metav1.OwnerReference {
	return slices.DeleteFunc(slices.Clone(references), func(r metav1.OwnerReference) bool { return r.UID == uid })
}

func (s *Server) dropFinalizer(k key, o *object, name string) {
	next := o.DeepCopy()
	next.SetFinalizers(slices.DeleteFunc(next.GetFinalizers(), func(f string) bool { return f == name }))
	if finished(next) {
		s.store.put(k, nil)
		return
	}
	s.store.put(k, next)
}

// emptyNamespace deletes what is in a terminating namespace, then itself.
func (s *Server) emptyNamespace(k key, o *object) bool {
	var inside []key
	for other := range s.store.objects {
		if other.namespace == o.GetName() {
			inside = append(inside, other)
		}
	}
	sortKeys(inside)
	deleted := false
	for _, other := range inside {
		if content := s.store.objects[other]; content != nil && content.GetDeletionTimestamp() == nil {
			s.removeDependent(other, content)
			deleted = true
		}
	}
	if deleted {
		return true
	}
	if len(inside) > 0 {
		return false
	}
	unstructured.RemoveNestedField(o.DeepCopy().Object, "spec", "finalizers")
	s.store.put(k, nil)
	return true
}
