// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"cmp"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/sparkctl/sparkctl/internal/driver"
)

// standing is where a driver pod stands. Everything the protocol decides follows from it.
type standing int

const (
	// gated: our gate is on it. It exists and cannot run.
	gated standing = iota
	// leaving: it was deleted with our gate on it. It will never run, and is gone soon.
	leaving
	// active: it runs, or may do so at any moment. Foreign gates alone change nothing about that.
	active
	// terminating: it was deleted and has not ended.
	terminating
	// succeeded: its driver's container has terminated with 0.
	succeeded
	// failed: it has ended otherwise.
	failed
)

func (s standing) String() string {
	return [...]string{"gated", "leaving", "active", "terminating", "succeeded", "failed"}[s]
}

// attempt is a driver pod of a run as it was read: what the protocol needs to know of it.
type attempt struct {
	name       string
	uid        types.UID
	number     int
	generation string
	standing   standing
	// application and launcher are the annotations of those names.
	application, launcher string
	// pod is what was read.
	pod *corev1.Pod
}

// attemptsOf reads the drivers of a run out of a list, the latest first. A pod that bears the run's label for another
// key is not one of them.
func attemptsOf(pods []corev1.Pod, key, container string) []attempt {
	var all []attempt
	for i := range pods {
		if pods[i].Annotations[driver.AnnotationRunKey] == key {
			all = append(all, attemptOf(&pods[i], container))
		}
	}
	slices.SortFunc(all, func(a, b attempt) int { return b.compare(a) })
	return all
}

// attemptOf reads one driver.
func attemptOf(pod *corev1.Pod, container string) attempt {
	// A label that is no number is not ours; 0 comes before all of ours.
	number, _ := strconv.Atoi(pod.Labels[driver.LabelAttempt])
	return attempt{
		name: pod.Name, uid: pod.UID, number: number, standing: standingOf(pod, container), pod: pod,
		generation:  pod.Annotations[driver.AnnotationGeneration],
		application: pod.Annotations[driver.AnnotationApplication],
		launcher:    pod.Annotations[driver.AnnotationLauncher],
	}
}

func standingOf(pod *corev1.Pod, container string) standing {
	_, ours := driver.Gates(pod)
	end := driver.Ended(pod, driver.Container(pod, container))
	switch {
	case pod.DeletionTimestamp != nil && ours:
		// Whatever its phase: Kubernetes' pod collector marks one that a finalizer keeps as failed.
		return leaving
	case end != nil && end.ExitCode == 0:
		return succeeded
	case end != nil, pod.Status.Phase == corev1.PodFailed, pod.Status.Phase == corev1.PodSucceeded:
		return failed
	case pod.DeletionTimestamp != nil:
		return terminating
	case ours:
		return gated
	default:
		return active
	}
}

// compare orders attempts by number. Two pods of one number are possible when one name was fixed by the user;
// then the names decide, so that any two launchers agree which of two announced drivers is to yield.
func (a attempt) compare(b attempt) int {
	return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.name, b.name))
}

// ended reports whether nothing of the driver runs any more.
func (a attempt) ended() bool { return a.standing == succeeded || a.standing == failed }
