// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sparkctl/sparkctl/internal/driver"
)

// launched is a driver of ours whose launcher began at a time; submitted is when it took its gate off, if that is dated.
func launched(start, submitted string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		metav1.SetMetaDataAnnotation(&pod.ObjectMeta, driver.AnnotationLauncher, "airflow/task/uid/2026-11-21T"+start+"Z")
		if submitted != "" {
			metav1.SetMetaDataAnnotation(&pod.ObjectMeta, driver.AnnotationSubmitted, "2026-11-21T"+submitted+"Z")
		}
	}
}

func gates(names ...string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		for _, name := range names {
			pod.Spec.SchedulingGates = append(pod.Spec.SchedulingGates, corev1.PodSchedulingGate{Name: name})
		}
	}
}

func placed(clock string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		onNode(pod)
		pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionTrue, LastTransitionTime: at(clock)}}
	}
}

func inQueue(pod *corev1.Pod) { metav1.SetMetaDataLabel(&pod.ObjectMeta, driver.LabelQueue, "etl") }

func scheduler(name string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) { pod.Spec.SchedulerName = name }
}

func happened(clock, reason, message string) corev1.Event {
	return corev1.Event{FirstTimestamp: at(clock), LastTimestamp: at(clock), Reason: reason, Message: message}
}

func runningSince(clock string) corev1.ContainerState {
	return corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: at(clock)}}
}

