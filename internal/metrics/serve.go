// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package metrics

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Server serves the metrics of a process at /metrics.
type Server struct {
	// Address is where it listens, with the port that was given for port 0.
	Address string

	http *http.Server
	done chan error
}

// goodbye is how long a scrape that is under way may take when the process ends.
const goodbye = time.Second

// Serve begins to listen at address, HOST:PORT; what goes wrong later is told to log. ctx bounds the
// beginning only: the server ends with [Server.Close].
func (m *Metrics) Serve(ctx context.Context, address string, log *slog.Logger) (*Server, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen at %s: %w", address, err)
	}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", ContentType)
		// Who has hung up needs no answer.
		_, _ = m.WriteTo(w)
	})
	s := &Server{
		Address: listener.Addr().String(),
		http: &http.Server{
			Handler: routes, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn), MaxHeaderBytes: 8 << 10,
			// A scraper is near and quick; one that is neither must not hold a connection.
			ReadTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		},
		done: make(chan error, 1),
	}
	go func() { s.done <- s.http.Serve(listener) }()
	return s, nil
}

// Close lets the scrapes that are under way end, within a second, and stops listening.
func (s *Server) Close(ctx context.Context) error {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), goodbye)
	defer stop()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	if served := <-s.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
