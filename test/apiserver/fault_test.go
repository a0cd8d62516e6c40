// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sparkctl/sparkctl/test/apiserver"
)

const podsPath = "/api/v1/namespaces/default/pods"

// caller makes requests with nothing of client-go's retries in between.
type caller struct {
	client *http.Client
	base   string
}

// overBoth runs a test over a socket and over the transport.
func overBoth(t *testing.T, test func(t *testing.T, server *apiserver.Server, c caller)) {
	t.Helper()
	t.Run("socket", func(t *testing.T) {
		server := apiserver.New(apiserver.Options{})
		web := httptest.NewServer(server)
		defer web.Close()
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 300 * time.Millisecond}
		test(t, server, caller{client: client, base: web.URL})
	})
	t.Run("transport", func(t *testing.T) {
		server := apiserver.New(apiserver.Options{})
		client := &http.Client{Transport: server.Transport(), Timeout: 300 * time.Millisecond}
		test(t, server, caller{client: client, base: "http://apiserver.test"})
	})
}

// do gives the status, or an error of the connection, and the body as far as it came.
func (c caller) do(ctx context.Context, method, path, body string) (int, string, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := c.client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

const podBody = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"main","image":"example.org/none:1"}]}}`

// seen is what a client can tell about the answer to a request.
func seen(status int, err error) string {
	var timeout interface{ Timeout() bool }
	switch {
	case err == nil:
		return http.StatusText(status)
	case errors.Is(err, syscall.ECONNRESET):
		return "reset"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "EOF"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	}
	return err.Error()
}

func TestFaultsOfARequest(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		action  apiserver.Action
		seen    string
		carried int
		status  int
	}{
		{name: "a healthy request", seen: "Created", carried: 1, status: 201},
		{name: "an answer lost by a reset leaves the object", action: apiserver.Action{Lose: apiserver.Reset}, seen: "reset", carried: 1, status: 201},
		{name: "an answer lost by EOF leaves the object", action: apiserver.Action{Lose: apiserver.EOF}, seen: "EOF", carried: 1, status: 201},
		{name: "an answer that never comes leaves the object", action: apiserver.Action{Lose: apiserver.Silence}, seen: "timeout", carried: 1, status: 201},
		{name: "an answer later than the client's patience leaves the object", action: apiserver.Action{After: time.Minute}, seen: "timeout", carried: 1, status: 201},
		{name: "a lost request leaves nothing", action: apiserver.Action{Skip: true, Lose: apiserver.Reset}, seen: "reset"},
		{name: "a request later than the client's patience leaves nothing", action: apiserver.Action{Before: time.Minute}, seen: "timeout"},
		{name: "a skipped request without more is a 503", action: apiserver.Action{Skip: true}, seen: "Service Unavailable"},
		{name: "a doubled create gets the second answer", action: apiserver.Action{Twice: true}, seen: "Conflict", carried: 2, status: 409},
		{name: "a throttled request leaves nothing", action: apiserver.Action{Skip: true, Answer: apiserver.TooManyRequests(time.Second)}, seen: "Too Many Requests"},
		{name: "a wrong answer may hide a success", action: apiserver.Action{Answer: apiserver.GatewayTimeout()}, seen: "Gateway Timeout", carried: 1, status: 201},
		{name: "a held request leaves nothing yet", action: apiserver.Action{Hold: true}, seen: "timeout"},
		{name: "a held request can look lost", action: apiserver.Action{Hold: true, Lose: apiserver.EOF}, seen: "EOF"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			overBoth(t, func(t *testing.T, server *apiserver.Server, c caller) {
				server.SetFault(func(*apiserver.Request) apiserver.Action { return test.action })
				status, _, err := c.do(t.Context(), http.MethodPost, podsPath, podBody)
				if got := seen(status, err); got != test.seen {
					t.Errorf("the client saw %q, want %q", got, test.seen)
				}
				if made := server.Get("pods", "default", "a") != nil; made != (test.carried > 0) {
					t.Errorf("the pod exists: %v", made)
				}
				// The recording may come a moment after the client gave up.
				type outcome struct{ Carried, Status int }
				r := server.Requests()[0]
				if diff := cmp.Diff(outcome{test.carried, test.status}, outcome{r.Carried, r.Status}); diff != "" {
					t.Errorf("what was recorded (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestHeldRequestsAreCarriedOutOnRelease(t *testing.T) {
	t.Parallel()
	overBoth(t, func(t *testing.T, server *apiserver.Server, c caller) {
		server.SetFault(func(r *apiserver.Request) apiserver.Action {
			return apiserver.Action{Hold: r.Verb == "create", Lose: apiserver.Reset}
		})
		if _, _, err := c.do(t.Context(), http.MethodPost, podsPath, podBody); err == nil {
			t.Fatal("the client got an answer")
		}
		held := server.Held()
		if len(held) != 1 || held[0].Verb != "create" {
			t.Fatalf("held: %v", held)
		}
		if !server.Release(held[0].Number) || server.Release(held[0].Number) {
			t.Error("a held request is released once")
		}
		if server.Get("pods", "default", "a") == nil {
			t.Error("the released request was not carried out")
		}
		if r := server.Requests()[0]; r.Carried != 1 || r.Created == "" {
			t.Errorf("recorded: %+v", r)
		}
	})
}

func TestStreamsEndAsCut(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		end    apiserver.Loss
		seen   string
		events string
	}{
		{name: "a clean end", end: apiserver.Delivered, seen: "OK", events: "ADDED"},
		{name: "a reset", end: apiserver.Reset, seen: "reset", events: "ADDED"},
		{name: "an EOF", end: apiserver.EOF, seen: "EOF", events: "ADDED"},
		{name: "nothing more", end: apiserver.Silence, seen: "timeout", events: "ADDED"},
		{name: "a 410 in the stream", end: apiserver.Expired, seen: "OK", events: "ADDED ERROR"},
	} {
		check := func(t *testing.T, status int, body string, err error) {
			t.Helper()
			if got := seen(status, err); got != test.seen {
				t.Errorf("the client saw %q, want %q", got, test.seen)
			}
			if got := eventTypes(body); got != test.events {
				t.Errorf("events %q, want %q", got, test.events)
			}
		}
		t.Run(test.name+", planned", func(t *testing.T) {
			t.Parallel()
			overBoth(t, func(t *testing.T, server *apiserver.Server, c caller) {
				c.create(t, "a", "b")
				server.SetFault(func(r *apiserver.Request) apiserver.Action {
					return apiserver.Action{Cut: &apiserver.Cut{After: 1, End: test.end}}
				})
				status, body, err := c.do(t.Context(), http.MethodGet, podsPath+"?watch=true", "")
				check(t, status, body, err)
			})
		})
		t.Run(test.name+", at any time", func(t *testing.T) {
			t.Parallel()
			overBoth(t, func(t *testing.T, server *apiserver.Server, c caller) {
				c.create(t, "a")
				time.AfterFunc(50*time.Millisecond, func() {
					if server.CutStreams(test.end, func(r apiserver.Request) bool { return r.Verb == "watch" }) != 1 {
						t.Error("there is not one stream to cut")
					}
				})
				status, body, err := c.do(t.Context(), http.MethodGet, podsPath+"?watch=true", "")
				check(t, status, body, err)
				for range 100 { // the server of a socket hears of it a moment later
					if server.Streams() == 0 {
						return
					}
					time.Sleep(10 * time.Millisecond)
				}
				t.Errorf("%d streams are left", server.Streams())
			})
		})
	}
}

func (c caller) create(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		status, body, err := c.do(t.Context(), http.MethodPost, podsPath, strings.Replace(podBody, `"a"`, `"`+name+`"`, 1))
		if err != nil || status != http.StatusCreated {
			t.Fatal(status, body, err)
		}
	}
}

// eventTypes lists the types of the events of a watch.
func eventTypes(body string) string {
	var types []string
	for line := range strings.Lines(body) {
		kind, _, _ := strings.Cut(strings.TrimPrefix(line, `{"type":"`), `"`)
		types = append(types, kind)
	}
	return strings.Join(types, " ")
}
