// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// talk speaks with one server in one namespace and writes the transcript.
// In paths and bodies, $ns stands for the namespace and $NAME for what
// remember kept.
type talk struct {
	t          *testing.T
	client     *http.Client
	base       string
	namespace  string
	normal     *normalizer
	transcript strings.Builder
	memory     map[string]string
	quiet      bool
}

func newTalk(t *testing.T, client *http.Client, base, namespace string) *talk {
	t.Helper()
	return &talk{
		t: t, client: client, base: base, namespace: namespace,
		normal: newNormalizer(namespace), memory: map[string]string{"ns": namespace},
	}
}

// call is one request.
type call struct {
	method, path string
	body         string // JSON; a single-quoted form is not needed, Go has raw strings
	kind         string // Content-Type; application/json by default
	header       map[string]string
	show         view
}

// view says how much of an answer the transcript shows.
type view int

const (
	brief view = iota // metadata and phase
	whole             // the whole object
	code              // the code alone
)

// answer is what the server said.
type answer struct {
	status int
	object map[string]any
	raw    string
}

// say comments the transcript.
func (s *talk) say(text string) {
	fmt.Fprintf(&s.transcript, "# %s\n", text)
}

func (s *talk) get(path string) answer { return s.do(call{method: "GET", path: path}) }

func (s *talk) delete(path, options string) {
	s.do(call{method: "DELETE", path: path, body: options})
}

func (s *talk) post(path, body string) answer {
	return s.do(call{method: "POST", path: path, body: body})
}

func (s *talk) put(path, body string) {
	s.do(call{method: "PUT", path: path, body: body})
}

func (s *talk) patch(kind, path, body string) {
	s.do(call{method: "PATCH", path: path, body: body, kind: "application/" + kind})
}

// do makes a request and notes it and its answer.
func (s *talk) do(c call) answer {
	s.t.Helper()
	if !s.quiet {
		s.note(c)
	}
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer cancel()
	response := s.send(ctx, c)
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatalf("%s %s: read answer: %v", c.method, c.path, err)
	}
	a := answer{status: response.StatusCode, raw: string(raw)}
	if json.Unmarshal(raw, &a.object) != nil {
		a.object = nil
	}
	if !s.quiet {
		s.noteAnswer(a, c.show, response.Header)
	}
	return a
}

func (s *talk) send(ctx context.Context, c call) *http.Response {
	s.t.Helper()
	var body io.Reader
	if c.body != "" {
		body = strings.NewReader(s.expand(c.body))
	}
	request, err := http.NewRequestWithContext(ctx, c.method, s.base+s.expand(c.path), body)
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Accept", "application/json")
	if c.body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.kind != "" {
		request.Header.Set("Content-Type", c.kind)
	}
	for name, value := range c.header {
		request.Header.Set(name, value)
	}
	response, err := s.client.Do(request)
	if err != nil {
		s.t.Fatalf("%s %s: %v", c.method, c.path, err)
	}
	return response
}

func (s *talk) note(c call) {
	fmt.Fprintf(&s.transcript, "> %s %s\n", c.method, c.path)
	if c.body != "" {
		var compact bytes.Buffer
		if json.Compact(&compact, []byte(c.body)) != nil {
			compact.Reset()
			compact.WriteString(c.body)
		}
		fmt.Fprintf(&s.transcript, "  %s\n", compact.String())
	}
	for _, name := range slices.Sorted(maps.Keys(c.header)) {
		fmt.Fprintf(&s.transcript, "  %s: %s\n", name, c.header[name])
	}
}

func (s *talk) noteAnswer(a answer, show view, header http.Header) {
	fmt.Fprintf(&s.transcript, "< %d", a.status)
	if retry := header.Get("Retry-After"); retry != "" {
		fmt.Fprintf(&s.transcript, " Retry-After: %s", retry)
	}
	switch {
	case show == code:
		fmt.Fprintln(&s.transcript)
	case a.object == nil:
		fmt.Fprintf(&s.transcript, " %q\n", a.raw)
	default:
		fmt.Fprintf(&s.transcript, " %s\n", s.normal.document(a.object, show == whole))
	}
}

// remember keeps a string of an answer for later requests, as $NAME.
func (s *talk) remember(name string, a answer, path ...string) {
	s.t.Helper()
	var node any = a.object
	for _, part := range path {
		m, isMap := node.(map[string]any)
		if !isMap {
			s.t.Fatalf("remember %s: no %v in %s", name, path, a.raw)
		}
		node = m[part]
	}
	text, isText := node.(string)
	if !isText {
		s.t.Fatalf("remember %s: no %v in %s", name, path, a.raw)
	}
	s.memory[name] = text
}

func (s *talk) expand(text string) string {
	for name, value := range s.memory {
		text = strings.ReplaceAll(text, "$"+name, value)
	}
	return text
}

// silently makes requests that are not part of the transcript.
func (s *talk) silently(act func()) {
	s.quiet = true
	defer func() { s.quiet = false }()
	act()
}

// until repeats a silent GET until the answer is as wanted; what takes a
// controller some time in a real cluster.
func (s *talk) until(path, what string, wanted func(answer) bool) {
	s.t.Helper()
	const limit = 3 * time.Minute // a garbage collector with much to do takes its time
	deadline := time.Now().Add(limit)
	s.silently(func() {
		for !wanted(s.get(path)) {
			if time.Now().After(deadline) {
				s.t.Fatalf("GET %s: waited %s in vain for: %s", path, limit, what)
			}
			time.Sleep(50 * time.Millisecond)
		}
	})
	s.say("until " + what)
}

func gone(a answer) bool { return a.status == http.StatusNotFound }

// openNamespace makes the namespace and waits for its ServiceAccount.
func (s *talk) openNamespace() {
	s.t.Helper()
	const path = "/api/v1/namespaces"
	s.silently(func() {
		made := s.post(path, `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"$ns"}}`)
		if made.status != http.StatusCreated {
			s.t.Fatalf("make namespace %s: %s", s.namespace, made.raw)
		}
	})
	s.t.Cleanup(func() {
		// First the pods, without waiting for kubelets that are not there.
		for _, rest := range []string{"/pods?gracePeriodSeconds=0", ""} {
			response := s.sendDetached("DELETE", path+"/"+s.namespace+rest)
			response.Body.Close()
		}
	})
	s.until(path+"/$ns/serviceaccounts/default", "the namespace is ready", func(a answer) bool { return a.status == http.StatusOK })
	s.transcript.Reset()
}

// sendDetached is for the time after the test, when its context has ended.
func (s *talk) sendDetached(method, path string) *http.Response {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return s.send(ctx, call{method: method, path: path})
}
