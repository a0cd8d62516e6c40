// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package conformance

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// watch is an open watch.
type watch struct {
	talk   *talk
	lines  chan string
	cancel context.CancelFunc
}

// watch opens a watch and notes it; its events are noted when taken.
func (s *talk) watch(path string) *watch {
	s.t.Helper()
	fmt.Fprintf(&s.transcript, "> WATCH %s\n", path)
	ctx, cancel := context.WithCancel(s.t.Context())
	response := s.send(ctx, call{method: "GET", path: path})
	w := &watch{talk: s, lines: make(chan string, 100), cancel: cancel}
	s.t.Cleanup(cancel)
	if response.StatusCode != http.StatusOK {
		raw, _ := io.ReadAll(response.Body)
		response.Body.Close()
		a := answer{status: response.StatusCode, raw: string(raw)}
		if json.Unmarshal(raw, &a.object) != nil {
			a.object = nil
		}
		s.noteAnswer(a, brief, response.Header)
		close(w.lines)
		return w
	}
	fmt.Fprintf(&s.transcript, "< %d\n", response.StatusCode)
	go func() {
		defer close(w.lines)
		defer response.Body.Close()
		scanner := bufio.NewScanner(response.Body)
		scanner.Buffer(nil, 1<<20)
		for scanner.Scan() {
			w.lines <- scanner.Text()
		}
	}()
	return w
}

// take notes the next n events.
func (w *watch) take(n int) {
	w.talk.t.Helper()
	for range n {
		select {
		case line, open := <-w.lines:
			if !open {
				fmt.Fprintln(&w.talk.transcript, "< end of the watch")
				return
			}
			w.note(line)
		case <-time.After(10 * time.Second):
			w.talk.t.Fatalf("no event for 10 s after:\n%s", w.talk.transcript.String())
		}
	}
}

// end notes everything until the server ends the watch.
func (w *watch) end() {
	w.talk.t.Helper()
	timer := time.AfterFunc(20*time.Second, w.cancel) // it should have ended by itself
	for line := range w.lines {
		w.note(line)
	}
	if !timer.Stop() {
		fmt.Fprintln(&w.talk.transcript, "(it did not)")
	}
	fmt.Fprintln(&w.talk.transcript, "< end of the watch")
}

func (w *watch) note(line string) {
	var event struct {
		Type   string         `json:"type"`
		Object map[string]any `json:"object"`
	}
	if err := json.Unmarshal([]byte(line), &event); err != nil {
		w.talk.t.Fatalf("read event %q: %v", line, err)
	}
	if metadata, isMap := event.Object["metadata"].(map[string]any); isMap && event.Type == "BOOKMARK" {
		metadata["resourceVersion"] = "" // of whatever was written last, also by others
	}
	told := fmt.Sprintf("< %s %s\n", event.Type, w.talk.normal.document(event.Object, false))
	if event.Type == "BOOKMARK" && strings.HasSuffix(w.talk.transcript.String(), told) {
		return // the real server sends the same one or two at a time
	}
	w.talk.transcript.WriteString(told)
}

// stop closes a watch from our side.
func (w *watch) stop() { w.cancel() }
