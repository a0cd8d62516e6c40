// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package view

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Executor is one executor's pod.
type Executor struct {
	// Spark's number of the executor.
	ID int `json:"id"`
	// Its pod.
	Name string `json:"name"`
	// The pod's phase, or Terminating once its deletion was asked for.
	State string `json:"state"`
	// Why it waits or has ended, in Kubernetes' word.
	Reason string `json:"reason,omitempty"`
	// Exit code of its container once that has terminated.
	ExitCode *int `json:"exit_code,omitempty"`
	// Its node.
	Node string `json:"node,omitempty"`
	// When its pod was made, RFC 3339.
	Created string `json:"created,omitempty"`
}

// Labels and names that Spark gives an executor's pod (Constants.SPARK_EXECUTOR_ID_LABEL, DEFAULT_EXECUTOR_CONTAINER_NAME, ENV_EXECUTOR_ID).
const (
	labelExecutorID   = "spark-exec-id"
	executorContainer = "spark-kubernetes-executor"
	envExecutorID     = "SPARK_EXECUTOR_ID"
)

// ExecutorOf is what an executor's pod tells.
func ExecutorOf(pod *corev1.Pod) Executor {
	// A label that is no number leaves 0, which Spark does not give.
	id, _ := strconv.Atoi(pod.Labels[labelExecutorID])
	e := Executor{
		ID: id, Name: pod.Name, State: string(pod.Status.Phase), Reason: pod.Status.Reason,
		Node: pod.Spec.NodeName, Created: rfc3339(pod.CreationTimestamp.Time),
	}
	if pod.DeletionTimestamp != nil {
		e.State = "Terminating"
	}
	for _, status := range pod.Status.ContainerStatuses {
		if status.Name != executorContainer && len(pod.Spec.Containers) > 1 {
			continue
		}
		if ended := status.State.Terminated; ended != nil {
			code := int(ended.ExitCode)
			e.ExitCode = &code
			e.Reason = cmp.Or(e.Reason, ended.Reason)
		}
		if waiting := status.State.Waiting; waiting != nil {
			e.Reason = cmp.Or(e.Reason, waiting.Reason)
		}
	}
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodScheduled && condition.Status == corev1.ConditionFalse {
			e.Reason = cmp.Or(e.Reason, condition.Reason)
		}
	}
	return e
}

// SortExecutors puts executors in the order of their numbers.
func SortExecutors(executors []Executor) {
	slices.SortFunc(executors, func(a, b Executor) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), strings.Compare(a.Name, b.Name))
	})
}

// countExecutors says how many executors are in which state: "3: 2 Running, 1 Failed".
func countExecutors(executors []Executor) string {
	counts := map[string]int{}
	var states []string
	for _, e := range executors {
		if counts[e.State]++; counts[e.State] == 1 {
			states = append(states, e.State)
		}
	}
	slices.SortStableFunc(states, func(a, b string) int { return cmp.Compare(counts[b], counts[a]) })
	var said []string
	for _, state := range states {
		said = append(said, fmt.Sprintf("%d %s", counts[state], state))
	}
	return strings.Join(said, ", ")
}
