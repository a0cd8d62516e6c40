// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"fmt"
	"net/http"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/json"
)

// anybody makes the requests when no users are configured.
const anybody = "system:admin"

// authenticate finds the user of a request: of the token, or the one that this
// user is allowed to impersonate.
func (s *Server) authenticate(hr *http.Request) (string, error) {
	user, err := s.tokenUser(hr)
	other := hr.Header.Get("Impersonate-User")
	if err != nil || other == "" {
		return user, err
	}
	wanted := Attributes{User: user, Verb: "impersonate", Resource: "users", Name: other}
	if !s.allowed(wanted) {
		return user, forbidden(wanted)
	}
	return other, nil
}

func (s *Server) tokenUser(hr *http.Request) (string, error) {
	if s.options.Users == nil {
		return anybody, nil
	}
	token, found := strings.CutPrefix(hr.Header.Get("Authorization"), "Bearer ")
	if !found {
		return "system:anonymous", nil
	}
	if user, known := s.options.Users[token]; known {
		return user, nil
	}
	return "", apierrors.NewUnauthorized("Unauthorized")
}

// authorize asks the rule.
func (s *Server) authorize(r *Request) error {
	if s.allowed(r.Attributes) {
		return nil
	}
	return forbidden(r.Attributes)
}

// forbidden is the refusal in the words of the real server.
func forbidden(a Attributes) error {
	if a.NonResource != "" {
		return apierrors.NewForbidden(schema.GroupResource{}, "", fmt.Errorf("User %q cannot %s path %q", a.User, a.Verb, a.NonResource))
	}
	resource := a.Resource
	if a.Subresource != "" {
		resource += "/" + a.Subresource
	}
	where := "at the cluster scope"
	if a.Namespace != "" {
		where = fmt.Sprintf("in the namespace %q", a.Namespace)
	}
	return apierrors.NewForbidden(schema.GroupResource{Group: a.Group, Resource: a.Resource}, a.Name,
		fmt.Errorf("User %q cannot %s resource %q in API group %q %s", a.User, a.Verb, resource, a.Group, where))
}

func (s *Server) allowed(a Attributes) bool {
	s.hooks.Lock()
	rule := s.hooks.authorize
	s.hooks.Unlock()
	switch {
	case rule == nil:
		return true
	case strings.HasPrefix(a.NonResource, "/version"), strings.HasPrefix(a.NonResource, "/readyz"),
		strings.HasPrefix(a.NonResource, "/livez"), strings.HasPrefix(a.NonResource, "/healthz"),
		strings.HasPrefix(a.NonResource, "/api"):
		return true // system:discovery and system:public-info-viewer
	case a.Resource == "selfsubjectaccessreviews", a.Resource == "selfsubjectreviews":
		return true // system:basic-user
	}
	return rule(a)
}

// whoAmI answers a SelfSubjectReview.
func (s *Server) whoAmI(r *Request) (reply, error) {
	return document(http.StatusCreated, authenticationv1.SelfSubjectReview{
		TypeMeta: metav1.TypeMeta{Kind: "SelfSubjectReview", APIVersion: "authentication.k8s.io/v1"},
		Status:   authenticationv1.SelfSubjectReviewStatus{UserInfo: authenticationv1.UserInfo{Username: r.User}},
	}), nil
}

// reviewLocal answers a LocalSubjectAccessReview by the same rule, about the user that it names.
func (s *Server) reviewLocal(r *Request) (reply, error) {
	var review authorizationv1.LocalSubjectAccessReview
	if err := json.Unmarshal(r.Body, &review); err != nil {
		return reply{}, apierrors.NewBadRequest(err.Error())
	}
	w := review.Spec.ResourceAttributes
	if w == nil || w.Namespace != r.Namespace || review.Namespace != r.Namespace {
		return reply{}, apierrors.NewBadRequest("spec.resourceAttributes.namespace must match the namespace of the request")
	}
	review.Kind, review.APIVersion = "LocalSubjectAccessReview", "authorization.k8s.io/v1"
	review.ObjectMeta = metav1.ObjectMeta{}
	review.Status.Allowed = s.allowed(Attributes{
		User: review.Spec.User, Verb: w.Verb, Group: w.Group, Version: w.Version, Resource: w.Resource,
		Subresource: w.Subresource, Namespace: w.Namespace, Name: w.Name,
	})
	return document(http.StatusCreated, review), nil
}

// reviewSelf answers a SelfSubjectAccessReview by the same rule.
func (s *Server) reviewSelf(r *Request) (reply, error) {
	var review authorizationv1.SelfSubjectAccessReview
	if err := json.Unmarshal(r.Body, &review); err != nil {
		return reply{}, apierrors.NewBadRequest(err.Error())
	}
	a := Attributes{User: r.User}
	switch wanted := review.Spec; {
	case wanted.ResourceAttributes != nil:
		w := wanted.ResourceAttributes
		a.Verb, a.Group, a.Version, a.Resource = w.Verb, w.Group, w.Version, w.Resource
		a.Subresource, a.Namespace, a.Name = w.Subresource, w.Namespace, w.Name
	case wanted.NonResourceAttributes != nil:
		a.Verb, a.NonResource = wanted.NonResourceAttributes.Verb, wanted.NonResourceAttributes.Path
	default:
		return reply{}, apierrors.NewBadRequest("exactly one of nonResourceAttributes or resourceAttributes must be specified")
	}
	review.Kind, review.APIVersion = "SelfSubjectAccessReview", "authorization.k8s.io/v1"
	review.ObjectMeta = metav1.ObjectMeta{}
	review.Status.Allowed = s.allowed(a)
	return document(http.StatusCreated, review), nil
}
