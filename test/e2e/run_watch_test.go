// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e && linux

package e2e

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
)

// A driverWatch watches all drivers of a namespace all along, and holds what it sees to the promise: of one run key never
// two at a time that are not held back and have not ended, and none that runs before its objects exist. It judges by
// the pods alone, not by the code under test.
type driverWatch struct {
	*cluster

	mu       sync.Mutex
	runs     map[string]*witnessed // by run key
	revision string
	broken   []string
}

// witnessed is what was seen of one run.
type witnessed struct {
	running map[types.UID]string // now
	ever    []types.UID          // that were ever free to run, in their order
	history []string
}

// watchDrivers watches from now to the end of the test, and fails it if a promise is broken.
func (c *cluster) watchDrivers(t *testing.T) *driverWatch {
	t.Helper()
	w := &driverWatch{cluster: c, runs: map[string]*witnessed{}}
	pods := &corev1.PodList{}
	if err := c.core.Get().Namespace(c.namespace).Resource("pods").Do(t.Context()).Into(pods); err != nil {
		t.Fatal(err)
	}
	w.revision = pods.ResourceVersion
	ctx, stop := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		for ctx.Err() == nil {
			if err := w.watch(ctx); err != nil && ctx.Err() == nil {
				w.fault("the watch of the drivers broke: %v", err)
				return
			}
		}
	})
	t.Cleanup(func() {
		stop()
		done.Wait()
		for _, broken := range w.broken {
			t.Error(broken)
		}
	})
	return w
}

// watch reads changes until the API server ends the watch, as it does now and then.
func (w *driverWatch) watch(ctx context.Context) error {
	changes, err := w.core.Get().Namespace(w.namespace).Resource("pods").
		Param("watch", "true").Param("resourceVersion", w.revision).Watch(ctx)
	if err != nil {
		return err
	}
	defer changes.Stop()
	for change := range changes.ResultChan() {
		pod, isPod := change.Object.(*corev1.Pod)
		if !isPod {
			return apierrors.FromObject(change.Object)
		}
		w.revision = pod.ResourceVersion
		if key := pod.Annotations["sparkctl.dev/run-key"]; key != "" {
			w.saw(ctx, key, pod, change.Type == watch.Deleted)
		}
	}
	return nil
}

// saw takes one change of one driver down.
func (w *driverWatch) saw(ctx context.Context, key string, pod *corev1.Pod, deleted bool) {
	w.mu.Lock()
	run := w.runs[key]
	if run == nil {
		run = &witnessed{running: map[types.UID]string{}}
		w.runs[key] = run
	}
	state := stateOf(pod)
	run.history = append(run.history, fmt.Sprintf("%s %s %s %s deleted: %t", time.Now().Format("05.000"), pod.Name, pod.UID, state, deleted || pod.DeletionTimestamp != nil))
	if state == "runs" && !deleted {
		run.running[pod.UID] = pod.Name
	} else {
		delete(run.running, pod.UID)
	}
	begins := state == "runs" && !slices.Contains(run.ever, pod.UID)
	if begins {
		run.ever = append(run.ever, pod.UID)
	}
	two := len(run.running) > 1
	told := fmt.Sprintf("%s: %v\n%s", key, slices.Collect(maps.Values(run.running)), strings.Join(run.history, "\n"))
	w.mu.Unlock()
	if two {
		w.fault("two drivers at a time of run key %s", told)
	}
	if begins && !deleted {
		w.complete(ctx, pod)
	}
}

// stateOf tells whether a driver is held back, is free to run, or has ended.
func stateOf(pod *corev1.Pod) string {
	for _, gate := range pod.Spec.SchedulingGates {
		if gate.Name == "sparkctl.dev/submission" {
			return "held"
		}
	}
	if pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
		return "ended"
	}
	for _, status := range pod.Status.ContainerStatuses {
		if status.State.Terminated != nil {
			return "ended"
		}
	}
	return "runs"
}

// complete holds a driver that has just become free to run to having its ConfigMap and its Service.
func (w *driverWatch) complete(ctx context.Context, pod *corev1.Pod) {
	for _, kind := range []string{"ConfigMap", "Service"} {
		owned, err := w.owned(ctx, kind)
		if err != nil {
			if ctx.Err() == nil {
				w.fault("list each %s: %v", kind, err)
			}
			return
		}
		if !slices.Contains(slices.Collect(maps.Values(owned)), pod.UID) {
			w.fault("driver %s may run and has no %s", pod.Name, kind)
		}
	}
}

func (w *driverWatch) fault(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = append(w.broken, fmt.Sprintf(format, args...))
}

// run returns the drivers of a run that were ever free to run, and what was seen.
func (w *driverWatch) run(key string) (ever []types.UID, history string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	run := w.runs[key]
	if run == nil {
		return nil, "nothing"
	}
	return slices.Clone(run.ever), strings.Join(run.history, "\n")
}

// owned returns who owns each object of a kind that a launcher makes.
func (c *cluster) owned(ctx context.Context, kind string) (map[string]types.UID, error) {
	list, err := c.objects.Resource(schema.GroupVersionResource{Version: "v1", Resource: strings.ToLower(kind) + "s"}).Namespace(c.namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	owners := map[string]types.UID{}
	for _, object := range list.Items {
		if object.GetName() == "kube-root-ca.crt" || object.GetName() == "spark-templates" {
			continue
		}
		owners[kind+" "+object.GetName()] = ""
		for _, owner := range object.GetOwnerReferences() {
			owners[kind+" "+object.GetName()] = owner.UID
		}
	}
	return owners, nil
}

// nothingLeft waits until no driver is held back, and all that launchers have made belongs to a pod that is there.
func (c *cluster) nothingLeft(t *testing.T) {
	t.Helper()
	var left []string
	look := func(ctx context.Context) (bool, error) {
		left = nil
		pods := &corev1.PodList{}
		if err := c.core.Get().Namespace(c.namespace).Resource("pods").Do(ctx).Into(pods); err != nil {
			return false, err
		}
		there := map[types.UID]bool{}
		for i := range pods.Items {
			there[pods.Items[i].UID] = true
			if stateOf(&pods.Items[i]) == "held" {
				left = append(left, "gated pod "+pods.Items[i].Name)
			}
		}
		for _, kind := range []string{"ConfigMap", "Service"} {
			owned, err := c.owned(ctx, kind)
			if err != nil {
				return false, err
			}
			for name, owner := range owned {
				if !there[owner] {
					left = append(left, name+" of "+string(owner))
				}
			}
		}
		return len(left) == 0, nil
	}
	// The garbage collector takes its time.
	deadline := time.Now().Add(90 * time.Second)
	for {
		done, err := look(t.Context())
		switch {
		case err != nil:
			t.Fatal(err)
		case done:
			return
		case time.Now().After(deadline):
			t.Errorf("left behind: %v", left)
			return
		}
		time.Sleep(500 * time.Millisecond)
	}
}
