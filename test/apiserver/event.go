// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"crypto/sha256"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Report writes an Event about a pod as scheduler and kubelet do, without being a request. The
// same report again counts up the Event that is there. It says whether the pod is there.
func (s *Server) Report(namespace, pod, component, kind, reason, message string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	about := s.store.objects[key{GroupResource: s.resource("", "v1", "pods").groupResource(), namespace: namespace, name: pod}]
	if about == nil {
		return false
	}
	digest := sha256.Sum256([]byte(string(about.GetUID()) + component + reason + message))
	name := fmt.Sprintf("%s.%x", pod, digest[:8])
	k := key{GroupResource: s.resource("", "v1", "events").groupResource(), namespace: namespace, name: name}
	event := corev1.Event{
		TypeMeta:   metav1.TypeMeta{Kind: "Event", APIVersion: "v1"},
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace, CreationTimestamp: s.now(), UID: s.uid()},
		InvolvedObject: corev1.ObjectReference{
			Kind: "Pod", APIVersion: "v1", Namespace: namespace, Name: pod, UID: about.GetUID(), ResourceVersion: about.GetResourceVersion(),
		},
		Type: kind, Reason: reason, Message: message, Count: 1,
		Source: corev1.EventSource{Component: component}, ReportingController: component,
		FirstTimestamp: s.now(), LastTimestamp: s.now(),
	}
	if old := s.store.objects[k]; old != nil {
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(old.Object, &event); err != nil {
			panic(fmt.Sprintf("read event %s: %v", name, err)) // the server made it itself
		}
		event.Count++
		event.LastTimestamp = s.now()
	}
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&event)
	if err != nil {
		panic(fmt.Sprintf("write event %s: %v", name, err)) // the server made it itself
	}
	s.store.put(k, &object{Object: content})
	s.changedSomething()
	return true
}

// expireEvents removes the Events that nobody has written for EventTTL. The real store does so
// by leases; here it happens with the next request.
func (s *Server) expireEvents() {
	s.mu.Lock()
	defer s.mu.Unlock()
	var old []key
	for k, written := range s.store.events {
		if s.options.Now().Sub(written) >= s.options.EventTTL {
			old = append(old, k)
		}
	}
	sortKeys(old)
	for _, k := range old {
		s.store.put(k, nil)
	}
	if len(old) > 0 {
		s.changedSomething()
	}
}

// validateEvent wants an Event to be in the namespace of what it is about.
func validateEvent(o *object) field.ErrorList {
	about, _, _ := unstructured.NestedString(o.Object, "involvedObject", "namespace")
	if about == "" || about == o.GetNamespace() {
		return nil
	}
	return field.ErrorList{field.Invalid(field.NewPath("involvedObject", "namespace"), about, "does not match event.namespace")}
}
