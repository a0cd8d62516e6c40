// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sparkctl/sparkctl/test/apiserver"
)

func TestDamagedDocuments(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		action apiserver.Action
		seen   string
		half   bool
	}{
		{name: "an EOF in the middle", action: apiserver.Action{Lose: apiserver.Midway}, seen: "EOF", half: true},
		{name: "a clean end in the middle", action: apiserver.Action{Lose: apiserver.Truncated}, seen: "OK", half: true},
		{name: "a proxy's page", action: apiserver.Action{Page: &apiserver.Page{Code: http.StatusBadGateway, Body: "<html>"}}, seen: "Bad Gateway"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			overBoth(t, func(t *testing.T, server *apiserver.Server, c caller) {
				c.create(t, "a")
				_, whole, err := c.do(t.Context(), http.MethodGet, podsPath+"/a", "")
				if err != nil {
					t.Fatal(err)
				}
				server.SetFault(func(*apiserver.Request) apiserver.Action { return test.action })
				status, body, err := c.do(t.Context(), http.MethodGet, podsPath+"/a", "")
				if got := seen(status, err); got != test.seen {
					t.Errorf("the client saw %q, want %q", got, test.seen)
				}
				want := "<html>"
				if test.half {
					want = whole[:len(whole)/2]
				}
				if body != want {
					t.Errorf("body %q, want %q", body, want)
				}
			})
		})
	}
}

func TestDamagedWatches(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		action apiserver.Action
		seen   string
		events string
		broken bool // the last line is half an event
	}{
		{name: "an EOF in the middle of an event", action: apiserver.Action{Cut: &apiserver.Cut{After: 1, End: apiserver.Midway}}, seen: "EOF", events: "ADDED ADDED", broken: true},
		{name: "an EOF in the middle of the first event", action: apiserver.Action{Lose: apiserver.Midway}, seen: "EOF", events: "ADDED", broken: true},
		{name: "a clean end in the middle of an event", action: apiserver.Action{Cut: &apiserver.Cut{After: 1, End: apiserver.Truncated}}, seen: "OK", events: "ADDED ADDED", broken: true},
		{name: "every event twice", action: apiserver.Action{Repeat: true}, seen: "OK", events: "ADDED ADDED ADDED ADDED BOOKMARK"},
		{name: "no events", action: apiserver.Action{Withhold: apiserver.WithholdEvents}, seen: "OK", events: "BOOKMARK"},
		{name: "no bookmarks", action: apiserver.Action{Withhold: apiserver.WithholdBookmarks}, seen: "OK", events: "ADDED ADDED"},
		{name: "neither", action: apiserver.Action{Withhold: apiserver.WithholdEvents | apiserver.WithholdBookmarks}, seen: "OK"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := apiserver.New(apiserver.Options{})
				c := caller{client: &http.Client{Transport: server.Transport()}, base: "http://apiserver.test"}
				c.create(t, "a", "b")
				server.SetFault(func(*apiserver.Request) apiserver.Action { return test.action })
				status, body, err := c.do(t.Context(), http.MethodGet, podsPath+"?watch=true&allowWatchBookmarks=true&timeoutSeconds=10", "")
				if got := seen(status, err); got != test.seen {
					t.Errorf("the client saw %q, want %q", got, test.seen)
				}
				if got := eventTypes(body); got != test.events {
					t.Errorf("events %q, want %q", got, test.events)
				}
				if whole := body == "" || strings.HasSuffix(body, "}\n"); whole == test.broken {
					t.Errorf("the last event is whole: %v", whole)
				}
			})
		})
	}
}

func TestAClientOfHTTP2IsToldThatTheServerGoesAway(t *testing.T) {
	t.Parallel()
	server := apiserver.New(apiserver.Options{})
	c := caller{client: &http.Client{Transport: server.Transport()}, base: "http://apiserver.test"}
	server.SetFault(func(*apiserver.Request) apiserver.Action { return apiserver.Action{Skip: true, Lose: apiserver.GoAway} })
	if _, _, err := c.do(t.Context(), http.MethodGet, podsPath, ""); err == nil || !strings.Contains(err.Error(), "GOAWAY") {
		t.Errorf("the client saw %v", err)
	}
}

func TestAWatchThatAsksForNoEndGetsOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := apiserver.New(apiserver.Options{})
		c := caller{client: &http.Client{Transport: server.Transport()}, base: "http://apiserver.test"}
		for range 10 {
			start := time.Now()
			if _, _, err := c.do(t.Context(), http.MethodGet, podsPath+"?watch=true", ""); err != nil {
				t.Fatal(err)
			}
			if life := time.Since(start); life < 30*time.Minute || life > time.Hour {
				t.Errorf("the watch lived for %s", life)
			}
		}
	})
}
