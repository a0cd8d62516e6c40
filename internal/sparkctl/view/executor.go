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

	"github.com/sparkctl/sparkctl/internal/exception"
	"github.com/sparkctl/sparkctl/internal/secret"
	"github.com/sparkctl/sparkctl/sensor"
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
	// What Kubernetes says beside that; secrets are masked.
	Message string `json:"message,omitempty"`
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
	said := pod.Status.Message
	for _, status := range pod.Status.ContainerStatuses {
		if status.Name != executorContainer && len(pod.Spec.Containers) > 1 {
			continue
		}
		if ended := status.State.Terminated; ended != nil {
			code := int(ended.ExitCode)
			e.ExitCode = &code
			e.Reason, said = cmp.Or(e.Reason, ended.Reason), cmp.Or(said, ended.Message)
		}
		if waiting := status.State.Waiting; waiting != nil {
			e.Reason, said = cmp.Or(e.Reason, waiting.Reason), cmp.Or(said, waiting.Message)
		}
	}
	for _, condition := range pod.Status.Conditions {
		if condition.Type == corev1.PodScheduled && condition.Status == corev1.ConditionFalse {
			e.Reason, said = cmp.Or(e.Reason, condition.Reason), cmp.Or(said, condition.Message)
		}
	}
	if waits := sensor.Waiting(pod, executorContainerOf(pod)); e.State == string(corev1.PodPending) && waits != nil {
		said = waits.Message // in the words that a driver has
	}
	e.Message = exception.Shorten(secret.Mask(said))
	return e
}

// why is one word for why it does not run.
func (e Executor) why() string {
	if e.ExitCode != nil && *e.ExitCode != 0 {
		return fmt.Sprintf("%s(%d)", e.Reason, *e.ExitCode)
	}
	return e.Reason
}

// SortExecutors puts executors in the order of their numbers.
func SortExecutors(executors []Executor) {
	slices.SortFunc(executors, func(a, b Executor) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), strings.Compare(a.Name, b.Name))
	})
}

// countExecutors says how many executors are in which state: "2 Running, 1 Failed".
func countExecutors(executors []Executor) string {
	return counted(executors, func(e Executor) string { return e.State }, func(string) string { return "" })
}

// tellExecutors is countExecutors with why: "2 Running, 3 Failed (2 OOMKilled, 1 Evicted)".
func tellExecutors(executors []Executor) string {
	return counted(executors, func(e Executor) string { return e.State }, func(state string) string {
		in := slices.DeleteFunc(slices.Clone(executors), func(e Executor) bool { return e.State != state })
		why := slices.DeleteFunc(slices.Clone(in), func(e Executor) bool { return e.Reason == "" })
		switch {
		case len(why) == 0:
			return ""
		case len(why) == len(in) && !slices.ContainsFunc(why, func(e Executor) bool { return e.Reason != why[0].Reason }):
			return " (" + why[0].Reason + ")" // all of them
		default:
			return " (" + counted(why, func(e Executor) string { return e.Reason }, func(string) string { return "" }) + ")"
		}
	})
}

// counted says how many executors have each word, the most frequent first, and what follows the word.
func counted(executors []Executor, word func(Executor) string, then func(string) string) string {
	counts := map[string]int{}
	var words []string
	for _, e := range executors {
		if counts[word(e)]++; counts[word(e)] == 1 {
			words = append(words, word(e))
		}
	}
	slices.SortStableFunc(words, func(a, b string) int { return cmp.Compare(counts[b], counts[a]) })
	said := make([]string, len(words))
	for i, w := range words {
		said[i] = fmt.Sprintf("%d %s%s", counts[w], w, then(w))
	}
	return strings.Join(said, ", ")
}
