// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e && linux

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidwall/gjson"
	"k8s.io/client-go/rest"
)

// A recorder stands between one launcher and the API server. It sees every request of the submitter and of the
// spark-submit that this runs, adds the launcher's token, and does damage where a trap asks for it.
type recorder struct {
	server   *httptest.Server
	upstream *url.URL
	to       http.RoundTripper
	forward  *httputil.ReverseProxy

	mu      sync.Mutex
	seen    []call
	counts  map[string]int
	waiting map[string][]chan struct{}
	traps   []*trap
	late    sync.WaitGroup
}

// call is one request. Its name is a boundary: who asked, what for, and for which time.
type call struct {
	name   string
	write  bool
	status int // 0 while there is no answer
	at     time.Time
}

// How a trap treats the request that it waits for.
type treatment int

const (
	before  treatment = iota // the request never arrives
	after                    // it is carried out, and nobody hears of it
	delayed                  // it arrives later, from a sender that is dead by then
)

func (how treatment) String() string { return [...]string{"before", "after", "delayed at"}[how] }

// trap waits for a request.
type trap struct {
	name   string
	how    treatment
	sprung func()        // what happens then, on the request's way there or back
	until  chan struct{} // for delayed: when it goes on
	hit    chan struct{} // closed once it was hit
	status int           // what the API server answered a request that nobody heard the answer of
}

// newRecorder opens a way to the API server for the ServiceAccount of launchers.
func (c *cluster) newRecorder(t *testing.T) *recorder {
	t.Helper()
	config, err := c.config()
	if err != nil {
		t.Fatal(err)
	}
	answer, err := c.core.Post().Namespace(c.namespace).Resource("serviceaccounts").Name("spark-launcher").SubResource("token").
		SetHeader("Content-Type", "application/json").
		Body([]byte(`{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}`)).DoRaw(t.Context())
	if err != nil {
		t.Fatalf("get a token for launchers: %v", err)
	}
	config = rest.AnonymousClientConfig(config)
	config.BearerToken = gjson.GetBytes(answer, "status.token").String()
	config.NextProtos = []string{"http/1.1"}
	r := &recorder{counts: map[string]int{}, waiting: map[string][]chan struct{}{}}
	if r.to, err = rest.TransportFor(config); err != nil {
		t.Fatal(err)
	}
	if r.upstream, err = url.Parse(config.Host); err != nil {
		t.Fatal(err)
	}
	r.forward = &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(r.upstream) }, Transport: r.to, FlushInterval: -1,
		// A launcher that was killed while it was answered is no news.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	r.server = httptest.NewServer(r)
	t.Cleanup(func() {
		r.server.CloseClientConnections()
		r.server.Close()
		r.late.Wait()
	})
	return r
}

// ServeHTTP takes a request down and sends it on.
func (r *recorder) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	n, name, set := r.arrive(request)
	if set != nil {
		r.spring(n, set, request)
		panic(http.ErrAbortHandler) // the connection ends without an answer
	}
	answer := &statusWriter{ResponseWriter: w}
	defer func() { r.answered(n, name, answer.status) }()
	r.forward.ServeHTTP(answer, request)
}

func (r *recorder) arrive(request *http.Request) (int, string, *trap) {
	what := boundary(request)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts[what]++
	name := fmt.Sprintf("%s #%d", what, r.counts[what])
	write := request.Method != http.MethodGet
	r.seen = append(r.seen, call{name: name, write: write, at: time.Now()})
	i := slices.IndexFunc(r.traps, func(s *trap) bool { return s.name == name })
	if i < 0 {
		return len(r.seen) - 1, name, nil
	}
	set := r.traps[i]
	r.traps = slices.Delete(r.traps, i, i+1)
	return len(r.seen) - 1, name, set
}

// spring carries a trap out.
func (r *recorder) spring(n int, set *trap, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return // hung up before it was heard; the trap shows that it was not hit
	}
	send := func() {
		// The client is gone; its request is on the way all the same.
		again := request.Clone(context.WithoutCancel(request.Context()))
		again.URL.Scheme, again.URL.Host, again.Host, again.RequestURI = r.upstream.Scheme, r.upstream.Host, r.upstream.Host, ""
		again.Body, again.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		response, err := r.to.RoundTrip(again)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		r.mu.Lock()
		set.status = response.StatusCode
		r.mu.Unlock()
		r.answered(n, set.name, response.StatusCode)
	}
	switch set.how {
	case before:
		set.sprung()
	case after:
		send()
		set.sprung()
	case delayed:
		r.late.Go(func() {
			<-set.until
			send()
		})
		set.sprung()
	}
	close(set.hit)
}

// set lays a trap.
func (r *recorder) set(name string, how treatment, sprung func()) *trap {
	r.mu.Lock()
	defer r.mu.Unlock()
	made := &trap{name: name, how: how, sprung: sprung, until: make(chan struct{}), hit: make(chan struct{})}
	r.traps = append(r.traps, made)
	return made
}

// answered takes an answer down and tells who waits for it.
func (r *recorder) answered(n int, name string, status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen[n].status = status
	for _, waiter := range r.waiting[name] {
		close(waiter)
	}
	delete(r.waiting, name)
}

// once returns a channel that is closed when a request was answered.
func (r *recorder) once(name string) <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	waiter := make(chan struct{})
	r.waiting[name] = append(r.waiting[name], waiter)
	return waiter
}

// calls returns what was asked so far.
func (r *recorder) calls() []call {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.seen)
}

// told shows the requests, one a line.
func (r *recorder) told() string {
	var out strings.Builder
	for _, c := range r.calls() {
		fmt.Fprintf(&out, "%s  %s  %d\n", c.at.Format("05.000"), c.name, c.status)
	}
	return out.String()
}

// boundary names what a request is for, without the names of objects.
func boundary(request *http.Request) string {
	by := "spark-submit"
	if strings.HasPrefix(request.UserAgent(), "submitter") {
		by = "submitter"
	}
	method := request.Method
	if request.URL.Query().Get("watch") != "" {
		method = "WATCH"
	}
	path := request.URL.Path
	if _, after, found := strings.Cut(path, "/namespaces/"); found {
		parts := strings.Split(after, "/")
		if len(parts) > 2 {
			parts[2] = "NAME"
		}
		path = strings.Join(parts[min(1, len(parts)-1):], "/")
	}
	return by + " " + method + " " + path
}

// statusWriter remembers the status of an answer, and passes everything else on.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets a stream be flushed and a connection be taken over.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
