// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"context"
	"errors"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// reply is what goes back over the wire: a whole body or a stream.
type reply struct {
	code   int
	header http.Header
	body   []byte
	short  bool // the body breaks off: more was announced
	stream stream
	loss   Loss
	// upgrade takes the connection over.
	upgrade func(http.ResponseWriter, *http.Request)
}

// stream is a body that comes in pieces. next blocks for the following one;
// io.EOF ends the stream, another error breaks it.
type stream interface {
	next(ctx context.Context) ([]byte, error)
	close()
}

// exchange takes a request through the faults to its answer. An error means
// that the client gave up.
func (s *Server) exchange(hr *http.Request) (reply, error) {
	ctx := hr.Context()
	r, refused := s.parse(hr)
	s.journal.begin(r)

	action := s.fault(r)
	if err := wait(ctx, action.Before); err != nil {
		return reply{}, err
	}
	var answer reply
	switch {
	case refused != nil:
		answer = failure(refused)
		r.Status = answer.code
	case action.Hold:
		s.hold(r)
		if action.Answer == nil && action.Lose == Delivered {
			action.Lose = Silence
		}
		r = nil // it is Release's from now on
	case action.Skip:
		answer = statusReply(Unavailable())
	default:
		answer = s.carryOut(r)
		if action.Twice {
			answer.discard()
			answer = s.carryOut(r)
		}
	}
	if r != nil {
		s.settle(r)
	}

	if action.Answer != nil {
		answer.discard()
		answer = statusReply(action.Answer)
	}
	if action.Page != nil {
		answer.discard()
		answer = action.Page.reply()
	}
	if err := wait(ctx, action.After); err != nil {
		answer.discard()
		return reply{}, err
	}
	return s.damage(r, answer, action), nil
}

// damage does to an answer what Lose, Cut, Withhold and Repeat ask for.
func (s *Server) damage(r *Request, answer reply, action Action) reply {
	switch action.Lose {
	case Delivered, Expired:
	case Midway, Truncated:
		if answer.stream != nil {
			action.Cut = &Cut{End: action.Lose}
			break
		}
		answer.body, answer.short = answer.body[:len(answer.body)/2], action.Lose == Midway
	default:
		answer.discard()
		return reply{loss: action.Lose}
	}
	if answer.stream != nil {
		answer.stream = s.cuttable(r, answer.stream, action)
	}
	return answer
}

func (p *Page) reply() reply {
	kind := p.Type
	if kind == "" {
		kind = "text/html"
	}
	return reply{code: p.Code, header: http.Header{"Content-Type": {kind}}, body: []byte(p.Body)}
}

func (a reply) discard() {
	if a.stream != nil {
		a.stream.close()
	}
}

func (s *Server) fault(r *Request) Action {
	s.hooks.Lock()
	fault := s.hooks.fault
	s.hooks.Unlock()
	if fault == nil {
		return Action{}
	}
	return fault(r)
}

// hold puts the request aside for Release.
func (s *Server) hold(r *Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = append(s.held, &heldRequest{request: r})
}

// settle notes the outcome and shows it to the observer.
func (s *Server) settle(r *Request) {
	s.journal.done(r)
	s.hooks.Lock()
	observe := s.hooks.observe
	s.hooks.Unlock()
	if observe != nil {
		observe(*r)
	}
}

// carryOut does what the request asks for.
func (s *Server) carryOut(r *Request) reply {
	r.Carried++
	s.expireEvents()
	answer, err := s.route(r)
	if err != nil {
		answer = failure(err)
	}
	r.Status = answer.code
	return s.encoded(r, answer)
}

func failure(err error) reply {
	var status apierrors.APIStatus
	if errors.As(err, &status) {
		s := status.Status()
		return statusReply(&s)
	}
	// An error that is none of the API's: the real server answers it bare.
	return statusReply(&metav1.Status{Status: metav1.StatusFailure, Code: http.StatusInternalServerError, Message: err.Error()})
}

func statusReply(status *metav1.Status) reply {
	s := status.DeepCopy()
	s.Kind, s.APIVersion = "Status", "v1"
	answer := document(int(s.Code), s)
	if s.Details != nil && s.Details.RetryAfterSeconds > 0 {
		answer.header.Set("Retry-After", itoa(int64(s.Details.RetryAfterSeconds)))
	}
	return answer
}
