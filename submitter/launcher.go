// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Launcher is who submits: one life of one process.
type Launcher struct {
	// Namespace of the launcher's pod; empty where it is none.
	Namespace string
	// Pod is the name of the launcher's pod, or of its host where it is none.
	Pod string
	// UID of the launcher's pod; empty where it is none or not known.
	UID string
	// Start of this life.
	Start time.Time
}

// String is the value of the annotation that names the launcher.
func (l Launcher) String() string {
	return strings.Join([]string{l.Namespace, l.Pod, l.UID, l.Start.UTC().Format(time.RFC3339Nano)}, "/")
}

// parseLauncher reads that annotation. It returns false where it names no pod that can be looked up.
func parseLauncher(annotation string) (Launcher, bool) {
	parts := strings.Split(annotation, "/")
	if len(parts) != 4 || parts[0] == "" || parts[1] == "" {
		return Launcher{}, false
	}
	start, err := time.Parse(time.RFC3339Nano, parts[3])
	return Launcher{Namespace: parts[0], Pod: parts[1], UID: parts[2], Start: start}, err == nil
}

// samePod reports whether two launchers are lives in one pod. Names of pods come again, UIDs do not.
func (l Launcher) samePod(other Launcher) bool {
	return l.Namespace == other.Namespace && l.Pod == other.Pod && (l.UID == other.UID || l.UID == "" || other.UID == "")
}

// lives reports whether that life of a launcher can still go on, by its pod: nil if there is none of the name. What
// cannot be told counts as alive: patience ends that.
func (l Launcher) lives(pod *corev1.Pod) bool {
	switch {
	case pod == nil, l.UID != "" && string(pod.UID) != l.UID,
		pod.Status.Phase == corev1.PodSucceeded, pod.Status.Phase == corev1.PodFailed:
		return false
	case len(pod.Status.ContainerStatuses) == 0:
		return true
	}
	// The launcher's container may have ended and another one, such as Airflow's XCom sidecar, keep the pod: a process that
	// began at its start lives only in a container that had started by then. Kubernetes keeps whole seconds.
	for _, status := range pod.Status.ContainerStatuses {
		if run := status.State.Running; run != nil && !run.StartedAt.After(l.Start.Add(time.Second)) {
			return true
		}
	}
	return false
}
