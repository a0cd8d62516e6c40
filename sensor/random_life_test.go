// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor_test

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// live lets one thing happen to the driver, and notes the truth.
func (p *play) live(what string) {
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	switch what {
	case "schedule":
		p.server.Schedule(namespace, name, "node-1")
	case "run":
		p.began = now
		p.server.Run(namespace, name)
	case "exit":
		p.ended, p.exitCode = now, p.code
		p.server.Terminate(namespace, name, container, p.code)
	case "remove":
		p.removed = now
		p.server.Remove("pods", namespace, name)
	case "replace":
		p.makeDriver()
		p.server.Schedule(namespace, name, "node-1")
		p.server.Run(namespace, name)
		p.server.Terminate(namespace, name, container, 0)
	case "delete":
		p.marked = now
		p.server.Delete(namespace, name)
	case "finish deletion":
		p.ended, p.removed, p.exitCode = now, now, p.code
		p.server.FinishDeletion(namespace, name, p.code)
	case "evict":
		p.marked = now
		p.disrupt("EvictionByEvictionAPI")
		p.server.Delete(namespace, name)
	case "lose node":
		p.server.SetNode("node-1", corev1.ConditionUnknown)
	case "taint manager":
		p.marked = now
		p.disrupt("DeletionByTaintManager")
		p.server.Delete(namespace, name)
	case "unschedulable":
		p.server.ChangePod(namespace, name, func(pod *corev1.Pod) {
			pod.Status.Conditions = append(pod.Status.Conditions, corev1.PodCondition{
				Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable,
				Message: "0/3 nodes are available: 3 Insufficient cpu.", LastTransitionTime: metav1.NewTime(now),
			})
		})
		p.server.Report(namespace, name, "default-scheduler", corev1.EventTypeWarning, "FailedScheduling", "0/3 nodes are available: 3 Insufficient cpu.")
	case "reject":
		p.rejected, p.ended = true, now
		p.server.ChangePod(namespace, name, func(pod *corev1.Pod) {
			pod.Status.Phase, pod.Status.Reason, pod.Status.Message = corev1.PodFailed, "OutOfcpu", "Pod was rejected: Node didn't have enough resource: cpu"
		})
	}
}

func (p *play) disrupt(reason string) {
	p.server.ChangePod(namespace, name, func(pod *corev1.Pod) {
		pod.Status.Conditions = append(pod.Status.Conditions, corev1.PodCondition{
			Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Reason: reason, Message: reason, LastTransitionTime: metav1.Now(),
		})
	})
}
