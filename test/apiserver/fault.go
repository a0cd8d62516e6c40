// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Fault looks at a request before anything is done with it and says what goes
// wrong. It may block, e.g. to let a test choose whose turn it is, and it may
// call the server's other methods. A nil Fault, or the zero Action, is a
// healthy server.
type Fault func(*Request) Action

// Action is what becomes of one request. Its parts do not depend on each
// other: first Before, then Skip, Hold or Twice, then Answer, After and Lose.
type Action struct {
	// Before keeps the request on its way for so long. If the client gives up
	// meanwhile, the request is never carried out (see Hold for the other case).
	Before time.Duration
	// Skip loses the request: nothing is carried out. Without Answer or Lose
	// the client is then answered 503.
	Skip bool
	// Hold keeps the request until Release carries it out, whether or not the
	// client still waits. The client is treated by Answer and Lose; without
	// them it waits until it gives up.
	Hold bool
	// Twice carries the request out a second time; the client gets the second
	// answer, as when a proxy sent it again after losing the first.
	Twice bool
	// Answer is given in place of the true answer, see TooManyRequests and others.
	Answer *metav1.Status
	// Page is given in place of the true answer by something before the API server.
	Page *Page
	// After delays the answer.
	After time.Duration
	// Lose says how the answer is lost.
	Lose Loss
	// Cut ends a watch or a followed log early.
	Cut *Cut
	// Withhold keeps from the client what a watch has to tell. The watch itself lives on.
	Withhold Withhold
	// Repeat sends every event of a watch twice.
	Repeat bool
}

// Page is what a proxy or a load balancer answers when it cannot, or will not, ask the API server.
type Page struct {
	// Code of HTTP; Type of the content, "text/html" if empty.
	Code       int
	Type, Body string
}

// Withhold is what a watch does not tell.
type Withhold int

// What can be withheld; both together are a watch that is silent until the server ends it.
const (
	WithholdEvents Withhold = 1 << iota
	WithholdBookmarks
)

// Loss is a way in which a client gets no answer, or no more of it.
type Loss int

const (
	// Delivered is no loss at all; as the end of a stream: a clean end.
	Delivered Loss = iota
	// Reset is a connection reset by peer.
	Reset
	// EOF is a connection closed before the (whole) answer.
	EOF
	// Refused is a connection that never came about. It does not imply Skip.
	Refused
	// Silence sends nothing more until the client gives up.
	Silence
	// Expired ends a watch by an ERROR event with code 410. For other requests
	// it is the same as Delivered.
	Expired
	// Midway is an EOF after half of the answer, or after half of the next piece of a
	// stream. CutStreams has no piece at hand: there it is an EOF.
	Midway
	// Truncated is half of the answer, or of the next piece of a stream, and then a
	// clean end. For CutStreams it is the same as Delivered.
	Truncated
	// GoAway is what a client of HTTP/2 is told when the server goes away; over HTTP/1 it is an EOF.
	GoAway
)

// Cut ends a stream after so many events or log lines, bookmarks not counted.
type Cut struct {
	After int
	End   Loss
}

// TooManyRequests is the 429 of a throttled server.
func TooManyRequests(retryAfter time.Duration) *metav1.Status {
	status := apierrors.NewTooManyRequests("Too many requests, please try again later.", int(retryAfter.Seconds())).ErrStatus
	return &status
}

// InternalError is a 500.
func InternalError(message string) *metav1.Status {
	status := apierrors.NewInternalError(plainError(message)).ErrStatus
	return &status
}

// Unavailable is a 503.
func Unavailable() *metav1.Status {
	status := apierrors.NewServiceUnavailable("the server is currently unable to handle the request").ErrStatus
	return &status
}

// Gone is a 410 as an HTTP answer.
func Gone() *metav1.Status {
	status := apierrors.NewResourceExpired("The resourceVersion for the provided list is too old.").ErrStatus
	return &status
}

// GatewayTimeout is the 504 of a server that gave up on its etcd or webhook.
func GatewayTimeout() *metav1.Status {
	status := apierrors.NewTimeoutError("request did not complete within the allotted timeout", 0).ErrStatus
	return &status
}

// Unauthorized is the 401 of an expired token.
func Unauthorized() *metav1.Status {
	status := apierrors.NewUnauthorized("Unauthorized").ErrStatus
	return &status
}

type plainError string

func (e plainError) Error() string { return string(e) }

// heldRequest is a request that waits for Release.
type heldRequest struct{ request *Request }

// Held lists the requests held back, oldest first.
func (s *Server) Held() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Request
	for _, h := range s.held {
		all = append(all, *h.request)
	}
	return all
}

// Release carries out a held request by its number; false when it is not held.
func (s *Server) Release(number int) bool {
	s.mu.Lock()
	var found *Request
	for i, h := range s.held {
		if h.request.Number == number {
			found = h.request
			s.held = append(s.held[:i:i], s.held[i+1:]...)
			break
		}
	}
	s.mu.Unlock()
	if found == nil {
		return false
	}
	s.carryOut(found)
	s.settle(found)
	return true
}

// wait is a pause that ends early with the context.
func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
