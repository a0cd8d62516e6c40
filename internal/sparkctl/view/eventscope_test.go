// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package view_test

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
)

func TestEventScope(t *testing.T) {
	t.Parallel()
	made := metav1.NewTime(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	driver := podWith("driver", "", corev1.Container{Name: "spark-kubernetes-driver"})
	driver.Name, driver.UID, driver.CreationTimestamp = "pi-0a-driver", "d", made
	driver.Spec.Volumes = []corev1.Volume{
		{Name: "data", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "shared"}}},
		{Name: "work", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "made"}}},
		{Name: "tmp", VolumeSource: corev1.VolumeSource{Ephemeral: &corev1.EphemeralVolumeSource{}}},
	}
	named := driver.DeepCopy()
	named.Name = "mine"
	executor := podWith("executor", "2", corev1.Container{Name: "spark-kubernetes-executor"})
	executor.Name, executor.UID = "other-0b-exec-2", "e"
	event := func(kind, name, uid string, after time.Duration) *corev1.Event {
		return &corev1.Event{
			InvolvedObject: corev1.ObjectReference{Namespace: "jobs", Kind: kind, Name: name, UID: types.UID(uid)},
			LastTimestamp:  metav1.NewTime(made.Add(after)),
		}
	}
	for name, test := range map[string]struct {
		driver    *corev1.Pod
		executors []*corev1.Pod
		event     *corev1.Event
		want      string
	}{
		"of the driver":                                  {driver, nil, event("Pod", "pi-0a-driver", "d", 0), "driver"},
		"of a driver of that name before it":             {driver, nil, event("Pod", "pi-0a-driver", "old", time.Hour), ""},
		"of an executor of the driver":                   {driver, []*corev1.Pod{executor}, event("Pod", "other-0b-exec-2", "e", 0), "exec-2"},
		"of an executor that is gone, with none seen":    {driver, nil, event("Pod", "pi-0a-exec-7", "x", time.Hour), ""},
		"of an executor that is gone, by another":        {named, []*corev1.Pod{executor}, event("Pod", "other-0b-exec-7", "x", time.Hour), "exec-7"},
		"of an executor of an earlier run":               {named, []*corev1.Pod{executor}, event("Pod", "other-0b-exec-7", "x", -time.Hour), ""},
		"of nobody known":                                {named, nil, event("Pod", "mine-exec-7", "x", time.Hour), ""},
		"of an executor of another application":          {driver, nil, event("Pod", "pi-0c-exec-7", "x", time.Hour), ""},
		"of a claim that the driver uses":                {driver, nil, event("PersistentVolumeClaim", "shared", "x", time.Hour), "pvc/shared"},
		"of a claim that came with the driver":           {driver, nil, event("PersistentVolumeClaim", "pi-0a-driver-tmp", "x", time.Hour), "pvc/pi-0a-driver-tmp"},
		"of a claim that Spark made for the driver":      {driver, nil, event("PersistentVolumeClaim", "made", "x", time.Hour), "pvc/made"},
		"of a claim that Spark made for an executor":     {driver, []*corev1.Pod{executor}, event("PersistentVolumeClaim", "other-0b-exec-7-pvc-0", "x", time.Hour), "pvc/other-0b-exec-7-pvc-0"},
		"of a claim of another application":              {driver, nil, event("PersistentVolumeClaim", "pi-0c-exec-7-pvc-0", "x", time.Hour), ""},
		"of a claim that is used, before the driver was": {driver, nil, event("PersistentVolumeClaim", "shared", "x", -time.Hour), ""},
		"of something else of such a name":               {driver, nil, event("ConfigMap", "pi-0a-exec-7", "x", time.Hour), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scope := view.NewEventScope(test.driver)
			for _, pod := range test.executors {
				scope.Add(pod)
			}
			told, ok := scope.Event(test.event)
			if ok != (test.want != "") || ok && told.Object != test.want {
				t.Errorf("got %q, %v, want %q", told.Object, ok, test.want)
			}
		})
	}
}
