// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// SetNode makes a node, or changes the one of that name: its condition Ready is what its kubelet
// says, and Unknown once that has been silent for too long. Remove takes it away.
func (s *Server) SetNode(name string, ready corev1.ConditionStatus) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := key{GroupResource: s.resource("", "v1", "nodes").groupResource(), name: name}
	node := corev1.Node{
		TypeMeta:   metav1.TypeMeta{Kind: "Node", APIVersion: "v1"},
		ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: s.now()},
	}
	if old := s.store.objects[k]; old != nil {
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(old.Object, &node); err != nil {
			panic(fmt.Sprintf("read node %s: %v", name, err)) // the server made it itself
		}
	} else {
		node.UID = s.uid()
	}
	condition := corev1.NodeCondition{Type: corev1.NodeReady, Status: ready, LastHeartbeatTime: s.now(), LastTransitionTime: s.now()}
	switch ready {
	case corev1.ConditionTrue:
		condition.Reason, condition.Message = "KubeletReady", "kubelet is posting ready status"
	case corev1.ConditionUnknown:
		condition.Reason, condition.Message = "NodeStatusUnknown", "Kubelet stopped posting node status."
	default:
		condition.Reason, condition.Message = "KubeletNotReady", "container runtime is down"
	}
	node.Status.Conditions = []corev1.NodeCondition{condition}
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&node)
	if err != nil {
		panic(fmt.Sprintf("write node %s: %v", name, err)) // the server made it itself
	}
	s.store.put(k, &object{Object: content})
	s.changedSomething()
}
