// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/resourceversion"

	"github.com/sparkctl/sparkctl/internal/driver"
)

// loop is the state of one Follow: what was seen, and when to look again.
//
// Two sources tell of the pod. The watch is fast, and can be behind, or silent, or come from a
// cache that is older than what was seen; a read is asked of the store itself, and always right
// for the moment it was sent. So the watch brings versions of the pod, and only
// a read decides what the pod's absence, another pod of its name, or a passed deadline mean.
type loop struct {
	Follower
	feed    *feed
	clues   clues
	outage  outage
	seen    Observation
	verdict Verdict

	told     string    // what Changed was last told of
	tried    time.Time // when the pod was last read, with or without an answer
	fresh    time.Time // when the last read that was answered was sent
	missing  time.Time // when a read said that the pod is gone
	brought  time.Time // when the watch last brought anything
	lastSeen bool      // the watch has brought the pod's last version

	toldUnwatched bool
}

func (l *loop) container() string {
	if l.seen.Pod == nil {
		return ""
	}
	return driver.Container(l.seen.Pod, l.Criteria.Container)
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
		l.seen.History = l.seen.History.After(l.seen, l.Criteria)
		if limit, ok := l.deadline(); ok && !now.Before(limit) && (l.fresh.Before(limit) || !l.missing.IsZero()) {
			// The deadline has passed for what was seen, and that may be no longer so: no read has been answered
			// since, so that the driver may have ended behind a watch that is silent; or the pod is gone, and
			// the watch may still bring its end.
			l.seen.Now = limit.Add(-1)
		}
		l.verdict = Judge(l.seen, l.Criteria)
		l.seen.Now = now
	}
	if v, over := l.outage.verdict(now, l.seen.Pod); over && !l.verdict.Final {
		l.verdict = v
	}
	l.tell()
	return l.verdict
}

// tell tells Changed of a new version of the pod, or of new words for the same.
func (l *loop) tell() {
	pod := l.seen.Pod
	if pod == nil || l.Changed == nil {
		return
	}
	news := pod.ResourceVersion
	if l.verdict.Cause != nil {
		news += l.verdict.Cause.Message
	}
	if news != l.told || l.verdict.Final {
		l.told = news
		l.Changed(pod, l.verdict)
	}
}

// deadline is until when what was seen may stay so.
func (l *loop) deadline() (time.Time, bool) {
	if l.seen.Pod == nil || l.seen.Gone {
		return time.Time{}, false
	}
	limit, _, ok := deadline(l.seen, l.Criteria)
	return limit, ok
}

// gone is when a pod that a read did not find counts as gone.
func (l *loop) gone() (time.Time, bool) {
	limit := l.missing.Add(lastVersion)
	switch {
	case l.seen.Pod == nil || l.lastSeen:
		limit = l.missing
	case !l.feed.knows(l.seen.Successor):
		// It may have forgotten the pod only now, and what it brought before is still on its way to us.
		limit = later(l.missing, l.brought).Add(lastMoment)
	}
	return limit, !l.missing.IsZero()
}

// take takes over what the watch brought, in its order, and reports whether it says that the pod is gone
// or another's, which is to be read; and whether reads have failed so far, as the server answers again.
func (l *loop) take(changes []change) (doubt bool) {
	l.brought = time.Now()
	doubt = l.outage.lasts() && len(changes) > 0
	for _, c := range changes {
		switch {
		case c.pod.Name != l.Target.Name:
			continue
		case c.pod.UID != l.Target.UID:
			// A cache that is behind can bring a predecessor, too.
			doubt = true
			continue
		}
		// The first version that has the driver's end says most of it: what follows, by the deletion of the pod, can
		// only blur which came first.
		if l.seen.Pod == nil || !older(c.pod, l.seen.Pod) && driver.Ended(l.seen.Pod, l.container()) == nil {
			l.seen.Pod, l.seen.Now = c.pod, l.brought
			l.seen.History = l.seen.History.After(l.seen, l.Criteria)
		}
		doubt = doubt || c.gone
		l.lastSeen = l.lastSeen || c.last
	}
	return doubt
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// older reports whether a is certainly an older version than b.
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
	l.tried = time.Now()
	switch {
	case err == nil:
		l.fresh = began
		l.outage.end(l.tried)
		l.found(pod)
	case saysGone(err):
		l.fresh = began
		l.outage.end(l.tried)
		if l.missing.IsZero() {
			l.missing = l.tried
		}
	default:
		l.outage.begin(began, l.tried, err)
	}
}

// found takes over a pod that was read. What was seen before was seen before the read was sent, so that
// the answer is never older, whatever its resourceVersion says of a store that was restored.
func (l *loop) found(pod *corev1.Pod) {
	if l.Target.UID == "" {
		l.Target.UID = pod.UID
	}
	if pod.UID != l.Target.UID {
		// Names are unique: if another pod has this one, ours is gone.
		l.seen.Successor = pod.UID
		if l.missing.IsZero() {
			l.missing = l.tried
		}
		return
	}
	pod.ManagedFields = nil
	l.seen.Pod = pod
	l.missing, l.lastSeen, l.seen.Successor = time.Time{}, false, ""
}

// nextRead is when the pod is to be read again, whatever the watch says.
func (l *loop) nextRead() time.Time {
	at := l.tried.Add(safetyInterval)
	switch {
	case l.outage.lasts():
		return l.tried.Add(l.outage.backoff())
	case !l.feed.synced():
		at = l.tried.Add(unsyncedRead)
	}
	if limit, ok := l.deadline(); ok && l.missing.IsZero() && l.fresh.Before(limit) && limit.Before(at) {
		at = limit
	}
	return at
}

// wake is when there is something to do if no news come: a read, or the end of a deadline.
func (l *loop) wake() time.Time {
	at := l.nextRead()
	if limit, ok := l.deadline(); ok && l.missing.IsZero() && !l.outage.lasts() && limit.Before(at) {
		at = limit
	}
	if limit, ok := l.clues.next(l.seen, l.container()); ok && limit.Before(at) {
		at = limit
	}
	for _, limit := range []func() (time.Time, bool){l.outage.until, l.gone} {
		if limit, ok := limit(); ok && limit.Before(at) {
			at = limit
		}
	}
	return at
}
