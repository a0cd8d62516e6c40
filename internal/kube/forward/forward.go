// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package forward carries connections on this machine to a port of a pod, through the API server. [Forwarder] is
// all of it. It is apart from package kube because what it links is of use to one command only.
package forward

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/httpstream" //nolint:staticcheck // what it stands for, k8s.io/streaming, would be one module more that go.mod names
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"
)

// dialPatience bounds the opening of a connection to the pod.
const dialPatience = 15 * time.Second

// Forwarder carries connections to a port of one pod. All of them share one connection to the API server, which
// is opened when it is needed and again after it was lost.
type Forwarder struct {
	dialer httpstream.Dialer
	port   int32
	tell   func(error)

	mu      sync.Mutex
	shared  httpstream.Connection
	streams int // that were asked for, to number them
}

// New returns a forwarder to a port of the pod at that URL (pods/portforward). It sends nothing. tell is told, from
// any goroutine, why a connection did not come about.
func New(config *rest.Config, at *url.URL, port int32, tell func(error)) (*Forwarder, error) {
	// Newer API servers speak WebSocket, which passes proxies that SPDY does not; the older way is left for the others.
	newer, err := portforward.NewSPDYOverWebsocketDialer(at, config)
	if err != nil {
		return nil, fmt.Errorf("set up connection to %s: %w", at.Host, err)
	}
	transport, upgrader, err := spdy.RoundTripperFor(config)
	if err != nil {
		return nil, fmt.Errorf("set up connection to %s: %w", at.Host, err)
	}
	older := spdy.NewDialer(upgrader, &http.Client{Transport: transport}, http.MethodPost, at)
	// Whatever is wrong with the newer way, the older one says it better, or works.
	dialer := portforward.NewFallbackDialer(newer, older, func(error) bool { return true })
	return &Forwarder{dialer: dialer, port: port, tell: tell}, nil
}

// Open opens the connection to the pod if it is not open, which tells whether it can be.
func (f *Forwarder) Open(ctx context.Context) error {
	_, _, err := f.connection(ctx)
	return err
}

// Serve carries the connections that listener accepts until ctx ends.
func (f *Forwarder) Serve(ctx context.Context, listener net.Listener) error {
	ctx, stop := context.WithCancel(ctx)
	var open sync.WaitGroup
	closed := context.AfterFunc(ctx, func() {
		_ = listener.Close()
		f.close()
	})
	defer open.Wait()
	defer stop()
	defer closed()
	for {
		conn, err := listener.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("accept connection: %w", err)
		}
		open.Go(func() {
			if err := f.carry(ctx, conn); err != nil && ctx.Err() == nil {
				f.tell(err)
			}
		})
	}
}

// connection is the shared connection, and the number of the next pair of streams on it.
func (f *Forwarder) connection(ctx context.Context) (httpstream.Connection, int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.shared != nil {
		select {
		case <-f.shared.CloseChan():
			f.shared = nil
		default:
		}
	}
	if f.shared == nil {
		opened, err := f.dial(ctx)
		if err != nil {
			return nil, 0, err
		}
		f.shared = opened
	}
	f.streams++
	return f.shared, f.streams, nil
}

// dial opens a connection; a dialer cannot be interrupted, so one that takes too long is left to itself.
func (f *Forwarder) dial(ctx context.Context) (httpstream.Connection, error) {
	type result struct {
		opened httpstream.Connection
		err    error
	}
	done := make(chan result, 1)
	go func() {
		opened, protocol, err := f.dialer.Dial(portforward.PortForwardProtocolV1Name)
		if err == nil && protocol != portforward.PortForwardProtocolV1Name {
			err = errors.Join(fmt.Errorf("the server speaks %q", protocol), opened.Close())
		}
		done <- result{opened, err}
	}()
	ctx, cancel := context.WithTimeout(ctx, dialPatience)
	defer cancel()
	select {
	case r := <-done:
		if r.err != nil {
			return nil, fmt.Errorf("connect to pod: %w", r.err)
		}
		return r.opened, nil
	case <-ctx.Done():
		go func() {
			if r := <-done; r.err == nil {
				_ = r.opened.Close()
			}
		}()
		return nil, fmt.Errorf("connect to pod: %w", ctx.Err())
	}
}

