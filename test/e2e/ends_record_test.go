// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/lines"
	"github.com/sparkctl/sparkctl/test/ends"
)

// recordVariable asks that ends are written down as the recordings of their rows: "all", or the names of those that alone
// are then produced, separated by blanks.
const recordVariable = "SPARKCTL_RECORD"

// A witness keeps every pod of the test's namespace as it was last seen, the
// ones that are gone too.
type witness struct {
	mu   sync.Mutex
	pods map[types.UID]*corev1.Pod
	gone map[types.UID]bool
}

// watchPods is a witness of the namespace until ctx ends.
func (c *cluster) watchPods(ctx context.Context) *witness {
	w := &witness{pods: map[types.UID]*corev1.Pod{}, gone: map[types.UID]bool{}}
	go func() {
		for ctx.Err() == nil {
			stream, err := c.core.Get().Namespace(c.namespace).Resource("pods").Param("watch", "true").Watch(ctx)
			if err == nil {
				w.keep(stream)
			}
			select {
			case <-time.After(100 * time.Millisecond):
			case <-ctx.Done():
			}
		}
	}()
	return w
}

func (w *witness) keep(stream watch.Interface) {
	for event := range stream.ResultChan() {
		if pod, ok := event.Object.(*corev1.Pod); ok {
			w.mu.Lock()
			w.pods[pod.UID], w.gone[pod.UID] = pod, event.Type == watch.Deleted
			w.mu.Unlock()
		}
	}
}

// last is the pod of that UID as it was last seen, nil if it never was.
func (w *witness) last(uid types.UID) *corev1.Pod {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.pods[uid]
}

// isGone reports whether the pod of that UID was deleted.
func (w *witness) isGone(uid types.UID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.gone[uid]
}

// driverOf is the driver of a run, nil while there is none.
func (w *witness) driverOf(runKey string) *corev1.Pod {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, pod := range w.pods {
		if pod.Labels[driver.LabelRole] == driver.RoleDriver && pod.Annotations[driver.AnnotationRunKey] == runKey {
			return pod
		}
	}
	return nil
}

// executors are those of a driver that are still there.
func (w *witness) executors(of *corev1.Pod) []*corev1.Pod {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []*corev1.Pod
	for uid, pod := range w.pods {
		if pod.Labels[driver.LabelRole] == "executor" && pod.Labels[driver.LabelSelector] == of.Labels[driver.LabelSelector] && !w.gone[uid] {
			all = append(all, pod.DeepCopy())
		}
	}
	return all
}

// successor is another pod that came to have a pod's name, nil if there is none.
func (w *witness) successor(pod *corev1.Pod) *corev1.Pod {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, other := range w.pods {
		if other.Name == pod.Name && other.UID != pod.UID {
			return other.DeepCopy()
		}
	}
	return nil
}

// record is what can be kept of an end once the pod is ready for it, or at once: the pod, what was said about it, the
// tail of the driver's log.
func (f *followed) record(ctx context.Context, ready func(*corev1.Pod) bool) (ends.Recording, error) {
	var r ends.Recording
	if f.uid == "" || f.unseen {
		return r, nil
	}
	if ready == nil {
		ready = func(*corev1.Pod) bool { return true }
	}
	if err := f.await(ctx, ready); err != nil {
		return r, err
	}
	pod := f.pods.last(f.uid)
	r.Pod = pod.DeepCopy()
	events := &corev1.EventList{}
	err := f.core.Get().Namespace(f.namespace).Resource("events").
		Param("fieldSelector", "involvedObject.uid="+string(f.uid)).Do(ctx).Into(events)
	if err != nil {
		return r, fmt.Errorf("read events: %w", err)
	}
	r.Events = events.Items
	r.Successor = f.pods.successor(pod)
	if !driverEnded(pod) {
		r.Executors = f.pods.executors(pod)
	}
	if status := driver.Status(pod, driver.Container(pod, "")); status != nil && (status.State.Terminated == nil || status.State.Terminated.ExitCode != 0) {
		log, err := f.core.Get().Namespace(f.namespace).Resource("pods").Name(f.name).SubResource("log").
			Param("container", driver.Container(pod, "")).Param("tailLines", strconv.Itoa(lines.TailLines)).DoRaw(ctx)
		if err == nil {
			r.Log = string(log)
		}
	}
	return r, nil
}

// writeRecording makes a row's recording out of what was seen.
func writeRecording(t *testing.T, name string, c *cluster, r ends.Recording) {
	t.Helper()
	var version struct{ GitVersion string }
	text, err := c.core.Get().AbsPath("/version").DoRaw(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &version); err != nil {
		t.Fatal(err)
	}
	r.Header = "recorded: Kubernetes " + version.GitVersion
	if spark := sparkOf(r); spark != "" {
		r.Header += ", Spark " + spark
	}
	replace := []string{c.namespace, "spark"}
	if r.Pod != nil && r.Pod.Spec.NodeName != "" {
		replace = append(replace, r.Pod.Spec.NodeName, "node-1")
	}
	folder := filepath.Join(root, ends.Folder)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := ends.Write(folder, name, r, replace...); err != nil {
		t.Fatal(err)
	}
}

// sparkOf is the version of Spark that a recording is about, empty without Spark.
func sparkOf(r ends.Recording) string {
	switch {
	case r.Result != nil:
		return newestSpark
	case r.Pod != nil:
		return r.Pod.Labels[driver.LabelVersion]
	default:
		return ""
	}
}
