// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package driver knows what a driver pod looks like: the labels, annotations and
// container names that Spark and we give it. It is the only place with those
// strings. [Container] finds the driver's container, which a pod template may
// have renamed and which is hardly ever the first.
package driver

import (
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Labels and annotations of ours.
const (
	// LabelRun holds the first 16 hex digits of the run key's digest.
	LabelRun = "sparkctl.dev/run"
	// LabelAttempt holds the number of the driver for its run key.
	LabelAttempt = "sparkctl.dev/attempt"
	// LabelManagedBy and ManagedBy mark every driver we made.
	LabelManagedBy = "app.kubernetes.io/managed-by"
	ManagedBy      = "sparkctl"

	// AnnotationRunKey holds the run key as it was given.
	AnnotationRunKey = "sparkctl.dev/run-key"
	// AnnotationGeneration holds the generation as it was given.
	AnnotationGeneration = "sparkctl.dev/generation"
	// AnnotationApplication holds the application, canonical and redacted.
	AnnotationApplication = "sparkctl.dev/application"
	// AnnotationLauncher holds who made the driver: pod, UID and start of that life.
	AnnotationLauncher = "sparkctl.dev/launcher"
	// AnnotationSubmitted holds when the launcher took its gate off, by the launcher's clock, RFC 3339.
	AnnotationSubmitted = "sparkctl.dev/submitted"
	// AnnotationTemplate holds the template of the driver's pod as JSON, redacted, where there is one and it is short enough.
	AnnotationTemplate = "sparkctl.dev/template"

	// GateSubmission is our scheduling gate (spec.schedulingGates): it is on a driver until its submission is complete.
	GateSubmission = "sparkctl.dev/submission"
)

// OwnAnnotations lists the annotations that say whose driver a pod is.
func OwnAnnotations() []string {
	return []string{AnnotationRunKey, AnnotationGeneration, AnnotationApplication, AnnotationLauncher, AnnotationSubmitted, AnnotationTemplate}
}

// Labels and names that Spark gives.
const (
	// LabelSelector holds the application ID (Spark's Constants.SPARK_APP_ID_LABEL).
	LabelSelector = "spark-app-selector"
	// LabelRole is "driver" or "executor" (Constants.SPARK_ROLE_LABEL).
	LabelRole = "spark-role"
	// RoleDriver is the value of LabelRole on a driver pod.
	RoleDriver = "driver"
	// LabelVersion holds Spark's version (Constants.SPARK_VERSION_LABEL), from 3.3.
	LabelVersion = "spark-version"
	// LabelAppName holds the application's name, made to fit a label (Constants.SPARK_APP_NAME_LABEL), from 3.3.
	LabelAppName = "spark-app-name"
	// AnnotationExitException holds the stack trace of the exception that ended the driver, from Spark 4.1 and only
	// with spark.kubernetes.driver.annotateExitException=true (Constants.EXIT_EXCEPTION_ANNOTATION).
	AnnotationExitException = "spark.exit-exception"
	// DefaultContainer is the driver container's name unless a pod template named it (Constants.DEFAULT_DRIVER_CONTAINER_NAME).
	DefaultContainer = "spark-kubernetes-driver"
	// EnvApplicationID is set in the driver's container only (Constants.ENV_APPLICATION_ID).
	EnvApplicationID = "SPARK_APPLICATION_ID"
	// PortRPC is the name of the driver's RPC port (Constants.DRIVER_PORT_NAME).
	PortRPC = "driver-rpc-port"
	// ConfVolume is the volume that the driver's configuration is mounted from, a ConfigMap (Constants.SPARK_CONF_VOLUME_DRIVER),
	// and PropertiesFile the file in it with Spark's own (Constants.SPARK_CONF_FILE_NAME).
	ConfVolume     = "spark-conf-volume-driver"
	PropertiesFile = "spark.properties"
	// portUI is the name of the web UI's port (Constants.UI_PORT_NAME).
	portUI = "spark-ui"
	// LabelQueue names the queue that Kueue holds a pod in (kueue.x-k8s.io/queue-name).
	LabelQueue = "kueue.x-k8s.io/queue-name"
	// UIPort is the port of the driver's web UI unless configured (spark.ui.port).
	UIPort = 4040
)

// Container returns the name of the driver's container in pod: the configured
// name if the pod has it, else Spark's default name, else the container that
// carries the driver's port or environment, else the only one. It returns ""
// when none of these tells; the position in the list never does.
func Container(pod *corev1.Pod, configured string) string {
	for _, name := range []string{configured, DefaultContainer} {
		for i := range pod.Spec.Containers {
			if name != "" && pod.Spec.Containers[i].Name == name {
				return name
			}
		}
	}
	for i := range pod.Spec.Containers {
		if looksLikeDriver(&pod.Spec.Containers[i]) {
			return pod.Spec.Containers[i].Name
		}
	}
	if len(pod.Spec.Containers) == 1 {
		return pod.Spec.Containers[0].Name
	}
	return ""
}

func looksLikeDriver(c *corev1.Container) bool {
	for _, port := range c.Ports {
		if port.Name == PortRPC {
			return true
		}
	}
	for _, env := range c.Env {
		if env.Name == EnvApplicationID {
			return true
		}
	}
	return false
}

// WebPort is the port of the driver's web UI (spark.ui.port), which Spark names in the pod.
func WebPort(pod *corev1.Pod) int32 {
	for i := range pod.Spec.Containers {
		for _, port := range pod.Spec.Containers[i].Ports {
			if port.Name == portUI {
				return port.ContainerPort
			}
		}
	}
	return UIPort
}

// Status returns the status of the container of that name, nil if the kubelet has not given one.
func Status(pod *corev1.Pod, container string) *corev1.ContainerStatus {
	for i := range pod.Status.ContainerStatuses {
		if pod.Status.ContainerStatuses[i].Name == container {
			return &pod.Status.ContainerStatuses[i]
		}
	}
	return nil
}

// Running returns since when and how the container of that name runs, nil if it does not, as far as the kubelet has told.
func Running(pod *corev1.Pod, container string) *corev1.ContainerStateRunning {
	if status := Status(pod, container); status != nil {
		return status.State.Running
	}
	return nil
}

// Ended returns how the container of that name has terminated, nil if it has not, as far as the kubelet has told.
func Ended(pod *corev1.Pod, container string) *corev1.ContainerStateTerminated {
	if status := Status(pod, container); status != nil {
		return status.State.Terminated
	}
	return nil
}

// Life is when the container of that name started and when it ended, as far as the kubelet has told; zero times where it has not. A
// container that could not be started, which the kubelet dates to 1970, has not.
func Life(pod *corev1.Pod, container string) (started, ended time.Time) {
	if running := Running(pod, container); running != nil {
		return running.StartedAt.Time, time.Time{}
	}
	if over := Ended(pod, container); over != nil {
		if over.StartedAt.Unix() > 0 {
			started = over.StartedAt.Time
		}
		ended = over.FinishedAt.Time
	}
	return started, ended
}

// Over reports whether nothing of the driver runs any more, as far as the kubelet has told: the container of that name has terminated, or the
// pod as a whole has ended, which it can without that status. A pod that was deleted has not.
func Over(pod *corev1.Pod, container string) bool {
	return Ended(pod, container) != nil || pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

// Gates returns the names of the foreign scheduling gates on pod, and whether ours is there.
func Gates(pod *corev1.Pod) (foreign []string, ours bool) {
	for _, gate := range pod.Spec.SchedulingGates {
		if gate.Name == GateSubmission {
			ours = true
			continue
		}
		foreign = append(foreign, gate.Name)
	}
	return foreign, ours
}

// Condition returns the pod's condition of that type, nil if it has none.
func Condition(pod *corev1.Pod, kind corev1.PodConditionType) *corev1.PodCondition {
	for i := range pod.Status.Conditions {
		if pod.Status.Conditions[i].Type == kind {
			return &pod.Status.Conditions[i]
		}
	}
	return nil
}
