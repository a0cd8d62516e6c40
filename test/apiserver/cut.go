// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"context"
	"io"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// cutter is an open stream that can be ended from outside.
type cutter struct {
	server  *Server
	request *Request
	inner   stream

	withhold Withhold
	repeat   bool

	mu    sync.Mutex
	plan  *Cut
	count int
	again []byte // an event to be sent a second time
	once  sync.Once
	cut   chan struct{} // closed when CutStreams chose this stream
	end   Loss          // valid once cut is closed
}

// cuttable wraps a stream and registers it for CutStreams.
func (s *Server) cuttable(r *Request, inner stream, action Action) stream {
	c := &cutter{
		server: s, request: r, inner: inner, cut: make(chan struct{}),
		plan: action.Cut, withhold: action.Withhold, repeat: action.Repeat,
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.streams[c] = struct{}{}
	return c
}

// CutStreams ends the open watches and followed logs that fit (nil: all) and
// tells how many these were. It does not keep clients from coming back.
func (s *Server) CutStreams(end Loss, fits func(Request) bool) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for c := range s.streams {
		if fits == nil || fits(*c.request) {
			c.once.Do(func() { c.end = end; close(c.cut) })
			n++
		}
	}
	return n
}

// Streams counts the open watches and followed logs.
func (s *Server) Streams() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.streams)
}

func (c *cutter) next(ctx context.Context) ([]byte, error) {
	c.mu.Lock()
	plan, count, again := c.plan, c.count, c.again
	c.again = nil
	c.mu.Unlock()
	if again != nil {
		return again, nil
	}
	due := plan != nil && count >= plan.After
	breaks := due && (plan.End == Midway || plan.End == Truncated)
	if due && !breaks {
		return c.finish(ctx, plan.End)
	}
	piece, err := c.tell(ctx)
	if err != nil {
		return piece, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if breaks {
		end := map[Loss]Loss{Midway: EOF, Truncated: Delivered}[plan.End]
		c.plan = &Cut{After: c.count, End: end}
		return piece[:len(piece)/2], nil
	}
	if !isBookmark(piece) {
		c.count++
		if c.repeat {
			c.again = piece
		}
	}
	return piece, nil
}

// tell is the next piece of the inner stream that is not withheld.
func (c *cutter) tell(ctx context.Context) ([]byte, error) {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	for {
		select {
		case <-c.cut:
			return c.finish(ctx, c.end)
		default:
		}
		// The inner stream waits on the context alone, so the cut ends that.
		piece, err := c.inner.next(withCut(inner, c.cut))
		if err != nil && ctx.Err() == nil {
			select {
			case <-c.cut:
				return c.finish(ctx, c.end)
			default:
			}
		}
		kind := WithholdEvents
		if isBookmark(piece) {
			kind = WithholdBookmarks
		}
		if err != nil || c.withhold&kind == 0 {
			return piece, err
		}
	}
}

// finish ends the stream in the way the fault asks for.
func (c *cutter) finish(ctx context.Context, end Loss) ([]byte, error) {
	switch end {
	case Delivered, Truncated:
		return nil, io.EOF
	case Midway:
		return nil, lostError(EOF)
	case Silence:
		<-ctx.Done()
		return nil, ctx.Err()
	case Expired:
		c.mu.Lock()
		c.plan = &Cut{End: Delivered}
		c.mu.Unlock()
		if c.request.Verb != "watch" {
			return nil, io.EOF
		}
		status := apierrors.NewResourceExpired("The resourceVersion for the provided watch is too old.").ErrStatus
		return frame("ERROR", statusObject(&status)), nil
	default:
		return nil, lostError(end)
	}
}

func (c *cutter) close() {
	c.server.mu.Lock()
	delete(c.server.streams, c)
	c.server.mu.Unlock()
	c.inner.close()
}

// cutContext is done when its parent is or when the stream is cut. Streams
// look at both channels, so that no goroutine has to join them.
type cutContext struct {
	context.Context

	cut <-chan struct{}
}

func withCut(parent context.Context, cut <-chan struct{}) context.Context {
	return cutContext{Context: parent, cut: cut}
}

// cutOf is the channel that ends a stream from outside; nil when there is none.
func cutOf(ctx context.Context) <-chan struct{} {
	if c, ok := ctx.(cutContext); ok {
		return c.cut
	}
	return nil
}
