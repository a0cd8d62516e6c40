// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"slices"
	"sync"
	"time"
)

// Request is one API request, as it was understood.
type Request struct {
	// Number counts the requests, from 1.
	Number int
	Time   time.Time

	// Attributes say what is asked for.
	Attributes

	// Path, Query and Body are what came over the wire.
	Path        string
	Query       map[string][]string
	ContentType string
	Body        []byte

	method string
	// accept is the header of that name.
	accept string
	dry    bool // asked for in the body of a DELETE

	// Carried is how often the request was carried out: 0 when it was lost
	// on its way, 2 when it was doubled.
	Carried int
	// Status is the HTTP code of the true answer, whether or not the client
	// got that one; 0 while or when it is not carried out.
	Status int
	// Created is the UID of the object the request created, if it did.
	Created string
}

// journal is the list of all requests.
type journal struct {
	sync.Mutex

	entries []*Request
	count   int
}

func (j *journal) begin(r *Request) {
	j.Lock()
	defer j.Unlock()
	j.count++
	r.Number = j.count
	entry := *r
	j.entries = append(j.entries, &entry)
}

// done notes what became of the request.
func (j *journal) done(r *Request) {
	j.Lock()
	defer j.Unlock()
	for _, e := range slices.Backward(j.entries) {
		if e.Number == r.Number {
			e.Carried, e.Status, e.Created = r.Carried, r.Status, r.Created
			return
		}
	}
}

// Requests lists all requests since the start or the last ForgetRequests.
func (s *Server) Requests() []Request {
	s.journal.Lock()
	defer s.journal.Unlock()
	all := make([]Request, len(s.journal.entries))
	for i, e := range s.journal.entries {
		all[i] = *e
	}
	return all
}

// Count tells how many of the requests fit.
func (s *Server) Count(fits func(Request) bool) int {
	n := 0
	for _, r := range s.Requests() {
		if fits(r) {
			n++
		}
	}
	return n
}

// ForgetRequests empties the list; numbers go on.
func (s *Server) ForgetRequests() {
	s.journal.Lock()
	defer s.journal.Unlock()
	s.journal.entries = nil
}
