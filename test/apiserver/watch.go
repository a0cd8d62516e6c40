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
	"strconv"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// watchStream is one watch. It keeps no queue: it reads the history from where
// it stands, and sleeps on the server's channel when there is nothing more.
type watchStream struct {
	server    *Server
	resource  *Resource
	selection selection
	pending   [][]byte // the initial events
	revision  int64    // all changes up to here are told
	bookmarks bool
	deadline  time.Time
	bookmark  time.Time
	warned    bool // the bookmark just before the deadline was sent
	over      bool
}

// watch starts a watch at the revision the client asks for.
func (s *Server) watch(r *Request, resource *Resource) (reply, error) {
	options, err := listOptions(r)
	if err != nil {
		return reply{}, err
	}
	chosen, err := selectionOf(r, resource)
	if err != nil {
		return reply{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w := &watchStream{
		server: s, resource: resource, selection: chosen,
		bookmarks: options.AllowWatchBookmarks,
		bookmark:  s.options.Now().Add(s.options.BookmarkEvery),
	}
	life := time.Duration((1 + s.lives.Float64()) * float64(s.options.MinRequestTimeout))
	if seconds := options.TimeoutSeconds; seconds != nil && *seconds > 0 {
		life = time.Duration(*seconds) * time.Second
	}
	w.deadline = s.options.Now().Add(life)
	if err := s.position(options, w); err != nil {
		return reply{}, err
	}
	answer := document(200, nil)
	answer.body, answer.stream = nil, w
	return answer, nil
}

// position sets where a watch starts and what it tells first.
func (s *Server) position(options *metav1.ListOptions, w *watchStream) error {
	version := options.ResourceVersion
	initial := options.SendInitialEvents != nil && *options.SendInitialEvents
	if version == "" || version == "0" || initial {
		state, err := s.stateAt(version, "NotOlderThan")
		if apierrors.IsTimeout(err) { // newer than the cache; told in the stream
			var status apierrors.APIStatus
			if errors.As(err, &status) {
				told := status.Status()
				w.pending, w.over = [][]byte{frame("ERROR", statusObject(&told))}, true
			}
			return nil
		}
		if err != nil {
			return err
		}
		w.revision = state.revision
		if options.SendInitialEvents != nil && !initial {
			return nil // only what happens from now on
		}
		for _, o := range state.list(w.resource.groupResource(), w.selection.namespace) {
			if w.selection.fits(o) {
				w.pending = append(w.pending, frame("ADDED", present(o, w.resource)))
			}
		}
		if initial && w.bookmarks {
			w.pending = append(w.pending, w.bookmarkFrame(true))
		}
		return nil
	}
	revision, err := strconv.ParseInt(version, 10, 64)
	if err != nil || revision < 0 {
		return invalidVersion(version)
	}
	w.revision = revision
	if revision < s.store.compacted {
		status := apierrors.NewResourceExpired(fmt.Sprintf("too old resource version: %d (%d)", revision, s.store.compacted)).ErrStatus
		w.pending, w.over = [][]byte{frame("ERROR", statusObject(&status))}, true
	}
	return nil
}

func (w *watchStream) next(ctx context.Context) ([]byte, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		piece, changed, err := w.poll()
		if piece != nil || err != nil {
			return piece, err
		}
		if err := w.sleep(ctx, changed); err != nil {
			return nil, err
		}
	}
}

// poll gives the next event if there is one, else what to wait for.
func (w *watchStream) poll() ([]byte, <-chan struct{}, error) {
	w.server.mu.Lock()
	defer w.server.mu.Unlock()
	if len(w.pending) > 0 {
		piece := w.pending[0]
		w.pending = w.pending[1:]
		return piece, nil, nil
	}
	if w.over {
		return nil, nil, io.EOF
	}
	for _, entry := range w.server.store.since(w.revision) {
		w.revision = entry.revision
		if entry.key.GroupResource != w.resource.groupResource() {
			continue
		}
		if piece := w.event(entry); piece != nil {
			return piece, nil, nil
		}
	}
	now := w.server.options.Now()
	if !now.Before(w.deadline) {
		return nil, nil, io.EOF
	}
	// The real server sends one bookmark a minute and one 2 s before the end.
	last := !w.warned && !now.Before(w.deadline.Add(-lastBookmark))
	if w.bookmarks && (last || !now.Before(w.bookmark)) {
		w.warned = w.warned || last
		w.bookmark = now.Add(w.server.options.BookmarkEvery)
		return w.bookmarkFrame(false), nil, nil
	}
	return nil, w.server.changed, nil
}

const lastBookmark = 2 * time.Second

// sleep waits for a change, the next bookmark or the deadline.
func (w *watchStream) sleep(ctx context.Context, changed <-chan struct{}) error {
	until := w.deadline
	if w.bookmarks {
		if w.bookmark.Before(until) {
			until = w.bookmark
		}
		if last := w.deadline.Add(-lastBookmark); !w.warned && last.Before(until) {
			until = last
		}
	}
	timer := time.NewTimer(until.Sub(w.server.options.Now()))
	defer timer.Stop()
	select {
	case <-changed:
	case <-timer.C:
	case <-cutOf(ctx):
		return errCut
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// errCut makes a stream return to its cutter.
var errCut = errors.New("stream cut")

// event is what this watch tells of a change, nil for nothing: an object that
// comes to fit the selectors is ADDED, one that no longer does is DELETED.
func (w *watchStream) event(entry change) []byte {
	was := entry.old != nil && w.selection.fits(entry.old)
	is := entry.new != nil && w.selection.fits(entry.new)
	switch {
	case is && was:
		return frame("MODIFIED", present(entry.new, w.resource))
	case is:
		return frame("ADDED", present(entry.new, w.resource))
	case was && entry.new == nil:
		return frame("DELETED", present(entry.gone, w.resource))
	case was:
		// The last state that fitted, at the revision of the change.
		last := entry.old.DeepCopy()
		last.SetResourceVersion(itoa(entry.revision))
		return frame("DELETED", present(last, w.resource))
	}
	return nil
}

func (w *watchStream) bookmarkFrame(initialEnd bool) []byte {
	metadata := map[string]any{"resourceVersion": itoa(w.revision), "creationTimestamp": nil}
	if initialEnd {
		metadata["annotations"] = map[string]any{metav1.InitialEventsAnnotationKey: "true"}
	}
	return frame(bookmarkType, map[string]any{
		"kind": w.resource.Kind, "apiVersion": w.resource.apiVersion(), "metadata": metadata,
	})
}

func (w *watchStream) close() {}

const bookmarkType = "BOOKMARK"

// frame is one line of a watch.
func frame(kind string, object any) []byte {
	line, err := json.Marshal(struct {
		Type   string `json:"type"`
		Object any    `json:"object"`
	}{kind, object})
	if err != nil {
		panic(fmt.Sprintf("encode event: %v", err)) // the server made it itself
	}
	return append(line, '\n')
}

func isBookmark(piece []byte) bool {
	return bytes.HasPrefix(piece, []byte(`{"type":"`+bookmarkType+`"`))
}

func statusObject(status *metav1.Status) *metav1.Status {
	status.Kind, status.APIVersion = "Status", "v1"
	return status
}
