// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package kube_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"

	"github.com/sparkctl/sparkctl/internal/kube"
)

// heard is an observer that keeps what it is told.
type heard struct {
	mu    sync.Mutex
	calls []string
	read  map[string]int
}

func (h *heard) Answered(verb, resource string, code int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls = append(h.calls, fmt.Sprint(verb, " ", resource, " ", code))
}

func (h *heard) Read(resource string, n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.read[resource] += n
}

func TestObserveTellsOfEveryCallInTheWordsOfARole(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("break") != "" {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, "0123456789")
	}))
	defer server.Close()
	for name, test := range map[string]struct {
		method, path string
		want         string
	}{
		"a pod":                              {"GET", "/api/v1/namespaces/jobs/pods/a", "get pods 200"},
		"a pod called watch":                 {"GET", "/api/v1/namespaces/jobs/pods/watch", "get pods 200"},
		"pods":                               {"GET", "/api/v1/namespaces/jobs/pods?fieldSelector=x", "list pods 200"},
		"pods as they change":                {"GET", "/api/v1/namespaces/jobs/pods?watch=true", "watch pods 200"},
		"a log":                              {"GET", "/api/v1/namespaces/jobs/pods/a/log?follow=true", "get pods/log 200"},
		"a page of a pod":                    {"GET", "/api/v1/namespaces/jobs/pods/a:4040/proxy/api/v1/applications", "get pods/proxy 200"},
		"events":                             {"GET", "/api/v1/namespaces/jobs/events", "list events 200"},
		"a node":                             {"GET", "/api/v1/nodes/n", "get nodes 200"},
		"a namespace":                        {"GET", "/api/v1/namespaces/jobs", "get namespaces 200"},
		"a pod to make":                      {"POST", "/api/v1/namespaces/jobs/pods", "create pods 200"},
		"a pod to end":                       {"DELETE", "/api/v1/namespaces/jobs/pods/a", "delete pods 200"},
		"a pod to change":                    {"PATCH", "/api/v1/namespaces/jobs/pods/a", "patch pods 200"},
		"a pod to replace":                   {"PUT", "/api/v1/namespaces/jobs/pods/a", "update pods 200"},
		"another group":                      {"GET", "/apis/coordination.k8s.io/v1/namespaces/jobs/leases", "list leases 200"},
		"a server behind a path":             {"GET", "/clusters/c1/api/v1/namespaces/jobs/pods/a", "get pods 200"},
		"a connection that breaks":           {"GET", "/api/v1/namespaces/jobs/pods/a?break=1", "get pods 0"},
		"what is no resource does not panic": {"GET", "/version", "list  200"},
	} {
		t.Run(name, func(t *testing.T) {
			h := &heard{read: map[string]int{}}
			config := &rest.Config{Host: server.URL}
			kube.Observe(config, h)
			client, err := rest.HTTPClientFor(config)
			if err != nil {
				t.Fatal(err)
			}
			call(t.Context(), t, client, test.method, server.URL+test.path)
			if diff := cmp.Diff([]string{test.want}, slices.Compact(h.calls)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestObserveTellsOfWhatWasReadAndNotOfWhatWasGivenUp(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("hang") != "" {
			<-release
		}
		_, _ = io.WriteString(w, "0123456789")
	}))
	defer server.Close()
	defer close(release)
	h := &heard{read: map[string]int{}}
	config := &rest.Config{Host: server.URL}
	kube.Observe(config, h)
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		t.Fatal(err)
	}
	call(t.Context(), t, client, "GET", server.URL+"/api/v1/namespaces/jobs/pods/a/log")
	if h.read["pods/log"] != 10 {
		t.Errorf("%d bytes, want 10", h.read["pods/log"])
	}
	given, giveUp := context.WithCancel(t.Context())
	giveUp()
	call(given, t, client, "GET", server.URL+"/api/v1/namespaces/jobs/pods/a?hang=1")
	if diff := cmp.Diff([]string{"get pods/log 200"}, h.calls); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// call makes a call and reads its answer to the end, if it gets one.
func call(ctx context.Context, t *testing.T, client *http.Client, method, url string) {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Do(request)
	if err != nil {
		return
	}
	defer answer.Body.Close()
	if _, err := io.ReadAll(answer.Body); err != nil {
		t.Error(err)
	}
}