func TestPhasesOf(t *testing.T) {
	t.Parallel()
	const kueue = "kueue.x-k8s.io/admission"
	ran := corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{StartedAt: at("10:00:20"), FinishedAt: at("10:02:20")}}
	unstartable := corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: "StartError", StartedAt: metav1.Unix(0, 0), FinishedAt: at("10:00:20")}}
	admitted := happened("10:03:00", "Started", "Admitted by clusterQueue prod")
	for _, test := range []struct {
		name   string
		pod    *corev1.Pod
		events []corev1.Event
		want   Phases
	}{
		{
			"a bare spark-submit's, which names no launcher, is being scheduled from its creation", driverPod(), nil,
			Phases{Now: PhaseSchedule, Since: at("10:00:00").Time},
		},
		{
			"whose that ran, everything that its pod dates", driverPod(placed("10:00:05"), driverStatus(ran), phase(corev1.PodSucceeded)), nil,
			Phases{Schedule: new(5 * time.Second), Start: new(15 * time.Second), Run: new(2 * time.Minute)},
		},
		{
			"less than a second is 0", driverPod(placed("10:00:00"), driverStatus(runningSince("10:00:00"))), nil,
			Phases{Schedule: new(time.Duration(0)), Start: new(time.Duration(0)), Now: PhaseRun, Since: at("10:00:00").Time},
		},
		{
			"our own gate is on: its launcher is at work", driverPod(launched("09:59:58.5", ""), gates(driver.GateSubmission, kueue)), nil,
			Phases{Now: PhaseSubmit, Since: at("09:59:58").Add(500 * time.Millisecond)},
		},
		{
			"our own gate, and nobody says whose: since the pod's creation", driverPod(gates(driver.GateSubmission)), nil,
			Phases{Now: PhaseSubmit, Since: at("10:00:00").Time},
		},
		{
			"a launcher dates its own work by its own clock, and schedule begins with its end", driverPod(launched("09:59:58.5", "10:00:02.75"), placed("10:00:05")), nil,
			Phases{Submit: new(4250 * time.Millisecond), Schedule: new(3 * time.Second), Now: PhaseStart, Since: at("10:00:05").Time},
		},
		{
			"a launcher whose clock is behind does not make schedule longer than the pod is old", driverPod(launched("09:00:00", "09:00:01"), placed("10:00:05")), nil,
			Phases{Submit: new(time.Second), Schedule: new(5 * time.Second), Now: PhaseStart, Since: at("10:00:05").Time},
		},
		{
			"nor one whose clock is ahead schedule shorter", driverPod(launched("11:00:00", "11:00:01"), placed("10:00:05")), nil,
			Phases{Submit: new(time.Second), Schedule: new(5 * time.Second), Now: PhaseStart, Since: at("10:00:05").Time},
		},
		{
			"a launcher that does not date its end had made the pod, to the second", driverPod(launched("09:59:56.9", ""), placed("10:00:05")), nil,
			Phases{Submit: new(4 * time.Second), Schedule: new(5 * time.Second), Now: PhaseStart, Since: at("10:00:05").Time},
		},
		{"an annotation that is none dates nothing", driverPod(func(pod *corev1.Pod) {
			pod.Annotations = map[string]string{driver.AnnotationLauncher: "somebody", driver.AnnotationSubmitted: "sometime"}
		}), nil, Phases{Now: PhaseSchedule, Since: at("10:00:00").Time}},
		{
			"Kueue holds it back", driverPod(launched("10:00:00", "10:00:01"), inQueue, gates(kueue)), nil,
			Phases{Submit: new(time.Second), Now: PhaseQueue, Since: at("10:00:01").Time, Gates: []string{kueue}},
		},
		{
			"Kueue's event dates the end of the queue", driverPod(inQueue, placed("10:03:02")),
			[]corev1.Event{admitted, happened("10:03:05", "Started", "Started container x")},
			Phases{Queue: new(3 * time.Minute), Schedule: new(2 * time.Second), Now: PhaseStart, Since: at("10:03:02").Time},
		},
		{
			"let through by Kueue, and no node yet", driverPod(inQueue),
			[]corev1.Event{admitted},
			Phases{Queue: new(3 * time.Minute), Now: PhaseSchedule, Since: at("10:03:00").Time},
		},
		{
			"Kueue's event is not kept any more: schedule holds the queue", driverPod(inQueue, placed("10:03:02")), nil,
			Phases{Queued: true, Schedule: new(182 * time.Second), Now: PhaseStart, Since: at("10:03:02").Time},
		},
		{
			"YuniKorn and Volcano do not date their queues", driverPod(scheduler("yunikorn"), placed("10:03:02")), nil,
			Phases{Queued: true, Schedule: new(182 * time.Second), Now: PhaseStart, Since: at("10:03:02").Time},
		},
		{"the scheduler found no node at first", driverPod(placed("10:04:00")), []corev1.Event{
			{FirstTimestamp: at("10:00:02"), LastTimestamp: at("10:03:30"), Reason: "FailedScheduling", Message: "0/3 nodes are available"},
			happened("10:02:00", "FailedScheduling", "0/4 nodes are available"),
		}, Phases{Schedule: new(4 * time.Minute), Unplaced: new(238 * time.Second), Now: PhaseStart, Since: at("10:04:00").Time}},
		{
			"its image is being pulled", driverPod(placed("10:00:05")),
			[]corev1.Event{happened("10:00:06", "Pulling", "Pulling image")},
			Phases{Schedule: new(5 * time.Second), Now: PhasePull, Since: at("10:00:06").Time},
		},
		{
			"what backs off does not pull", driverPod(placed("10:00:05"), driverStatus(waiting("ImagePullBackOff", ""))),
			[]corev1.Event{happened("10:00:06", "Pulling", "Pulling image")},
			Phases{Schedule: new(5 * time.Second), Now: PhaseStart, Since: at("10:00:05").Time},
		},
		{"several images were pulled", driverPod(placed("10:00:05"), driverStatus(runningSince("10:00:20"))), []corev1.Event{
			happened("10:00:06", "Pulled", `Successfully pulled image "spark:4.0.5" in 1.5s (2s including waiting). Image size: 1 bytes.`),
			happened("10:00:07", "Pulled", `Successfully pulled image "istio" in 250ms.`),
			happened("10:00:08", "Pulled", `Container image "x" already present on machine`),
		}, Phases{Schedule: new(5 * time.Second), Pull: new(1750 * time.Millisecond), Start: new(15 * time.Second), Now: PhaseRun, Since: at("10:00:20").Time}},
		{
			"the image was there", driverPod(placed("10:00:05")),
			[]corev1.Event{happened("10:00:06", "Pulled", `Container image "x" already present on machine`)},
			Phases{Schedule: new(5 * time.Second), Pull: new(time.Duration(0)), Now: PhaseStart, Since: at("10:00:05").Time},
		},
		{
			"a container that could not be started, which is dated to 1970, did not run", driverPod(placed("10:00:05"), driverStatus(unstartable), phase(corev1.PodFailed)), nil,
			Phases{Schedule: new(5 * time.Second)},
		},
		{"a pod that ended before it was placed is in no phase", driverPod(phase(corev1.PodFailed)), nil, Phases{}},
		{"a node without a date of the placement", driverPod(onNode), nil, Phases{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, PhasesOf(test.pod, "", test.events)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
