// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"strconv"
	"syscall"
	"testing/iotest"
)

// ServeHTTP makes the Server usable with httptest.NewServer.
func (s *Server) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	answer, err := s.exchange(hr)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if answer.loss != Delivered {
		lose(w, hr, answer.loss)
		return
	}
	if answer.upgrade != nil {
		answer.upgrade(w, hr)
		return
	}
	maps.Copy(w.Header(), answer.header)
	if answer.stream == nil {
		length := len(answer.body)
		if answer.short {
			length++ // net/http closes the connection of a body that is shorter than announced
		}
		w.Header().Set("Content-Length", strconv.Itoa(length))
		w.WriteHeader(answer.code)
		w.Write(answer.body) //nolint:errcheck // the client is gone then
		return
	}
	defer answer.stream.close()
	w.WriteHeader(answer.code)
	flusher := http.NewResponseController(w)
	for {
		if err := flusher.Flush(); err != nil {
			return
		}
		piece, err := answer.stream.next(hr.Context())
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			lose(w, hr, lossOf(err))
			return
		}
		if _, err := w.Write(piece); err != nil {
			return
		}
	}
}

// lose breaks the connection of a real socket.
func lose(w http.ResponseWriter, hr *http.Request, loss Loss) {
	if loss == Silence {
		<-hr.Context().Done()
		return
	}
	if hijacker, ok := w.(http.Hijacker); ok {
		if connection, _, err := hijacker.Hijack(); err == nil {
			if tcp, ok := connection.(*net.TCPConn); ok && loss != EOF && loss != GoAway {
				tcp.SetLinger(0) //nolint:errcheck // closing is what counts
			}
			connection.Close()
			return
		}
	}
	panic(http.ErrAbortHandler)
}

// transport is the Server without sockets.
type transport struct{ server *Server }

// Transport carries requests to the server by plain calls: no socket, no
// goroutine, so that it works inside testing/synctest. Any host name will do:
//
//	config := &rest.Config{Host: "http://apiserver.test", Transport: server.Transport()}
func (s *Server) Transport() http.RoundTripper { return transport{server: s} }

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(hr *http.Request) (*http.Response, error) {
	if err := hr.Context().Err(); err != nil {
		return nil, err
	}
	answer, err := t.server.exchange(hr)
	if err != nil {
		return nil, err
	}
	if answer.loss != Delivered {
		return nil, lossError(hr.Context(), answer.loss, io.EOF)
	}
	response := &http.Response{
		StatusCode: answer.code,
		Status:     fmt.Sprintf("%d %s", answer.code, http.StatusText(answer.code)),
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        answer.header,
		ContentLength: int64(len(answer.body)),
		Body:          io.NopCloser(bytes.NewReader(answer.body)),
		Request:       hr,
	}
	if answer.short {
		response.ContentLength++
		response.Body = io.NopCloser(io.MultiReader(bytes.NewReader(answer.body), iotest.ErrReader(io.ErrUnexpectedEOF)))
	}
	if answer.stream != nil {
		ctx, cancel := context.WithCancel(hr.Context())
		response.ContentLength = -1
		response.Body = &streamBody{ctx: ctx, cancel: cancel, stream: answer.stream}
	}
	return response, nil
}

// streamBody reads a stream as a response body.
type streamBody struct {
	ctx    context.Context
	cancel context.CancelFunc
	stream stream
	rest   []byte
	err    error
}

func (b *streamBody) Read(p []byte) (int, error) {
	for len(b.rest) == 0 {
		if b.err != nil {
			return 0, b.err
		}
		piece, err := b.stream.next(b.ctx)
		if err != nil && !errors.Is(err, io.EOF) && b.ctx.Err() == nil {
			err = lossError(b.ctx, lossOf(err), io.ErrUnexpectedEOF)
		}
		b.rest, b.err = piece, err
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

func (b *streamBody) Close() error {
	b.cancel()
	b.stream.close()
	return nil
}

// lossError is what net/http says about a lost answer; eof is its word for
// an end too early.
func lossError(ctx context.Context, loss Loss, eof error) error {
	switch loss {
	case Reset:
		return &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	case Refused:
		return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	case GoAway:
		return errGoAway
	case Silence:
		<-ctx.Done()
		return ctx.Err()
	default:
		return eof
	}
}

// errGoAway is in the words of net/http, whose type for it cannot be made outside.
var errGoAway = errors.New(`http2: server sent GOAWAY and closed the connection; LastStreamID=1999, ErrCode=NO_ERROR, debug=""`)

// lostError carries a Loss out of a stream.
type lostError Loss

func (e lostError) Error() string { return "stream lost" }

func lossOf(err error) Loss {
	if lost, ok := errors.AsType[lostError](err); ok {
		return Loss(lost)
	}
	return EOF
}

// document is a JSON answer.
func document(code int, value any) reply {
	body, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("encode answer: %v", err)) // the server made it itself
	}
	return reply{
		code:   code,
		header: http.Header{"Content-Type": {"application/json"}},
		body:   append(body, '\n'),
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
