// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package view

import (
	"regexp"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/sparkctl/sparkctl/internal/pattern"
)

// EventScope knows which events are about an application: about its driver, its executors and the claims for volumes of
// all of them. An executor that is gone is known by its name, which is made of one prefix for all and a number
// (spark.kubernetes.executor.podNamePrefix). Where that is not set, the driver makes the prefix up as it runs, and only an executor that was
// seen, or [Life.Made], tells it.
type EventScope struct {
	driver   *corev1.Pod
	pods     map[types.UID]string // what a pod is called within the application
	claims   map[string]bool
	prefixes map[string]bool
}

// NewEventScope is the scope of a driver's application.
func NewEventScope(driver *corev1.Pod) *EventScope {
	s := &EventScope{driver: driver, pods: map[types.UID]string{}, claims: map[string]bool{}, prefixes: map[string]bool{}}
	s.Add(driver)
	return s
}

// executorName is the name of an executor's pod (ExecutorPodsAllocator).
func executorName() *regexp.Regexp { return pattern.Of(`^(.+)-exec-([0-9]+)$`) }

// executorClaim is the name of a claim that Spark makes for an executor (MountVolumesFeatureStep: OnDemand).
func executorClaim() *regexp.Regexp { return pattern.Of(`^(.+)-exec-[0-9]+-pvc-[0-9]+$`) }

// Add adds a pod of the application.
func (s *EventScope) Add(pod *corev1.Pod) {
	s.pods[pod.UID] = LogSourceOf(pod, "").Short()
	if match := executorName().FindStringSubmatch(pod.Name); match != nil && pod.UID != s.driver.UID {
		s.AddPrefix(match[1])
	}
	for _, volume := range pod.Spec.Volumes {
		if volume.PersistentVolumeClaim != nil {
			s.claims[volume.PersistentVolumeClaim.ClaimName] = true
		}
		if volume.Ephemeral != nil {
			s.claims[pod.Name+"-"+volume.Name] = true
		}
	}
}

// AddPrefix adds what the names of the application's executors begin with.
func (s *EventScope) AddPrefix(prefix string) { s.prefixes[prefix] = true }

// KnowsExecutors reports whether executors that are gone are known.
func (s *EventScope) KnowsExecutors() bool { return len(s.prefixes) > 0 }

// Event is an event as it is shown; ok is false when it is not about the application, as far as its pods are known.
func (s *EventScope) Event(e *corev1.Event) (told Event, ok bool) {
	told = eventOf(e)
	about := e.InvolvedObject
	if told.Object = s.pods[about.UID]; told.Object != "" {
		return told, true
	}
	if about.Namespace != s.driver.Namespace || parseTime(told.Last).Before(s.driver.CreationTimestamp.Time) {
		return told, false
	}
	switch about.Kind {
	case "Pod":
		match := executorName().FindStringSubmatch(about.Name)
		if match == nil || !s.prefixes[match[1]] {
			return told, false
		}
		number, _ := strconv.Atoi(match[2])
		told.Object = LogSource{Executor: number}.Short()
	case "PersistentVolumeClaim":
		match := executorClaim().FindStringSubmatch(about.Name)
		if !s.claims[about.Name] && (match == nil || !s.prefixes[match[1]]) {
			return told, false
		}
		told.Object = "pvc/" + about.Name
	default:
		return told, false
	}
	return told, true
}
