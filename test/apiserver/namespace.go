// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// admitNamespace refuses objects in namespaces that are not there or going.
func (s *Server) admitNamespace(resource *Resource, o *object) error {
	if resource.Cluster {
		return nil
	}
	namespaces := s.resource("", "v1", "namespaces").groupResource()
	found := s.store.objects[key{GroupResource: namespaces, name: o.GetNamespace()}]
	if found == nil {
		return apierrors.NewNotFound(namespaces, o.GetNamespace())
	}
	if found.GetDeletionTimestamp() == nil {
		return nil
	}
	refused := apierrors.NewForbidden(resource.groupResource(), o.GetName(),
		fmt.Errorf("unable to create new content in namespace %s because it is being terminated", o.GetNamespace()))
	refused.ErrStatus.Details.Causes = append(refused.ErrStatus.Details.Causes, metav1.StatusCause{
		Type:    corev1.NamespaceTerminatingCause,
		Message: fmt.Sprintf("namespace %s is being terminated", o.GetNamespace()),
		Field:   "metadata.namespace",
	})
	return refused
}

// admitServiceAccount refuses a pod whose ServiceAccount is not there.
func (s *Server) admitServiceAccount(resource *Resource, o *object) error {
	spec, _ := o.Object["spec"].(map[string]any)
	name, _ := spec["serviceAccountName"].(string)
	if name == "" {
		name = "default"
	}
	accounts := s.resource("", "v1", "serviceaccounts").groupResource()
	if s.store.objects[key{GroupResource: accounts, namespace: o.GetNamespace(), name: name}] != nil {
		return nil
	}
	return apierrors.NewForbidden(resource.groupResource(), o.GetName(),
		fmt.Errorf("error looking up service account %s/%s: serviceaccount %q not found", o.GetNamespace(), name, name))
}

// makeNamespace makes a namespace as New needs it.
func (s *Server) makeNamespace(name string) {
	resource := s.resource("", "v1", "namespaces")
	o := &object{Object: map[string]any{
		"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name},
	}}
	if _, err := s.createLocked(&Request{}, resource, o); err != nil {
		panic(fmt.Sprintf("make namespace %s: %v", name, err)) // a mistake in the test's Options
	}
}

// makeServiceAccount makes the "default" one, which a controller makes in a
// real cluster, a moment later.
func (s *Server) makeServiceAccount(namespace string) {
	o := &object{Object: map[string]any{
		"apiVersion": "v1", "kind": "ServiceAccount",
		"metadata": map[string]any{"name": "default", "namespace": namespace},
	}}
	o.SetUID(s.uid())
	now := metav1.NewTime(s.now().Time)
	o.SetCreationTimestamp(now)
	accounts := s.resource("", "v1", "serviceaccounts").groupResource()
	s.store.put(key{GroupResource: accounts, namespace: namespace, name: "default"}, o)
}
