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

	mu    sync.Mutex
	plan  *Cut
	count int
	once  sync.Once
	cut   chan struct{} // closed when CutStreams chose this stream
	end   Loss          // valid once cut is closed
}

// cuttable wraps a stream and registers it for CutStreams.
func (s *Server) cuttable(r *Request, inner stream, plan *Cut) stream {
	c := &cutter{server: s, request: r, inner: inner, plan: plan, cut: make(chan struct{})}
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
	plan, count := c.plan, c.count
	c.mu.Unlock()
	if plan != nil && count >= plan.After {
		return c.finish(ctx, plan.End)
	}
	select {
	case <-c.cut:
		return c.finish(ctx, c.end)
	default:
	}
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	// The inner stream waits on the context alone, so the cut ends that.
	piece, err := c.inner.next(withCut(inner, c.cut))
	if err != nil && ctx.Err() == nil {
		select {
		case <-c.cut:
			return c.finish(ctx, c.end)
		default:
		}
	}
	if err == nil && !isBookmark(piece) {
		c.mu.Lock()
		c.count++
		c.mu.Unlock()
	}
	return piece, err
}

// finish ends the stream in the way the fault asks for.
func (c *cutter) finish(ctx context.Context, end Loss) ([]byte, error) {
	switch end {
	case Delivered:
		return nil, io.EOF
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
