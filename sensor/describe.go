// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"net"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/xcom"
)

// Describe writes down what pod says of itself over result, and leaves alone what
// only the launcher knows.
func Describe(result xcom.Result, pod *corev1.Pod, container string) xcom.Result {
	result.PodName = pod.Name
	result.Namespace = pod.Namespace
	result.Labels = pod.Labels
	result.PodUID = string(pod.UID)
	result.CreationTime = rfc3339(pod.CreationTimestamp)
	result.ServiceAccountName = pod.Spec.ServiceAccountName
	result.NodeName = pod.Spec.NodeName
	result.Phase = string(pod.Status.Phase)
	if pod.Status.StartTime != nil {
		result.StartTime = rfc3339(*pod.Status.StartTime)
	}
	result.Volumes, result.ContainerImages, result.ContainerStatus = nil, nil, nil
	for _, volume := range pod.Spec.Volumes {
		result.Volumes = append(result.Volumes, volume.Name)
	}
	for _, c := range pod.Spec.Containers {
		result.ContainerImages = append(result.ContainerImages, c.Image)
	}
	for _, status := range pod.Status.ContainerStatuses {
		result.ContainerStatus = append(result.ContainerStatus, describeContainer(status))
	}
	overwrite(&result.ApplicationID, pod.Labels[driver.LabelSelector])
	overwrite(&result.SparkVersion, pod.Labels[driver.LabelVersion])
	overwrite(&result.RunKey, pod.Annotations[driver.AnnotationRunKey])
	overwrite(&result.Generation, pod.Annotations[driver.AnnotationGeneration])
	if result.ApplicationName == "" {
		result.ApplicationName = pod.Labels[driver.LabelAppName]
	}
	if attempt, err := strconv.Atoi(pod.Labels[driver.LabelAttempt]); err == nil {
		result.Attempt = attempt
	}
	if pod.Status.PodIP != "" {
		result.UIURL = "http://" + net.JoinHostPort(pod.Status.PodIP, strconv.Itoa(int(driver.WebPort(pod))))
	}
	result.Timings = timings(result.Timings, pod, container)
	return result
}

// overwrite sets field unless value is empty: a label that is missing says nothing.
func overwrite(field *string, value string) {
	if value != "" {
		*field = value
	}
}

func describeContainer(s corev1.ContainerStatus) xcom.ContainerStatus {
	status := xcom.ContainerStatus{ContainerName: s.Name, ContainerImage: s.Image, ContainerState: "unknown"}
	switch {
	case s.State.Waiting != nil:
		status.ContainerState = "waiting"
		status.PendingReason = s.State.Waiting.Reason
	case s.State.Running != nil:
		status.ContainerState = "running"
		status.ContainerStartedAt = rfc3339(s.State.Running.StartedAt)
	case s.State.Terminated != nil:
		code := int(s.State.Terminated.ExitCode)
		status.ContainerState = "terminated"
		status.ContainerStartedAt = rfc3339(s.State.Terminated.StartedAt)
		status.ContainerFinishedAt = rfc3339(s.State.Terminated.FinishedAt)
		status.ExitCode = &code
		status.TerminationReason = s.State.Terminated.Reason
	}
	return status
}

// timings are the phases that the pod's own times bound.
func timings(known *xcom.Timings, pod *corev1.Pod, container string) *xcom.Timings {
	p := PhasesOf(pod, container, nil)
	t := xcom.Timings{Submit: seconds(p.Submit), Schedule: seconds(p.Schedule), Start: seconds(p.Start), Run: seconds(p.Run)}
	if known != nil && known.Submit > 0 {
		t.Submit = known.Submit
	}
	if t == (xcom.Timings{}) {
		return nil
	}
	return &t
}

func seconds(d *time.Duration) float64 {
	if d == nil {
		return 0
	}
	return d.Seconds()
}

func rfc3339(t metav1.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
