// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package kube

import (
	"context"
	"errors"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/watch"
)

// Silence is how long a watch may bring nothing, not even a bookmark, before it is taken for dead and opened
// again. The API server sends a bookmark about every minute; something between that answers for a server that is gone sends none.
const Silence = 3 * time.Minute

// errEmpty is a watch that was closed as soon as it was open. client-go makes one out of connections that are taken and then
// reset, which is what a proxy does whose server is down.
var errEmpty = errors.New("the watch ended as soon as it was opened")

// opened opens a watch, and gives the attempt up after [Silence]: who accepts a request and never answers it
// would hold the watching for ever.
// failed is told of a watch that cannot be opened, or ends at once.
func opened(ctx context.Context, open func(context.Context) (watch.Interface, error), failed func(error)) (watch.Interface, error) {
	ctx, cancel := context.WithCancel(ctx)
	overdue := time.AfterFunc(Silence, cancel)
	w, err := open(ctx)
	if !overdue.Stop() || err != nil {
		cancel()
	}
	if err != nil {
		failed(err)
		return nil, err
	}
	return watchdogged(w, cancel, failed), nil
}

// watchdog ends a watch that has been silent for too long. To its reader the watch has been closed, as a server closes each in time.
type watchdog struct {
	source watch.Interface
	events chan watch.Event
	end    func()
	done   chan struct{}
	failed func(error)
}

func watchdogged(source watch.Interface, cancel context.CancelFunc, failed func(error)) watch.Interface {
	w := &watchdog{source: source, events: make(chan watch.Event), done: make(chan struct{}), failed: failed}
	w.end = sync.OnceFunc(func() {
		close(w.done)
		source.Stop()
		cancel()
	})
	go w.pass()
	return w
}

// ResultChan gives the events of the watch.
func (w *watchdog) ResultChan() <-chan watch.Event { return w.events }

// Stop ends the watch.
func (w *watchdog) Stop() { w.end() }

// pass hands the events on until the watch is closed, stopped or silent.
func (w *watchdog) pass() {
	defer close(w.events)
	defer w.end()
	silence := time.NewTimer(Silence)
	defer silence.Stop()
	start, empty := time.Now(), true
	for {
		select {
		case event, ok := <-w.source.ResultChan():
			if !ok {
				if empty && time.Since(start) < time.Second {
					w.failed(errEmpty)
				}
				return
			}
			empty = false
			select {
			case w.events <- event:
			case <-w.done:
				return
			}
			silence.Reset(Silence)
		case <-silence.C:
			return
		case <-w.done:
			return
		}
	}
}
