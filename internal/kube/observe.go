// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package kube

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"k8s.io/client-go/rest"
)

// Observer is told of every call to the API server, from any goroutine.
type Observer interface {
	// Answered is told of each call: its verb and resource in a Role's words, and the code of
	// the answer, 0 when none came. A call that we gave up ourselves is not told.
	Answered(verb, resource string, code int)
	// Read is told how many bytes of an answer's body came.
	Read(resource string, n int)
}

// Observe makes every client that is made from config from now on tell o of its calls.
func Observe(config *rest.Config, o Observer) {
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return &observed{next, o} })
}

// observed tells of the calls that pass through it.
type observed struct {
	next     http.RoundTripper
	observer Observer
}

// RoundTrip sends the call on and tells of its answer.
func (o *observed) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := o.next.RoundTrip(r)
	verb, resource := action(r)
	switch {
	case err == nil:
		o.observer.Answered(verb, resource, answer.StatusCode)
		answer.Body = &observedBody{answer.Body, o.observer, resource}
	case !errors.Is(r.Context().Err(), context.Canceled):
		o.observer.Answered(verb, resource, 0)
	}
	return answer, err
}

// WrappedRoundTripper is how client-go finds the transport behind others.
func (o *observed) WrappedRoundTripper() http.RoundTripper { return o.next }

// observedBody tells of the bytes that are read from it.
type observedBody struct {
	io.ReadCloser
	observer Observer
	resource string
}

func (b *observedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.observer.Read(b.resource, n)
	return n, err
}

// action is what a call asks for, in the words of a Role: the verb, and the resource with its subresource.
func action(r *http.Request) (verb, resource string) {
	_, path, found := strings.Cut(r.URL.Path, "/api/v1/")
	if !found {
		// Of another group: its version follows.
		_, path, _ = strings.Cut(r.URL.Path, "/apis/")
		_, path, _ = strings.Cut(path, "/")
		_, path, _ = strings.Cut(path, "/")
	}
	parts := strings.Split(path, "/")
	if parts[0] == "namespaces" && len(parts) > 2 {
		parts = parts[2:]
	}
	resource, named := parts[0], len(parts) > 1
	if len(parts) > 2 {
		resource += "/" + parts[2]
	}
	switch r.Method {
	case http.MethodGet:
		verb = "get"
		if !named && r.URL.Query().Get("watch") != "" {
			verb = "watch"
		} else if !named {
			verb = "list"
		}
	case http.MethodPost:
		verb = "create"
	case http.MethodPut:
		verb = "update"
	default:
		verb = strings.ToLower(r.Method)
	}
	return verb, resource
}
