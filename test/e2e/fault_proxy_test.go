// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"errors"
	"io"
	"net"
	"sync"
	"testing"
)

// A tunnel is a TCP proxy before the API server that can fall silent without
// closing anything, as a firewall does that has forgotten a connection, or a
// load balancer whose backend is gone.
type tunnel struct {
	address  string
	upstream string
	listener net.Listener

	mu     sync.Mutex
	closed bool // new connections are reset
	silent bool // new connections are taken, and nothing comes of them
	open   map[*relay]bool
	done   sync.WaitGroup
}

// relay is one connection through the tunnel.
type relay struct {
	ends [2]net.Conn
	// muted is closed when the connection falls silent, for ever.
	muted chan struct{}
	once  sync.Once
}

func (r *relay) mute() { r.once.Do(func() { close(r.muted) }) }

// reset ends the connection with a RST.
func (r *relay) reset() {
	for _, end := range r.ends {
		if tcp, ok := end.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		if end != nil {
			_ = end.Close()
		}
	}
}

// newTunnel opens a tunnel to the address upstream.
func newTunnel(t *testing.T, upstream string) *tunnel {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &tunnel{address: listener.Addr().String(), upstream: upstream, listener: listener, open: map[*relay]bool{}}
	p.done.Go(p.accept)
	t.Cleanup(func() {
		_ = listener.Close()
		p.cut()
		p.done.Wait()
	})
	return p
}

func (p *tunnel) accept() {
	for {
		conn, err := p.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			p.done.Go(func() { p.serve(conn) })
		}
	}
}

// serve forwards in both directions until one side closes.
func (p *tunnel) serve(conn net.Conn) {
	r := &relay{ends: [2]net.Conn{conn, nil}, muted: make(chan struct{})}
	p.mu.Lock()
	closed, silent := p.closed, p.silent
	p.mu.Unlock()
	if closed {
		r.reset()
		return
	}
	if silent {
		p.swallow(r)
		return
	}
	up, err := net.Dial("tcp", p.upstream)
	if err != nil {
		// As if the server's machine were up and the server not.
		r.reset()
		return
	}
	r.ends[1] = up
	defer p.keep(r)()
	var both sync.WaitGroup
	both.Go(func() { r.forward(up, conn) })
	both.Go(func() { r.forward(conn, up) })
	both.Wait()
}

// swallow takes whatever comes, whether or not there is a server behind.
func (p *tunnel) swallow(r *relay) {
	defer p.keep(r)()
	_, _ = io.Copy(io.Discard, r.ends[0])
	_ = r.ends[0].Close()
}

// keep remembers an open connection until the returned function is called.
func (p *tunnel) keep(r *relay) (forget func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[r] = true
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.open, r)
	}
}

// forward copies until from ends, and drops what comes after the connection was
// muted; then the end of one side is not told to the other.
func (r *relay) forward(to, from net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		select {
		case <-r.muted:
			if err != nil {
				_ = from.Close()
				return
			}
			continue
		default:
		}
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				r.reset()
				return
			}
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				_ = to.Close()
			} else {
				r.reset()
			}
			return
		}
	}
}

// cut resets every connection that there is.
func (p *tunnel) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for r := range p.open {
		r.reset()
	}
}

// close resets every connection and every new one, until reopen.
func (p *tunnel) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.cut()
}

// mute makes every connection that there is silent for ever, and with all, every
// new one until reopen as well.
func (p *tunnel) mute(all bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.silent = all
	for r := range p.open {
		r.mute()
	}
}

// reopen lets new connections through again.
func (p *tunnel) reopen() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed, p.silent = false, false
}
