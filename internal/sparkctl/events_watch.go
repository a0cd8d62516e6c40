// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
	"k8s.io/klog/v2"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
	"github.com/sparkctl/sparkctl/xcom"
)

const (
	// afterEnd is for how long after a driver's end events about it may come.
	afterEnd = 2 * time.Second
	// maxStrangers bounds the events of which it is not known yet whom they are about.
	maxStrangers = 500
)

// eventFeed is a store that hands on what a reflector brings and keeps nothing.
type eventFeed func(obj any)

// Add hands an event on.
func (f eventFeed) Add(obj any) error { f(obj); return nil }

// Update hands an event on that has happened again.
func (f eventFeed) Update(obj any) error { f(obj); return nil }

// Delete forgets an event whose time is over.
func (f eventFeed) Delete(any) error { return nil }

// Replace hands on what there is after the watch was away.
func (f eventFeed) Replace(all []any, _ string) error {
	for _, obj := range all {
		f(obj)
	}
	return nil
}

// Resync does nothing: nothing is kept.
func (f eventFeed) Resync() error { return nil }

// watch writes the events that there are and then those that come, until the application has ended.
func (e *eventReading) watch(ctx context.Context) error {
	w := &eventWatch{eventReading: e, told: map[types.UID]string{}}
	log, err := cli.Log(e.l.env, "sparkctl")
	if err != nil {
		return err
	}
	there, err := e.read(ctx)
	if err != nil {
		return err
	}
	if err := w.takeAll(there); err != nil {
		return err
	}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	news := make(chan any)
	send := func(obj any) {
		select {
		case news <- obj:
		case <-watching.Done():
		}
	}
	forbidden := make(chan error, 1)
	source := e.l.client.WatchEvents(e.driver.Namespace, func(err error) {
		if apierrors.IsForbidden(err) {
			select {
			case forbidden <- err:
			default:
			}
		}
	})
	reflected := make(chan struct{})
	go func() {
		defer close(reflected)
		// It would log every failure on its own account, and that it was ended.
		silent := klog.NewContext(watching, klog.Logger{})
		cache.NewReflectorWithOptions(source, &corev1.Event{}, eventFeed(send), cache.ReflectorOptions{}).RunWithContext(silent)
	}()
	pods := e.l.watchPods(watching, e.driver.Namespace, executorLabels(e.application), func(pod *corev1.Pod, _ bool) { send(pod) })
	ended := e.l.end(watching, log, e.driver, e.apiTimeout, nil)
	defer func() {
		stop()
		<-reflected
		<-pods
	}()
	return w.loop(ctx, news, ended, forbidden)
}

// eventWatch is what was told and what may be told yet.
type eventWatch struct {
	*eventReading

	told      map[types.UID]string // the version of each event that was told
	strangers []*corev1.Event
}

// loop tells what comes until the application has ended.
func (w *eventWatch) loop(ctx context.Context, news <-chan any, ended <-chan followed, forbidden <-chan error) error {
	var over <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return cli.Ended(xcom.ExitCancelled)
		case err := <-forbidden:
			return unreadable(err)
		case end := <-ended:
			if err := end.blind(); err != nil {
				return err
			}
			over = time.After(afterEnd)
		case <-over:
			return w.rest(ctx)
		case obj := <-news:
			if err := w.news(obj); err != nil {
				return err
			}
		}
	}
}

// rest tells what the watch did not bring: it may have been away.
func (w *eventWatch) rest(ctx context.Context) error {
	there, err := w.read(ctx)
	if err != nil {
		return err
	}
	return w.takeAll(there)
}

func (w *eventWatch) takeAll(events []corev1.Event) error {
	for i := range events {
		if err := w.take(&events[i]); err != nil {
			return err
		}
	}
	return nil
}

// news takes an event, or a pod, which may be what earlier events are about.
func (w *eventWatch) news(obj any) error {
	if event, ok := obj.(*corev1.Event); ok {
		return w.take(event)
	}
	pod, ok := obj.(*corev1.Pod)
	if !ok {
		return nil
	}
	w.scope.Add(pod)
	waiting := w.strangers
	w.strangers = nil
	for _, event := range waiting {
		if err := w.take(event); err != nil {
			return err
		}
	}
	return nil
}

// take tells an event unless it was told or is not about the application.
func (w *eventWatch) take(event *corev1.Event) error {
	told, ok := w.scope.Event(event)
	if !ok {
		if w.strangers = append(w.strangers, event); len(w.strangers) > maxStrangers {
			w.strangers = w.strangers[len(w.strangers)-maxStrangers:]
		}
		return nil
	}
	if w.told[event.UID] == event.ResourceVersion {
		return nil
	}
	w.told[event.UID] = event.ResourceVersion
	return w.write(told)
}

// write writes one event.
func (w *eventWatch) write(told view.Event) error {
	table, wide := w.l.format.Table()
	if !table {
		return w.l.format.WriteNext(w.l.env.Stdout, told, []string{told.FullName()})
	}
	return told.WriteLine(w.l.env.Stdout, wide, w.l.colours)
}
