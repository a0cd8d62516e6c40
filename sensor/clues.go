// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"context"
	"log/slog"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/sparkctl/sparkctl/internal/driver"
)

// Clues is what can be read beside the pod about why it does not start, or does not end. Without the right
// to, the verdict is the same and says less.
type Clues interface {
	// Events returns the events about the object with that UID.
	Events(ctx context.Context, namespace string, uid types.UID) ([]corev1.Event, error)
	// Node reads a node.
	Node(ctx context.Context, name string) (*corev1.Node, error)
}

// Times of reading clues. Events are not kept in the API server's cache and are told late, in minutes where
// they are many: the first read waits for a driver that starts at once, the others are rare.
const (
	firstClue   = 5 * time.Second
	nextClue    = 30 * time.Second
	refusedClue = 10 * time.Minute
)

// clue is an answer.
type clue struct {
	events []corev1.Event
	node   *corev1.Node
	err    error
}

// clues reads clues in the background, one read at a time: a slow answer must not hold up the loop.
type clues struct {
	source Clues
	log    *slog.Logger
	found  chan clue
	due    time.Time // of the next read
	busy   sync.WaitGroup
	reads  bool // one is under way
	told   bool
}

// next is when the next read is due; ok is false while none is.
func (c *clues) next(o Observation, container string) (at time.Time, ok bool) {
	if c.source == nil || c.reads || o.Pod == nil || o.Gone || !puzzling(o.Pod, container) {
		return time.Time{}, false
	}
	if c.due.IsZero() {
		c.due = o.Now.Add(firstClue)
	}
	return c.due, true
}

// puzzling reports whether the pod is in a state that its own status may not explain: it has not started, or it
// was asked to end and has not.
func puzzling(pod *corev1.Pod, container string) bool {
	if driver.Ended(pod, container) != nil || pod.Status.Phase == corev1.PodFailed || pod.Status.Phase == corev1.PodSucceeded {
		return false
	}
	return pod.DeletionTimestamp != nil || driver.Running(pod, container) == nil
}

// read asks for what there is about o.
func (c *clues) read(ctx context.Context, o Observation) {
	c.reads = true
	overdue := o.Pod.DeletionTimestamp != nil && o.Now.After(o.Pod.DeletionTimestamp.Time)
	c.busy.Go(func() {
		var found clue
		found.events, found.err = c.source.Events(ctx, o.Pod.Namespace, o.Pod.UID)
		if overdue && o.Pod.Spec.NodeName != "" {
			// Mostly not ours to read.
			if node, err := c.source.Node(ctx, o.Pod.Spec.NodeName); err == nil {
				found.node = node
			}
		}
		c.found <- found
	})
}

// take takes an answer over into o.
func (c *clues) take(o *Observation, found clue, now time.Time) {
	c.reads, c.due = false, now.Add(nextClue)
	if found.node != nil {
		o.Node = found.node
	}
	if found.err == nil {
		o.Events = found.events
		return
	}
	if apierrors.IsForbidden(found.err) {
		c.due = now.Add(refusedClue)
		if !c.told {
			c.told = true
			c.log.Warn("events cannot be read, so why the driver does not start may stay unknown; give the service account the verb list on events", "error", found.err)
		}
	}
}
