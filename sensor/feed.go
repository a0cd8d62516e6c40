// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"context"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
)

// feed is an informer on one pod, boiled down to a queue of its versions. Signals
// are level-driven: news says that there is something to take, not how much.
type feed struct {
	news     chan struct{}
	broken   chan error
	informer cache.SharedIndexInformer
	done     chan struct{}

	mu    sync.Mutex
	queue []change
}

// change is a version of the pod. gone says that the pod is no more; last says that this is its last
// version, and not only the last that was known.
type change struct {
	pod        *corev1.Pod
	gone, last bool
}

// startFeed starts the informer; it ends with ctx.
func startFeed(ctx context.Context, pods Pods, target Target) *feed {
	f := &feed{
		news:   make(chan struct{}, 1),
		broken: make(chan error, 1),
		done:   make(chan struct{}),
	}
	source := pods.WatchPod(target.Namespace, target.Name, func(err error) { offer(f.broken, err) })
	f.informer = cache.NewSharedIndexInformerWithOptions(source, &corev1.Pod{}, cache.SharedIndexInformerOptions{})
	// The three setters fail only on an informer that has been started.
	_ = f.informer.SetTransform(dropManagedFields)
	_ = f.informer.SetWatchErrorHandlerWithContext(func(_ context.Context, _ *cache.Reflector, err error) { offer(f.broken, err) })
	_, _ = f.informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(obj any) { f.put(obj, change{}) },
		UpdateFunc: func(_, obj any) { f.put(obj, change{}) },
		DeleteFunc: func(obj any) { f.put(obj, change{gone: true, last: true}) },
	})
	go func() {
		defer close(f.done)
		f.informer.RunWithContext(ctx)
	}()
	return f
}

func (f *feed) wait()        { <-f.done }
func (f *feed) synced() bool { return f.informer.HasSynced() }

// knows reports whether the watch has brought a pod other than successor, and not yet that it is gone: for an informer that has
// listed anew, the next pod of the name is a new version of the last.
func (f *feed) knows(successor types.UID) bool {
	for _, obj := range f.informer.GetStore().List() {
		if pod, ok := obj.(*corev1.Pod); ok && pod.UID != successor {
			return true
		}
	}
	return false
}

func (f *feed) put(obj any, c change) {
	if unknown, ok := obj.(cache.DeletedFinalStateUnknown); ok {
		obj, c.last = unknown.Obj, false
	}
	pod, ok := obj.(*corev1.Pod)
	if !ok {
		return
	}
	c.pod = pod
	f.mu.Lock()
	f.queue = append(f.queue, c)
	f.mu.Unlock()
	offer(f.news, struct{}{})
}

// take returns what has come since the last take, oldest first.
func (f *feed) take() []change {
	f.mu.Lock()
	defer f.mu.Unlock()
	queue := f.queue
	f.queue = nil
	return queue
}

// offer sends v unless something that was sent before has not been taken.
func offer[T any](c chan<- T, v T) {
	select {
	case c <- v:
	default:
	}
}

// dropManagedFields keeps the cache small: they are a third of a pod and nobody here reads them.
func dropManagedFields(obj any) (any, error) {
	if pod, ok := obj.(*corev1.Pod); ok {
		pod.ManagedFields = nil
	}
	return obj, nil
}
