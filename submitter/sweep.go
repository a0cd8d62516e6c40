// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/sparkctl/sparkctl/internal/driver"
)

// SweepPolicy says what of a namespace's drivers is no longer needed.
type SweepPolicy struct {
	// KeepSucceeded and KeepFailed are how long a driver is kept after its end. As long as a success stands there its
	// generation is not run again.
	KeepSucceeded, KeepFailed time.Duration
	// Abandoned is how old a driver is that its launcher did not complete; it has never run.
	Abandoned time.Duration
}

// Swept is a driver that is no longer needed.
type Swept struct {
	Pod *corev1.Pod
	// Why, in words.
	Why string
}

// Sweep returns the drivers that are no longer needed, the oldest first. A pod without our labels is none of them,
// whatever else it bears. What belongs to a driver is owned by its pod and goes with it.
func Sweep(pods []corev1.Pod, policy SweepPolicy, now time.Time) []Swept {
	var all []Swept
	for i := range pods {
		pod := &pods[i]
		if !madeForARun(pod.Labels) {
			continue
		}
		if why := policy.sweeps(pod, now); why != "" {
			all = append(all, Swept{pod, why})
		}
	}
	slices.SortStableFunc(all, func(a, b Swept) int { return a.Pod.CreationTimestamp.Compare(b.Pod.CreationTimestamp.Time) })
	return all
}

// SweepOwnerless returns of the objects that launchers make before a driver those that no driver has come to own, because their launcher
// was gone before. They are old enough that none will.
func SweepOwnerless(objects []metav1.ObjectMeta, policy SweepPolicy, now time.Time) []metav1.ObjectMeta {
	return slices.DeleteFunc(slices.Clone(objects), func(o metav1.ObjectMeta) bool {
		return !madeForARun(o.Labels) || len(o.OwnerReferences) > 0 || o.DeletionTimestamp != nil || now.Sub(o.CreationTimestamp.Time) < policy.Abandoned
	})
}

// madeForARun reports whether an object was made for a run, as its labels say.
func madeForARun(labels map[string]string) bool {
	return labels[driver.LabelManagedBy] == driver.ManagedBy && labels[driver.LabelRun] != "" && labels[driver.LabelAttempt] != ""
}

// sweeps says why a driver is no longer needed; empty if it is.
func (p SweepPolicy) sweeps(pod *corev1.Pod, now time.Time) string {
	since := func(t time.Time) time.Duration { return now.Sub(t).Truncate(time.Second) }
	if pod.DeletionTimestamp != nil {
		return ""
	}
	switch standingOf(pod, "") {
	case gated:
		if age := since(pod.CreationTimestamp.Time); age >= p.Abandoned {
			return fmt.Sprintf("announced %s ago and not completed: its launcher is gone", duration.HumanDuration(age))
		}
	case succeeded:
		if age := since(endOf(pod)); age >= p.KeepSucceeded {
			return fmt.Sprintf("succeeded %s ago", duration.HumanDuration(age))
		}
	case failed:
		if age := since(endOf(pod)); age >= p.KeepFailed {
			return fmt.Sprintf("failed %s ago", duration.HumanDuration(age))
		}
	default:
	}
	return ""
}

// endOf is when a driver ended: the latest moment that its pod tells of, so that nothing goes too early.
func endOf(pod *corev1.Pod) time.Time {
	latest := pod.CreationTimestamp.Time
	consider := func(t time.Time) {
		if t.After(latest) {
			latest = t
		}
	}
	for _, status := range pod.Status.ContainerStatuses {
		if end := status.State.Terminated; end != nil {
			consider(end.FinishedAt.Time)
		}
	}
	for _, condition := range pod.Status.Conditions {
		consider(condition.LastTransitionTime.Time)
	}
	return latest
}
