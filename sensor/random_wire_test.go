// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// wire stands between the follower and the API server and notes what the follower was told: only what
// came through whole.
type wire struct {
	inner http.RoundTripper
	uid   types.UID
	start time.Time

	mu       sync.Mutex
	told     []told
	listed   time.Time // when a list was last answered
	requests int       // about pods
}

// told is one version of the followed pod, or the word that it is not there, as it reached the follower.
type told struct {
	at      time.Time
	by      string // "get", "list", "watch"
	version string
	gone    bool   // a 404 of the API server, or another pod of the name in its place
	ended   bool   // the driver's container has terminated, or the pod has failed
	phase   string // for the trace
}

func (w *wire) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := w.inner.RoundTrip(request)
	if !strings.Contains(request.URL.Path, "/pods") {
		return response, err
	}
	w.mu.Lock()
	w.requests++
	w.mu.Unlock()
	if err != nil {
		return response, err
	}
	by := "list"
	switch {
	case request.URL.Query().Get("watch") != "":
		by = "watch"
	case strings.HasSuffix(request.URL.Path, "/"+name):
		by = "get"
	}
	response.Body = &tap{ReadCloser: response.Body, wire: w, by: by, status: response.StatusCode}
	return response, nil
}

// tap reads along.
type tap struct {
	io.ReadCloser

	wire   *wire
	by     string
	status int
	text   []byte
}

func (t *tap) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	t.text = append(t.text, p[:n]...)
	if t.by == "watch" {
		for {
			line, rest, whole := bytes.Cut(t.text, []byte("\n"))
			if !whole {
				break
			}
			t.text = rest
			t.wire.event(line)
		}
	} else if err == io.EOF {
		t.wire.document(t.by, t.status, t.text)
		t.text = nil
	}
	return n, err
}

func (w *wire) event(line []byte) {
	var event struct {
		Type   string
		Object json.RawMessage
	}
	var pod corev1.Pod
	if json.Unmarshal(line, &event) == nil && event.Type != "BOOKMARK" && json.Unmarshal(event.Object, &pod) == nil {
		w.note("watch", &pod)
	}
}

func (w *wire) document(by string, status int, text []byte) {
	var pod corev1.Pod
	var list corev1.PodList
	switch {
	case status == http.StatusNotFound && by == "get" && bytes.Contains(text, []byte(`"details":{"name":"`+name)):
		w.add(told{by: by, gone: true})
	case status != http.StatusOK:
	case by == "get" && json.Unmarshal(text, &pod) == nil:
		w.note(by, &pod)
	case by == "list" && json.Unmarshal(text, &list) == nil:
		w.mu.Lock()
		w.listed = time.Now()
		w.mu.Unlock()
		for i := range list.Items {
			w.note(by, &list.Items[i])
		}
	}
}

func (w *wire) note(by string, pod *corev1.Pod) {
	if pod.Name != name {
		return
	}
	if pod.UID != w.uid {
		if by == "get" {
			w.add(told{by: by, gone: true, version: pod.ResourceVersion, phase: "of another pod"})
		}
		return
	}
	news := told{by: by, version: pod.ResourceVersion, phase: string(pod.Status.Phase), ended: pod.Status.Phase == corev1.PodFailed}
	for _, status := range pod.Status.ContainerStatuses {
		if end := status.State.Terminated; status.Name == container && end != nil {
			news.ended, news.phase = true, fmt.Sprintf("%s, driver exited %d", pod.Status.Phase, end.ExitCode)
		}
	}
	if pod.DeletionTimestamp != nil {
		news.phase += ", terminating"
	}
	w.add(news)
}

func (w *wire) add(news told) {
	w.mu.Lock()
	defer w.mu.Unlock()
	news.at = time.Now()
	w.told = append(w.told, news)
}

// heard is what has been told so far.
func (w *wire) heard() ([]told, int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.told, w.requests
}
