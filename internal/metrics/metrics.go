// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package metrics tells Prometheus what a process that follows a driver knows.
//
// [Metrics] is told of every result and every call to the API server;
// [Families] is the table of what is told, from which the reference page is
// made; [Metrics.WriteTo] writes it in the text exposition format, and
// [Metrics.Serve] serves that. There is no registry and no global state: a
// process has a [Metrics] when it was asked for one, else nothing is counted.
package metrics

import (
	"maps"
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/sparkctl/sparkctl/xcom"
)

// Metrics is what a process has seen so far. Its methods may be called from any goroutine.
type Metrics struct {
	mu   sync.Mutex
	seen seen
}

// seen is what the families are written from.
type seen struct {
	program, version, goVersion string
	start, now                  time.Time

	result  xcom.Result
	changed time.Time // when the state was first seen

	calls    map[call]int
	watches  int // watches of the driver that the API server took
	logBytes int64
	failing  time.Time     // since when the driver's pod cannot be read; zero when it can
	outage   time.Duration // the outages that are over, in all
}

// call is a kind of call to the API server and what came of it.
type call struct {
	verb, resource string
	code           int // of the answer, 0 when none came
}

// New returns the metrics of a process that began its work at start.
func New(program, version string, start time.Time) *Metrics {
	return &Metrics{seen: seen{
		program: program, version: version, goVersion: runtime.Version(), start: start,
		result: xcom.Result{State: xcom.Unknown}, changed: start, calls: map[call]int{},
	}}
}

// Result notes what is known of the driver by now.
func (m *Metrics) Result(r xcom.Result) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r.State != m.seen.result.State {
		m.seen.changed = time.Now()
	}
	m.seen.result = r
}

// Answered notes a call to the API server. The verb and the resource are those of a
// Role; code is that of the answer, 0 when none came.
func (m *Metrics) Answered(verb, resource string, code int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := call{verb, resource, code}
	m.seen.calls[c]++
	if verb == "watch" && resource == "pods" && code == http.StatusOK {
		m.seen.watches++
	}
	if resource != "pods" || verb == "delete" {
		return
	}
	now := time.Now()
	switch {
	case c.failed() && m.seen.failing.IsZero():
		m.seen.failing = now
	case !c.failed() && !m.seen.failing.IsZero():
		m.seen.outage += now.Sub(m.seen.failing)
		m.seen.failing = time.Time{}
	}
}

// Read notes bytes of an answer's body as they come.
func (m *Metrics) Read(resource string, n int) {
	if resource != "pods/log" {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seen.logBytes += int64(n)
}

// failed reports whether the answer is of no use: none at all, a missing right, or a server in
// trouble. That there is no such pod is an answer.
func (c call) failed() bool {
	switch c.code {
	case 0, http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests:
		return true
	}
	return c.code >= http.StatusInternalServerError
}

// snapshot is a copy of what was seen, as of now.
func (m *Metrics) snapshot() seen {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.seen
	s.now = time.Now()
	s.calls = maps.Clone(m.seen.calls)
	return s
}
