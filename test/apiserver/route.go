// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// route does what a request asks for, in the order of the real server:
// authorization, then the URL, then the operation.
func (s *Server) route(r *Request) (reply, error) {
	if err := s.authorize(r); err != nil {
		return reply{}, err
	}
	if r.NonResource != "" || r.Resource == "" {
		return s.nonResource(r)
	}
	if review := s.reviewer(r); review != nil {
		return review(r)
	}
	resource := s.resource(r.Group, r.Version, r.Resource)
	if resource == nil && r.Group != "" {
		return notServed(), nil
	}
	if resource == nil || (r.Namespace != "" && resource.Cluster && r.Resource != "namespaces") {
		return reply{}, unknownPath()
	}
	if r.Subresource != "" && (r.Subresource != "status" || !resource.Status) {
		return s.subresource(r, resource)
	}
	if r.Name == "" && (r.Verb == "update" || r.Verb == "patch") || r.method == http.MethodHead {
		return reply{}, methodNotAllowed()
	}
	if err := writeOptions(r); err != nil {
		return reply{}, err
	}
	switch r.Verb {
	case "get":
		return s.get(r, resource)
	case "list":
		return s.list(r, resource)
	case "watch":
		return s.watch(r, resource)
	case "create":
		if r.Name != "" || (r.Namespace == "" && !resource.Cluster) {
			return reply{}, methodNotAllowed()
		}
		return s.create(r, resource)
	case "update":
		return s.update(r, resource)
	case "patch":
		return s.patch(r, resource)
	case "delete":
		return s.delete(r, resource)
	case "deletecollection":
		return s.deleteCollection(r, resource)
	}
	return reply{}, methodNotAllowed()
}

// reviewer is what answers a question that is put as the creation of an object which nobody keeps; nil if it is none.
func (s *Server) reviewer(r *Request) func(*Request) (reply, error) {
	if r.Verb != "create" {
		return nil
	}
	switch r.Resource {
	case "selfsubjectaccessreviews":
		return s.reviewSelf
	case "localsubjectaccessreviews":
		return s.reviewLocal
	case "selfsubjectreviews":
		return s.whoAmI
	default:
		return nil
	}
}

// subresource does what the paths below an object are for, /status apart.
func (s *Server) subresource(r *Request, resource *Resource) (reply, error) {
	switch {
	case r.Resource != "pods":
	case r.Subresource == "log" && r.Verb == "get":
		return s.podLogs(r)
	case r.Subresource == "portforward" && r.Verb == "create":
		return s.portForward(r)
	case r.Subresource == "eviction" && r.Verb == "create":
		return s.evict(r, resource)
	}
	return reply{}, unknownPath()
}

// keyOf is where the object named by the URL lives.
func keyOf(r *Request, resource *Resource) key {
	k := key{GroupResource: resource.groupResource(), namespace: r.Namespace, name: r.Name}
	if resource.Cluster {
		k.namespace = ""
	}
	return k
}

func unknownPath() error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusNotFound, Reason: metav1.StatusReasonNotFound,
		Message: "the server could not find the requested resource", Details: &metav1.StatusDetails{},
	}}
}

// notServed is the answer to a path outside all known groups.
func notServed() reply {
	return reply{
		code: http.StatusNotFound, header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, body: []byte("404 page not found\n"),
	}
}

func methodNotAllowed() error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusMethodNotAllowed, Reason: metav1.StatusReasonMethodNotAllowed,
		Message: "the server does not allow this method on the requested resource", Details: &metav1.StatusDetails{},
	}}
}
