// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sparkctl/sparkctl/test/apiserver"
)

// withLog gives a server with a running pod that wrote three lines, one a second.
func withLog(t *testing.T) (*apiserver.Server, caller) {
	t.Helper()
	server := apiserver.New(apiserver.Options{})
	c := caller{client: &http.Client{Transport: server.Transport()}, base: "http://apiserver.test"}
	c.create(t, "a")
	if !server.Schedule("default", "a", "node") || !server.Run("default", "a") {
		t.Fatal("the pod does not run")
	}
	for _, line := range []string{"one\n", "two\n", "three\n"} {
		server.AppendLog("default", "a", "main", line)
		time.Sleep(time.Second)
	}
	return server, c
}

func TestPodLogs(t *testing.T) {
	for _, test := range []struct{ name, query, want string }{
		{name: "all of it", want: "one\ntwo\nthree\n"},
		{name: "the last lines", query: "tailLines=2", want: "two\nthree\n"},
		{name: "no lines", query: "tailLines=0", want: ""},
		{name: "so many bytes", query: "limitBytes=5", want: "one\nt"},
		{name: "with the time of the runtime", query: "tailLines=1&timestamps=true", want: "2000-01-01T00:00:02.000000000Z three\n"},
		{name: "since a time, which is included", query: "sinceTime=2000-01-01T00:00:01Z", want: "two\nthree\n"},
		{name: "since a time, by whole seconds", query: "sinceTime=2000-01-01T00:00:01.9Z", want: "two\nthree\n"},
		{name: "since some seconds ago", query: "sinceSeconds=1", want: "three\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, c := withLog(t)
				status, body, err := c.do(t.Context(), http.MethodGet, podsPath+"/a/log?"+test.query, "")
				if err != nil || status != http.StatusOK || body != test.want {
					t.Errorf("got %d %q %v, want %q", status, body, err, test.want)
				}
			})
		})
	}
}

func TestAFollowedLog(t *testing.T) {
	follow := func(t *testing.T, c caller) string {
		t.Helper()
		_, body, err := c.do(t.Context(), http.MethodGet, podsPath+"/a/log?follow=true&tailLines=1", "")
		if err != nil {
			t.Error(err)
		}
		return body
	}
	for _, test := range []struct {
		name string
		then func(server *apiserver.Server)
		want string
	}{
		{name: "ends with the container", then: func(s *apiserver.Server) {
			s.AppendLog("default", "a", "main", "four\nfive\n")
			s.Terminate("default", "a", "main", 3)
		}, want: "three\nfour\nfive\n"},
		{name: "ends with the pod", then: func(s *apiserver.Server) { s.Remove("pods", "default", "a") }, want: "three\n"},
		{name: "goes on after a rotation", then: func(s *apiserver.Server) {
			s.RemoveLog("default", "a", "main")
			s.AppendLog("default", "a", "main", "six\n")
			s.Terminate("default", "a", "main", 0)
		}, want: "three\nsix\n"},
		{name: "ends cleanly though the container runs", then: func(s *apiserver.Server) { s.CutStreams(apiserver.Delivered, nil) }, want: "three\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, c := withLog(t)
				time.AfterFunc(time.Hour, func() { test.then(server) })
				if got := follow(t, c); got != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
			})
		})
	}
}

func TestALongLineComesInPieces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, c := withLog(t)
		long := strings.Repeat("x", 20000)
		server.AppendLog("default", "a", "main", long+"\n")
		for query, want := range map[string]string{
			"tailLines=2&timestamps=true": "2000-01-01T00:00:03.000000000Z " + long + "\n",
			"tailLines=1":                 long[:20000-16384] + "\n",
		} {
			if _, body, err := c.do(t.Context(), http.MethodGet, podsPath+"/a/log?"+query, ""); err != nil || body != want {
				t.Errorf("%s: got %d bytes %v, want %d", query, len(body), err, len(want))
			}
		}
	})
}

func TestALogThatIsNotThere(t *testing.T) {
	server := apiserver.New(apiserver.Options{})
	c := caller{client: &http.Client{Transport: server.Transport()}, base: "http://apiserver.test"}
	c.create(t, "a")
	server.Schedule("default", "a", "node")
	ctx := context.WithoutCancel(t.Context())
	for query, want := range map[string]string{
		"":                "is waiting to start: ContainerCreating",
		"container=other": "container other is not valid for pod a",
	} {
		status, body, err := c.do(ctx, http.MethodGet, podsPath+"/a/log?"+query, "")
		if err != nil || status != http.StatusBadRequest || !strings.Contains(body, want) {
			t.Errorf("%q: got %d %s %v", query, status, body, err)
		}
	}
	server.Run("default", "a")
	if status, body, err := c.do(ctx, http.MethodGet, podsPath+"/a/log?previous=true", ""); status != http.StatusBadRequest {
		t.Errorf("previous: got %d %s %v", status, body, err)
	}
}