// lost forgets a connection that does not carry any more.
func (f *Forwarder) lost(c httpstream.Connection) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.shared == c {
		f.shared = nil
	}
	_ = c.Close()
}

func (f *Forwarder) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.shared != nil {
		_ = f.shared.Close()
	}
}

// carry carries one connection to its end. Each has two streams: one for what the kubelet says is wrong, one for the data.
func (f *Forwarder) carry(ctx context.Context, conn net.Conn) error {
	defer func() { _ = conn.Close() }()
	done := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer done()
	complaints, data, to, err := f.streamsTo(ctx)
	if err != nil {
		return err
	}
	defer to.RemoveStreams(complaints, data)
	defer func() { _ = complaints.Reset() }()
	said := make(chan string, 1)
	go func() {
		text, err := io.ReadAll(io.LimitReader(complaints, 4<<10))
		if err != nil {
			text = nil // the connection is lost, which the data shows
		}
		said <- strings.TrimSpace(string(text))
	}()
	remote := make(chan struct{})
	go func() {
		defer close(remote)
		_, _ = io.Copy(conn, data)
	}()
	local := make(chan struct{})
	go func() {
		defer close(local)
		// What this machine has to say is over; the answer may still come.
		defer func() { _ = data.Close() }()
		_, _ = io.Copy(data, conn)
	}()
	over := local
	for waiting := true; waiting; {
		select {
		case <-over:
			over = nil // the answer may still come
		case <-remote:
			waiting = false
		case <-to.CloseChan():
			// A stream that was made while the connection went is told of by nobody.
			waiting = false
		}
	}
	_ = conn.Close()
	_ = data.Reset()
	<-local
	<-remote
	select {
	case text := <-said:
		if text != "" {
			// After that kubelets carry nothing more on this connection.
			f.lost(to)
			return errors.New(text)
		}
	case <-to.CloseChan():
	}
	return nil
}

// streamsTo opens the two streams of a connection, over a new shared connection if the one there is is dead.
func (f *Forwarder) streamsTo(ctx context.Context) (complaints, data httpstream.Stream, to httpstream.Connection, err error) {
	for range 2 {
		var number int
		to, number, err = f.connection(ctx)
		if err != nil {
			return nil, nil, nil, err
		}
		headers := http.Header{}
		headers.Set(corev1.PortHeader, strconv.Itoa(int(f.port)))
		headers.Set(corev1.PortForwardRequestIDHeader, strconv.Itoa(number))
		headers.Set(corev1.StreamType, corev1.StreamTypeError)
		if complaints, err = stream(ctx, to, headers.Clone()); err == nil {
			// Nothing is said on it.
			_ = complaints.Close()
			headers.Set(corev1.StreamType, corev1.StreamTypeData)
			if data, err = stream(ctx, to, headers); err == nil {
				return complaints, data, to, nil
			}
		}
		f.lost(to)
	}
	return nil, nil, nil, fmt.Errorf("open stream to pod: %w", err)
}

// stream opens one stream. On a connection that is lost meanwhile the answer is waited for by nobody.
func stream(ctx context.Context, to httpstream.Connection, headers http.Header) (httpstream.Stream, error) {
	type result struct {
		stream httpstream.Stream
		err    error
	}
	done := make(chan result, 1)
	go func() {
		opened, err := to.CreateStream(headers)
		done <- result{opened, err}
	}()
	select {
	case r := <-done:
		return r.stream, r.err
	case <-to.CloseChan():
		return nil, errLost
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// errLost is a connection to the API server that has gone.
var errLost = errors.New("the connection was lost")
