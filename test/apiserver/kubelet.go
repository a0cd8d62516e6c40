// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"fmt"
	"net/http"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// ChangePod writes a pod's status or spec as scheduler and kubelet do, without
// being a request: nothing is recorded and no fault applies. It says whether
// the pod is there.
func (s *Server) ChangePod(namespace, name string, change func(*corev1.Pod)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := key{GroupResource: s.resource("", "v1", "pods").groupResource(), namespace: namespace, name: name}
	old := s.store.objects[k]
	if old == nil {
		return false
	}
	pod, err := podOf(old)
	if err != nil {
		return false
	}
	change(pod)
	next := &object{}
	if err := writePod(next, pod); err != nil {
		panic(fmt.Sprintf("change pod %s: %v", name, err)) // a mistake in the test
	}
	s.store.put(k, next)
	s.changedSomething()
	return true
}

// Schedule binds a pod to a node. A gated pod stays where it is, and the
// answer is false, as the scheduler does not see it.
func (s *Server) Schedule(namespace, name, node string) bool {
	scheduled := false
	s.ChangePod(namespace, name, func(pod *corev1.Pod) {
		if len(pod.Spec.SchedulingGates) > 0 || pod.Spec.NodeName != "" || pod.DeletionTimestamp != nil {
			return
		}
		pod.Spec.NodeName = node
		setCondition(pod, corev1.PodScheduled, s.now())
		scheduled = true
	})
	return scheduled
}

// Run lets the kubelet start all containers of a scheduled pod.
func (s *Server) Run(namespace, name string) bool {
	running := false
	s.ChangePod(namespace, name, func(pod *corev1.Pod) {
		if pod.Spec.NodeName == "" || pod.Status.Phase != corev1.PodPending {
			return
		}
		now := s.now()
		pod.Status.Phase, pod.Status.StartTime = corev1.PodRunning, &now
		pod.Status.ContainerStatuses = nil
		for _, c := range pod.Spec.Containers {
			started := true
			pod.Status.ContainerStatuses = append(pod.Status.ContainerStatuses, corev1.ContainerStatus{
				Name: c.Name, Image: c.Image, ImageID: c.Image + "@sha256:0", ContainerID: "containerd://" + c.Name,
				Ready: true, Started: &started,
				State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: now}},
			})
		}
		for _, condition := range []corev1.PodConditionType{corev1.PodInitialized, corev1.PodReady, corev1.ContainersReady} {
			setCondition(pod, condition, now)
		}
		running = true
	})
	return running
}

// Terminate lets a container end. The pod ends with its last container:
// Succeeded when all ended with 0, else Failed (the restart policy is taken
// as Never).
func (s *Server) Terminate(namespace, name, container string, exitCode int32) bool {
	found := false
	s.ChangePod(namespace, name, func(pod *corev1.Pod) {
		now := s.now()
		phase, ended := corev1.PodSucceeded, true
		for i := range pod.Status.ContainerStatuses {
			status := &pod.Status.ContainerStatuses[i]
			if status.Name == container && status.State.Running != nil {
				terminate(status, exitCode, now)
				found = true
			}
			if status.State.Terminated == nil {
				ended = false
			} else if status.State.Terminated.ExitCode != 0 {
				phase = corev1.PodFailed
			}
		}
		if found && ended {
			pod.Status.Phase = phase
		}
	})
	return found
}

func terminate(status *corev1.ContainerStatus, exitCode int32, now metav1.Time) {
	reason := "Completed"
	if exitCode != 0 {
		reason = "Error"
	}
	status.Ready, status.Started = false, new(bool)
	status.State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
		ExitCode: exitCode, Reason: reason, StartedAt: status.State.Running.StartedAt, FinishedAt: now, ContainerID: status.ContainerID,
	}}
}

