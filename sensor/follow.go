// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"context"
	"log/slog"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
)

// Pods is what following needs of a cluster.
type Pods interface {
	// Pod reads a pod from a quorum of the store.
	Pod(ctx context.Context, namespace, name string) (*corev1.Pod, error)
	// WatchPod lists and watches the one pod of that name; failed is called when a watch cannot be opened.
	WatchPod(namespace, name string, failed func(error)) cache.ListerWatcher
}

// Target is the driver to follow.
type Target struct {
	// Namespace and Name of the driver pod.
	Namespace, Name string
	// UID of the driver pod; empty means the pod that has the name when it is first read.
	UID types.UID
}

// Follower follows one driver to its end.
type Follower struct {
	Pods   Pods
	Target Target
	// Clues beside the pod; nil if none are to be read.
	Clues Clues
	// Criteria the driver is judged by.
	Criteria Criteria
	// APITimeout is how long the API server may be away before the sensor gives up.
	APITimeout time.Duration
	// Changed is told of every new version of the pod and its verdict, from one goroutine; may be nil.
	Changed func(*corev1.Pod, Verdict)
	// Log tells of outages.
	Log *slog.Logger
}

// Times of the loop. The watch brings news; reading the pod every safetyInterval bounds
// how late an end is seen whatever becomes of the watch.
const (
	safetyInterval = 5 * time.Minute
	unsyncedRead   = 15 * time.Second
	retryFirst     = time.Second
	retryMost      = 30 * time.Second
	tellInterval   = time.Minute
	// When a read says that the pod is gone, a watch that still knows it may be bringing its last
	// version, which can hold the end: at once when it is open, else after the reflector's longest
	// pause (30 s, up to twice that by jitter). One that does not know the pod may be a moment behind.
	lastVersion = 65 * time.Second
	lastMoment  = 5 * time.Second
)

// Follow returns the last version of the pod that was seen and the final
// verdict about it. When ctx ends first, the verdict is the last one, not final,
// and err is the context's. The pod is nil if it was never seen.
func (f Follower) Follow(ctx context.Context) (*corev1.Pod, Verdict, error) {
	watchCtx, stop := context.WithCancel(ctx)
	feed := startFeed(watchCtx, f.Pods, f.Target)
	l := loop{
		Follower: f, feed: feed,
		outage: outage{limit: f.APITimeout, log: f.Log},
		clues:  clues{source: f.Clues, log: f.Log, found: make(chan clue, 1)},
	}
	defer feed.wait()
	defer l.clues.busy.Wait()
	defer stop()
	l.read(ctx)
	for {
		if v := l.judge(time.Now()); v.Final {
			return l.seen.Pod, v, nil
		}
		timer := time.NewTimer(time.Until(l.wake()))
		select {
		case <-ctx.Done():
			timer.Stop()
			return l.seen.Pod, l.verdict, context.Cause(ctx)
		case <-feed.news:
			// What the watch brings is as good a sign of life as a read; a right to read it is none.
			if !l.outage.denied() {
				l.outage.end(time.Now())
			}
			if l.take(feed.take()) && !Judge(l.seen, l.Criteria).Final {
				l.read(ctx)
			}
		case found := <-l.clues.found:
			l.clues.take(&l.seen, found, time.Now())
		case err := <-feed.broken:
			l.tellUnwatched(err)
			// The reflector backs off on its own; ask whether it is the server or the watch.
			if !l.outage.lasts() {
				l.read(ctx)
			}
		case <-timer.C:
			if !time.Now().Before(l.nextRead()) {
				l.read(ctx)
			}
			if at, ok := l.clues.next(l.seen, l.container()); ok && !time.Now().Before(at) {
				l.clues.read(watchCtx, l.seen)
			}
		}
		timer.Stop()
	}
}
