// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package kube_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"

	"github.com/sparkctl/sparkctl/internal/kube"
)

// answering is a client of a server that gives every request the same answer, and the last request to it.
func answering(t *testing.T, code int, body string) (*kube.Client, *http.Request) {
	t.Helper()
	var last http.Request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		last = *r
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	transport := &http.Transport{DisableKeepAlives: true}
	client, err := kube.NewClient(&rest.Config{Host: server.URL, Transport: transport, QPS: -1})
	if err != nil {
		t.Fatal(err)
	}
	return client, &last
}

// reads are the calls whose answers decide nothing, with what they give back as text.
var reads = map[string]func(context.Context, *kube.Client) (string, error){
	"the events of a pod": func(ctx context.Context, c *kube.Client) (string, error) {
		events, err := c.Events(ctx, "jobs", "u-1")
		var said []string
		for _, event := range events {
			said = append(said, event.Reason)
		}
		return strings.Join(said, ","), err
	},
	"a node": func(ctx context.Context, c *kube.Client) (string, error) {
		node, err := c.Node(ctx, "node-1")
		if err != nil {
			return "", err
		}
		return node.Name, nil
	},
	"the executors of an application": func(ctx context.Context, c *kube.Client) (string, error) {
		text, err := c.Executors(ctx, "jobs", "spark-1")
		return string(text), err
	},
	"a page of the driver": func(ctx context.Context, c *kube.Client) (string, error) {
		text, err := c.Proxy(ctx, "jobs", "etl-driver", 4040, "api/v1/applications/spark-1/jobs?status=running")
		return string(text), err
	},
}

const refusal = `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,"message":"pods \"etl-driver\" is forbidden"}`

func TestReadsAskForNoMoreThanTheyNeed(t *testing.T) {
	for name, test := range map[string]struct {
		answer, path, query, accept, want string
	}{
		"the events of a pod": {
			answer: `{"kind":"EventList","apiVersion":"v1","items":[{"reason":"Pulling"},{"reason":"FailedMount"}]}`,
			path:   "/api/v1/namespaces/jobs/events", query: "fieldSelector=involvedObject.uid%3Du-1&limit=200", accept: "application/json", want: "Pulling,FailedMount",
		},
		"a node": {
			answer: `{"kind":"Node","apiVersion":"v1","metadata":{"name":"node-1"}}`,
			path:   "/api/v1/nodes/node-1", accept: "application/json", want: "node-1",
		},
		"the executors of an application": {
			answer: `{"kind":"Table"}`, path: "/api/v1/namespaces/jobs/pods",
			query:  "includeObject=None&labelSelector=spark-role%3Dexecutor%2Cspark-app-selector%3Dspark-1&limit=400",
			accept: "application/json;as=Table;v=v1;g=meta.k8s.io", want: `{"kind":"Table"}`,
		},
		"a page of the driver": {
			answer: "[]", path: "/api/v1/namespaces/jobs/pods/etl-driver:4040/proxy/api/v1/applications/spark-1/jobs", query: "status=running",
			accept: "application/json", want: "[]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			client, last := answering(t, http.StatusOK, test.answer)
			got, err := reads[name](t.Context(), client)
			if err != nil {
				t.Fatal(err)
			}
			accept, _, _ := strings.Cut(last.Header.Get("Accept"), ", ")
			want := []string{"GET", test.path, test.query, test.accept, test.want}
			if diff := cmp.Diff(want, []string{last.Method, last.URL.Path, last.URL.RawQuery, accept, got}); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestReadsTellWhatWentWrong(t *testing.T) {
	for name, read := range reads {
		for what, test := range map[string]struct {
			code  int
			body  string
			wrong func(error) bool
			says  string
		}{
			"that it is forbidden":     {403, refusal, apierrors.IsForbidden, "forbidden"},
			"that there is none":       {404, strings.NewReplacer("Forbidden", "NotFound", "403", "404").Replace(refusal), apierrors.IsNotFound, ""},
			"that the server is down":  {503, "upstream is away", apierrors.IsServiceUnavailable, ""},
			"that the answer is no OK": {418, "<html>", func(err error) bool { return err != nil }, ""},
		} {
			t.Run(name+" "+what, func(t *testing.T) {
				client, _ := answering(t, test.code, test.body)
				got, err := read(t.Context(), client)
				if !test.wrong(err) || got != "" || !strings.Contains(err.Error(), test.says) {
					t.Errorf("%q, %v", got, err)
				}
			})
		}
		t.Run(name+" ends with its context", func(t *testing.T) {
			client, _ := answering(t, http.StatusOK, "{}")
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if _, err := read(ctx, client); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
}

func TestAnswersThatAreReadAsTheyAreHaveABound(t *testing.T) {
	for _, name := range []string{"the executors of an application", "a page of the driver"} {
		for length, want := range map[int]error{kube.MaxAnswer: nil, kube.MaxAnswer + 1: kube.ErrTooLong} {
			client, _ := answering(t, http.StatusOK, strings.Repeat("x", length))
			got, err := reads[name](t.Context(), client)
			if !errors.Is(err, want) || err == nil && len(got) != length {
				t.Errorf("%s of %d bytes: %d bytes, %v", name, length, len(got), err)
			}
		}
	}
}