// FinishDeletion is the kubelet's end of a terminating pod: containers that
// still run are killed with the exit code, then the object goes away.
func (s *Server) FinishDeletion(namespace, name string, exitCode int32) bool {
	terminating := false
	s.ChangePod(namespace, name, func(pod *corev1.Pod) {
		if terminating = pod.DeletionTimestamp != nil; !terminating {
			return
		}
		for i := range pod.Status.ContainerStatuses {
			if status := &pod.Status.ContainerStatuses[i]; status.State.Running != nil {
				terminate(status, exitCode, s.now())
			}
		}
		if pod.Status.Phase == corev1.PodPending || pod.Status.Phase == corev1.PodRunning {
			pod.Status.Phase = corev1.PodFailed
			if exitCode == 0 {
				pod.Status.Phase = corev1.PodSucceeded
			}
		}
	})
	return terminating && s.Remove("pods", namespace, name)
}

// Delete begins the deletion of a pod with its own grace period as somebody's DELETE does, without being a
// request: a pod that was never scheduled, or has ended, goes at once. It says whether the pod is there.
func (s *Server) Delete(namespace, name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	resource := s.resource("", "v1", "pods")
	old := s.store.objects[key{GroupResource: resource.groupResource(), namespace: namespace, name: name}]
	if old == nil {
		return false
	}
	//nolint:errcheck // without preconditions nothing can refuse it
	s.deleteLocked(resource, old, metav1.DeleteOptions{}, false)
	s.changedSomething()
	return true
}

// Remove takes an object away at once, without grace or preconditions;
// finalizers still keep it.
func (s *Server) Remove(resource, namespace, name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, o := range s.store.objects {
		if k.Resource != resource || k.namespace != namespace || k.name != name {
			continue
		}
		now := int64(0)
		//nolint:errcheck // without preconditions nothing can refuse it
		s.deleteLocked(s.byGroupResource(k), o, metav1.DeleteOptions{GracePeriodSeconds: &now}, false)
		s.changedSomething()
		return true
	}
	return false
}

func setCondition(pod *corev1.Pod, kind corev1.PodConditionType, now metav1.Time) {
	for i := range pod.Status.Conditions {
		if c := &pod.Status.Conditions[i]; c.Type == kind {
			c.Status, c.Reason, c.Message, c.LastTransitionTime = corev1.ConditionTrue, "", "", now
			return
		}
	}
	pod.Status.Conditions = append(pod.Status.Conditions, corev1.PodCondition{Type: kind, Status: corev1.ConditionTrue, LastTransitionTime: now})
}

// evict is the eviction subresource: a delete that leaves a DisruptionTarget
// condition. Disruption budgets are not kept.
func (s *Server) evict(r *Request, resource *Resource) (reply, error) {
	options := struct {
		DeleteOptions metav1.DeleteOptions `json:"deleteOptions"`
	}{}
	if err := decodeJSON(r.Body, &options); err != nil {
		return reply{}, apierrors.NewBadRequest(err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k := keyOf(r, resource)
	old := s.store.objects[k]
	if old == nil {
		return reply{}, apierrors.NewNotFound(resource.groupResource(), r.Name)
	}
	if err := checkPreconditions(resource, old, options.DeleteOptions.Preconditions); err != nil {
		return reply{}, err
	}
	next := old.DeepCopy()
	conditions, _, _ := unstructured.NestedSlice(next.Object, "status", "conditions")
	conditions = append(conditions, map[string]any{
		"type": string(corev1.DisruptionTarget), "status": "True", "reason": "EvictionByEvictionAPI",
		"message": "Eviction API: evicting", "lastTransitionTime": s.now().Format(time.RFC3339), "lastProbeTime": nil,
	})
	unstructured.SetNestedSlice(next.Object, conditions, "status", "conditions") //nolint:errcheck // status is a map
	marked := s.store.put(k, next)
	options.DeleteOptions.Preconditions = nil
	if _, _, err := s.deleteLocked(resource, marked, options.DeleteOptions, r.dryRun()); err != nil {
		return reply{}, err
	}
	s.changedSomething()
	return document(http.StatusCreated, metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusSuccess, Code: http.StatusCreated}), nil
}
