// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
	"github.com/sparkctl/sparkctl/sensor"
)

// logSource is one container whose log is read. saw is told of every version of its pod.
type logSource struct {
	view.LogSource

	follower *sensor.LogFollower
	ended    atomic.Bool // the container has
	gone     atomic.Bool // the pod is not there any more
	// It is being followed, and has been read to its end; under the reading's lock.
	begun, done bool
}

// source is the log of a pod, nil if the pod has no container that is wanted.
func (r *logReading) source(pod *corev1.Pod) *logSource {
	named := view.LogSourceOf(pod, r.o.container)
	if named.Container == "" || !hasContainer(pod, named.Container) {
		return nil
	}
	s := &logSource{LogSource: named}
	s.follower = &sensor.LogFollower{
		Logs: r.l.client, Target: sensor.Target{Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID}, Container: named.Container,
		Ended: s.ended.Load, Gone: s.gone.Load, Previous: r.o.previous,
		Stamped: func(at time.Time, line string) { r.out.write(s.LogSource, at, line) },
	}
	s.saw(pod, false)
	return s
}

// begins says with what of the log to begin, where the pod was there before us.
func (s *logSource) begins(o *logOptions, now time.Time) {
	if o.since > 0 {
		s.follower.Since = now.Add(-o.since)
	}
	if o.tail >= 0 {
		s.follower.Tail = &o.tail
	}
}

// saw notes a version of the pod, its last if it is gone.
func (s *logSource) saw(pod *corev1.Pod, gone bool) {
	status := anyStatus(pod, s.Container)
	over := gone || pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
	s.ended.Store(over || status != nil && status.State.Terminated != nil)
	s.gone.Store(gone)
}

// hasLog reports whether a container has begun to write one.
func hasLog(pod *corev1.Pod, container string, previous bool) bool {
	status := anyStatus(pod, container)
	switch {
	case status == nil:
		return false
	case previous:
		return status.RestartCount > 0
	default:
		// Between two lives the kubelet gives the log of the one before.
		return status.State.Running != nil || status.State.Terminated != nil || status.LastTerminationState.Terminated != nil
	}
}

// anyStatus is the status of a container, be it one that initializes, nil if the kubelet has not given one.
func anyStatus(pod *corev1.Pod, container string) *corev1.ContainerStatus {
	if status := driver.Status(pod, container); status != nil {
		return status
	}
	for i := range pod.Status.InitContainerStatuses {
		if pod.Status.InitContainerStatuses[i].Name == container {
			return &pod.Status.InitContainerStatuses[i]
		}
	}
	return nil
}

func hasContainer(pod *corev1.Pod, name string) bool { return slices.Contains(containers(pod), name) }

// containers are the names of a pod's containers, those that initialize last.
func containers(pod *corev1.Pod) []string {
	var names []string
	for _, c := range slices.Concat(pod.Spec.Containers, pod.Spec.InitContainers) {
		names = append(names, c.Name)
	}
	return names
}

// logWriter writes lines of several logs, each whole.
type logWriter struct {
	form   view.LogFormat
	filter view.LogFilter
	// fail ends everything: nobody reads any more.
	fail func(error)

	mu   sync.Mutex
	w    *bufio.Writer
	line []byte
	last time.Time // when a line last came, shown or not
	// live: each line is written out at once, because the next may be long in coming.
	live bool
	err  error
}

func newLogWriter(w io.Writer, form view.LogFormat, filter view.LogFilter, fail func(error)) *logWriter {
	return &logWriter{form: form, filter: filter, fail: fail, w: bufio.NewWriterSize(w, 64<<10), last: time.Now()}
}

// write writes a line if it is one that is shown.
func (w *logWriter) write(s view.LogSource, at time.Time, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = time.Now()
	if !w.filter.Shows(text) || w.err != nil {
		return
	}
	w.line = w.form.Append(w.line[:0], s, at, text)
	_, err := w.w.Write(w.line)
	if err == nil && w.live {
		err = w.w.Flush()
	}
	w.failed(err)
}

// failed notes that nobody reads any more.
func (w *logWriter) failed(err error) {
	if err != nil && w.err == nil {
		w.err = fmt.Errorf("write log: %w", err)
		w.fail(w.err)
	}
}

// flush writes out what has not been yet.
func (w *logWriter) flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.failed(w.w.Flush())
	}
	return w.err
}

// broken is why nobody can read any more, nil while somebody can.
func (w *logWriter) broken() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// liven makes every line from now on be written out at once.
func (w *logWriter) liven() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.live = true
}

// silence is for how long no line has come.
func (w *logWriter) silence() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Since(w.last)
}
