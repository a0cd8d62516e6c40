// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/sparkctl/sparkctl/internal/problem"
)

// newLog returns the log of a program: lines for people, or JSON objects for programs.
func newLog(w io.Writer, program, format string) (*slog.Logger, error) {
	switch format {
	case "text":
		return slog.New(&textHandler{w: w, mu: &sync.Mutex{}, program: program}), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, nil)).With("program", program), nil
	default:
		return nil, problem.Usage("give --log-format text or --log-format json", "log format %q is not known", format)
	}
}

// textHandler writes "2026-01-02T15:04:05Z submitter: what happened key=value", readable
// among the lines of other programs in one pod's log.
type textHandler struct {
	w       io.Writer
	mu      *sync.Mutex
	program string
	attrs   []slog.Attr
	// least is the lowest level that is written; bare leaves out the time and, but for errors, the fields.
	least slog.Level
	bare  bool
}

func (h *textHandler) Enabled(_ context.Context, level slog.Level) bool { return level >= h.least }

func (h *textHandler) WithGroup(string) slog.Handler { return h }

func (h *textHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *h
	with.attrs = append(append([]slog.Attr{}, h.attrs...), attrs...)
	return &with
}

func (h *textHandler) Handle(_ context.Context, r slog.Record) error {
	var line strings.Builder
	if !h.bare {
		line.WriteString(r.Time.UTC().Format(time.RFC3339) + " ")
	}
	line.WriteString(h.program + ": ")
	if r.Level > slog.LevelInfo {
		line.WriteString(strings.ToLower(r.Level.String()) + ": ")
	}
	line.WriteString(r.Message)
	write := func(a slog.Attr) bool {
		if h.bare && a.Key != "error" {
			return true
		}
		value := a.Value.String()
		if value == "" || strings.ContainsAny(value, " \t\n\"=") {
			value = fmt.Sprintf("%q", value)
		}
		line.WriteString(" " + a.Key + "=" + value)
		return true
	}
	for _, a := range h.attrs {
		write(a)
	}
	r.Attrs(write)
	line.WriteByte('\n')
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := io.WriteString(h.w, line.String())
	return err
}
