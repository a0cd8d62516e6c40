// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"context"
	"log/slog"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
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
	// When a read says that the pod is gone, the watch may still be bringing its last
	// version, which can hold the end; it gets this long.
	lastVersion = 5 * time.Second
)

// Follow returns the last version of the pod that was seen and the final
// verdict about it. When ctx ends first, the verdict is the last one, not final,
// and err is the context's. The pod is nil if it was never seen.
func (f Follower) Follow(ctx context.Context) (*corev1.Pod, Verdict, error) {
	watchCtx, stop := context.WithCancel(ctx)
	feed := startFeed(watchCtx, f.Pods, f.Target)
	defer feed.wait()
	defer stop()

	l := loop{Follower: f, outage: outage{limit: f.APITimeout, log: f.Log}}
	l.read(ctx)
	for {
		if v := l.judge(time.Now()); v.Final {
			return l.seen.Pod, v, nil
		}
		timer := time.NewTimer(time.Until(l.wake(feed.synced())))
		select {
		case <-ctx.Done():
			timer.Stop()
			return l.seen.Pod, l.verdict, context.Cause(ctx)
		case <-feed.news:
			// What the watch brings is as good a sign of life as a read.
			l.outage.end(time.Now())
			if l.take(feed.take()) && !Judge(l.seen, l.Criteria).Final {
				l.read(ctx)
			}
		case err := <-feed.broken:
			l.tellUnwatched(err)
			// The reflector backs off on its own; ask whether it is the server or the watch.
			if !l.outage.lasts() {
				l.read(ctx)
			}
		case <-timer.C:
			if !time.Now().Before(l.nextRead(feed.synced())) {
				l.read(ctx)
			}
		}
		timer.Stop()
	}
}

// loop is the state of one Follow: what was seen, and when to look again.
type loop struct {
	Follower
	seen     Observation
	verdict  Verdict
	told     string    // resourceVersion that Changed was last told of
	lastRead time.Time // when the pod was last read, or tried to be
	missing  time.Time // when a read first said that the pod is gone
	deleted  bool      // the watch has brought the pod's last version
	outage   outage

	toldUnwatched bool
}

// tellUnwatched says once that a right is missing without which the driver is followed by reads alone.
func (l *loop) tellUnwatched(err error) {
	if l.toldUnwatched || !apierrors.IsForbidden(err) {
		return
	}
	l.toldUnwatched = true
	l.Log.Warn("the driver cannot be watched, so it is read every "+unsyncedRead.String()+"; give the service account the verbs list and watch on pods", "error", err)
}

// judge brings the verdict up to date and tells who wants to know of a change.
func (l *loop) judge(now time.Time) Verdict {
	if limit, ok := l.gone(); ok && !now.Before(limit) {
		l.seen.Gone = true
	}
	if l.seen.Pod != nil || l.seen.Gone {
		l.seen.Now = now
		l.verdict = Judge(l.seen, l.Criteria)
	}
	if v, over := l.outage.verdict(now, l.seen.Pod); over && !l.verdict.Final {
		l.verdict = v
	}
	if pod := l.seen.Pod; pod != nil && l.Changed != nil && (pod.ResourceVersion != l.told || l.verdict.Final) {
		l.told = pod.ResourceVersion
		l.Changed(pod, l.verdict)
	}
	return l.verdict
}

// gone is when a pod that a read did not find counts as gone.
func (l *loop) gone() (time.Time, bool) {
	if l.seen.Pod == nil || l.deleted {
		return l.missing, !l.missing.IsZero()
	}
	return l.missing.Add(lastVersion), !l.missing.IsZero()
}

// take takes over what the watch brought, in its order, and reports whether it says that the pod is gone.
func (l *loop) take(changes []change) (deleted bool) {
	for _, c := range changes {
		l.accept(c.pod)
		l.deleted = l.deleted || c.deleted && c.pod.UID == l.Target.UID
	}
	return l.deleted
}

// accept takes over a version of the pod unless it is another pod's or an older one.
func (l *loop) accept(pod *corev1.Pod) {
	if pod == nil || pod.Name != l.Target.Name {
		return
	}
	if l.Target.UID == "" {
		l.Target.UID = pod.UID
	}
	switch {
	case pod.UID != l.Target.UID:
		// Names are unique: if another pod has this one, ours is gone.
		l.seen.Gone, l.seen.Successor = true, pod.UID
	case l.seen.Pod == nil || !older(pod, l.seen.Pod):
		l.seen.Pod = pod
	}
}

// older reports whether a is certainly an older version than b. Answers of a list may
// come from a cache that is behind what a read has shown already.
func older(a, b *corev1.Pod) bool {
	order, err := resourceversion.CompareResourceVersion(a.ResourceVersion, b.ResourceVersion)
	return err == nil && order < 0
}

// read asks the store itself how the pod is.
func (l *loop) read(ctx context.Context) {
	began := time.Now()
	call, release := context.WithDeadline(ctx, l.outage.patience(began))
	defer release()
	pod, err := l.Pods.Pod(call, l.Target.Namespace, l.Target.Name)
	if ctx.Err() != nil {
		return
	}
	now := time.Now()
	l.lastRead = now
	switch {
	case err == nil:
		l.outage.end(now)
		l.accept(pod)
	case apierrors.IsNotFound(err):
		l.outage.end(now)
		if l.missing.IsZero() {
			l.missing = now
		}
	default:
		l.outage.begin(began, now, err)
	}
}

// nextRead is when the pod is to be read again, whatever the watch says.
func (l *loop) nextRead(synced bool) time.Time {
	switch {
	case l.outage.lasts():
		return l.lastRead.Add(l.outage.backoff())
	case !synced:
		return l.lastRead.Add(unsyncedRead)
	default:
		return l.lastRead.Add(safetyInterval)
	}
}

// wake is when there is something to do if no news come: a read, or the end of a deadline.
func (l *loop) wake(synced bool) time.Time {
	at := l.nextRead(synced)
	if l.seen.Pod != nil {
		if limit, _, ok := deadline(l.seen, l.Criteria); ok && limit.Before(at) {
			at = limit
		}
	}
	for _, limit := range []func() (time.Time, bool){l.outage.until, l.gone} {
		if limit, ok := limit(); ok && limit.Before(at) {
			at = limit
		}
	}
	return at
}
