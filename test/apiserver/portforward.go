// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/httpstream"      //nolint:staticcheck // what it stands for, k8s.io/streaming, would be one module more that go.mod names
	"k8s.io/apimachinery/pkg/util/httpstream/spdy" //nolint:staticcheck // what it stands for, k8s.io/streaming, would be one module more that go.mod names
)

// protocolForward is the one protocol of port-forwarding (portforward.PortForwardProtocolV1Name).
const protocolForward = "portforward.k8s.io"

// portForward answers POST pods/x/portforward: it carries connections to the pod's own address. The newer way, GET
// with WebSocket, is not spoken, as by servers before 1.30.
func (s *Server) portForward(r *Request) (reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.store.objects[keyOf(r, s.resource("", "v1", "pods"))]
	if o == nil {
		return reply{}, apierrors.NewNotFound(s.resource("", "v1", "pods").groupResource(), r.Name)
	}
	pod, err := podOf(o)
	if err != nil {
		return reply{}, err
	}
	if pod.Status.Phase != corev1.PodRunning {
		return reply{}, apierrors.NewBadRequest(fmt.Sprintf("unable to forward port because pod is not running. Current status=%s", pod.Status.Phase))
	}
	forwarded := &forwarding{server: s, pod: pod.Name, address: pod.Status.PodIP, complaints: map[string]httpstream.Stream{}}
	return reply{code: http.StatusSwitchingProtocols, upgrade: forwarded.serve}, nil
}

// CutForwards breaks the port-forwarding connections and tells how many these were.
func (s *Server) CutForwards() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.forwards {
		c.Close()
	}
	return len(s.forwards)
}

// forwarding is one port-forwarding connection.
type forwarding struct {
	server       *Server
	pod, address string

	mu sync.Mutex
	// complaints are the streams for what is wrong, by the number of the connection that each is for.
	complaints map[string]httpstream.Stream
}

func (f *forwarding) serve(w http.ResponseWriter, hr *http.Request) {
	if _, err := httpstream.Handshake(hr, w, []string{protocolForward}); err != nil {
		return
	}
	streams := make(chan httpstream.Stream, 1)
	upgraded := spdy.NewResponseUpgrader().UpgradeResponse(w, hr, func(stream httpstream.Stream, _ <-chan struct{}) error {
		streams <- stream
		return nil
	})
	if upgraded == nil {
		return
	}
	f.server.mu.Lock()
	f.server.forwards[upgraded] = struct{}{}
	f.server.mu.Unlock()
	defer func() {
		f.server.mu.Lock()
		delete(f.server.forwards, upgraded)
		f.server.mu.Unlock()
		upgraded.Close()
	}()
	for {
		select {
		case <-upgraded.CloseChan():
			return
		case stream := <-streams:
			f.take(stream)
		}
	}
}

// take takes one of the two streams of a connection; the one for complaints comes first.
func (f *forwarding) take(stream httpstream.Stream) {
	f.mu.Lock()
	defer f.mu.Unlock()
	number := stream.Headers().Get(corev1.PortForwardRequestIDHeader)
	if stream.Headers().Get(corev1.StreamType) == corev1.StreamTypeError {
		f.complaints[number] = stream
		return
	}
	go f.carry(stream, f.complaints[number])
	delete(f.complaints, number)
}

func (f *forwarding) carry(data, complaints httpstream.Stream) {
	defer complaints.Close()
	defer data.Close()
	port := data.Headers().Get(corev1.PortHeader)
	conn, err := net.Dial("tcp", net.JoinHostPort(f.address, port))
	if err != nil {
		fmt.Fprintf(complaints, "error forwarding port %s to pod %s: %v", port, f.pod, err)
		return
	}
	go func() {
		io.Copy(conn, data)              //nolint:errcheck // either end is gone then
		conn.(*net.TCPConn).CloseWrite() //nolint:errcheck,forcetypeassert // tcp was dialed
	}()
	io.Copy(data, conn) //nolint:errcheck // either end is gone then
	conn.Close()
}
