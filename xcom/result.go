// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package xcom is the result contract: the one JSON document that submitter
// and sensor hand to whoever called them, and the exit codes beside it.
//
// [Result] is the document, [Encode] makes it fit a size, [File] puts it on disk
// in one step, [Read] takes it back, also as a Python dict's repr, which is
// what Airflow renders an XCom to. The package knows neither Kubernetes nor
// any other package of this project, so that other programs can use it too.
package xcom

// Schema is the value of [Result].Schema for this version of the contract.
// Keys are only added to a version, never renamed or removed.
const Schema = "sparkctl.dev/result/v1"

// State is where an application stands, as far as it is known.
type State string

// The states of a result. Succeeded, Failed, Lost, Cancelled and NotSubmitted are
// final; the others say what was last known when the document was written.
const (
	// Submitting: the launcher is at work, no driver is confirmed yet.
	Submitting State = "Submitting"
	// Submitted: the driver pod exists, confirmed by a read of the API.
	Submitted State = "Submitted"
	// Pending: the driver's container has not started.
	Pending State = "Pending"
	// Running: the driver's container runs.
	Running State = "Running"
	// Succeeded: the driver's container terminated with exit code 0.
	Succeeded State = "Succeeded"
	// Failed: the driver failed, could not start, or passed a deadline; after a deadline it can still be there.
	Failed State = "Failed"
	// Lost: the driver was taken away (deleted, evicted, its node gone) or is
	// gone without anybody having seen its end.
	Lost State = "Lost"
	// Cancelled: the driver was ended because the caller asked for it.
	Cancelled State = "Cancelled"
	// Unknown: nothing was observed yet, or nothing could be.
	Unknown State = "Unknown"
	// NotSubmitted: no driver was made; the document has no pod keys.
	NotSubmitted State = "NotSubmitted"
)

// States lists every state, in the order of a life.
func States() []State {
	return []State{Submitting, Submitted, Pending, Running, Succeeded, Failed, Lost, Cancelled, Unknown, NotSubmitted}
}

// Final reports whether nothing can follow s.
func (s State) Final() bool {
	switch s {
	case Succeeded, Failed, Lost, Cancelled, NotSubmitted:
		return true
	default:
		return false
	}
}

// Result is the document. Its pod keys are the ones that spark-submit prints
// of a driver pod, with underscores for spaces.
type Result struct {
	// The version of this document.
	Schema string `json:"schema"`
	// Where the application stands.
	State State `json:"state"`

	// Name of the driver pod (metadata.name).
	PodName string `json:"pod_name,omitempty"`
	// Namespace of the driver pod (metadata.namespace).
	Namespace string `json:"namespace,omitempty"`
	// Labels of the driver pod (metadata.labels).
	Labels map[string]string `json:"labels,omitempty"`
	// UID of the driver pod (metadata.uid); a pod of the same name with another UID is another driver.
	PodUID string `json:"pod_uid,omitempty"`
	// When the driver pod was created (metadata.creationTimestamp), RFC 3339.
	CreationTime string `json:"creation_time,omitempty"`
	// Service account of the driver (spec.serviceAccountName).
	ServiceAccountName string `json:"service_account_name,omitempty"`
	// Names of the driver pod's volumes (spec.volumes).
	Volumes []string `json:"volumes,omitempty"`
	// Node the driver was placed on (spec.nodeName).
	NodeName string `json:"node_name,omitempty"`
	// When the kubelet took the pod (status.startTime), RFC 3339.
	StartTime string `json:"start_time,omitempty"`
	// Images of the driver pod's containers (spec.containers).
	ContainerImages []string `json:"container_images,omitempty"`
	// Phase of the driver pod (status.phase); State is the judgement, this is what Kubernetes says.
	Phase string `json:"phase,omitempty"`
	// State of each container of the driver pod (status.containerStatuses).
	ContainerStatus []ContainerStatus `json:"container_status,omitempty"`

	// Spark's application ID (label spark-app-selector), for the history server.
	ApplicationID string `json:"application_id,omitempty"`
	// Spark's application name.
	ApplicationName string `json:"application_name,omitempty"`
	// Spark's version (label spark-version).
	SparkVersion string `json:"spark_version,omitempty"`
	// The caller's name for this run.
	RunKey string `json:"run_key,omitempty"`
	// Where the run key comes from: given, airflow, argo, tekton, job, pod or random.
	RunKeySource string `json:"run_key_source,omitempty"`
	// Which intention for that run key this is.
	Generation string `json:"generation,omitempty"`
	// Number of the driver for that run key, from 1.
	Attempt int `json:"attempt,omitempty"`
	// Whether the driver was there before this launcher.
	Adopted bool `json:"adopted,omitempty"`
	// What made the driver: spark-submit or native.
	Engine string `json:"engine,omitempty"`
	// Exit code of the driver's container once it has terminated; of the submitter when the state is NotSubmitted.
	ExitCode *int `json:"exit_code,omitempty"`
	// Why the state is what it is; absent when there is nothing to explain.
	Cause *Cause `json:"cause,omitempty"`
	// How long each phase took.
	Timings *Timings `json:"timings,omitempty"`
	// Address of the driver's web UI inside the cluster.
	UIURL string `json:"ui_url,omitempty"`
}

// ContainerStatus is one container as spark-submit prints it.
type ContainerStatus struct {
	// Name of the container.
	ContainerName string `json:"container_name"`
	// Image the container runs.
	ContainerImage string `json:"container_image,omitempty"`
	// Its state: waiting, running or terminated.
	ContainerState string `json:"container_state"`
	// When it started, RFC 3339.
	ContainerStartedAt string `json:"container_started_at,omitempty"`
	// When it finished, RFC 3339.
	ContainerFinishedAt string `json:"container_finished_at,omitempty"`
	// Why it waits.
	PendingReason string `json:"pending_reason,omitempty"`
	// Its exit code when it has terminated.
	ExitCode *int `json:"exit_code,omitempty"`
	// Why it terminated.
	TerminationReason string `json:"termination_reason,omitempty"`
}

// Category is the kind of a cause, a closed set.
type Category string

// The categories of causes.
const (
	CategoryApplication Category = "application"
	CategoryMemory      Category = "memory"
	CategoryImage       Category = "image"
	CategoryConfig      Category = "config"
	CategoryScheduling  Category = "scheduling"
	CategoryQueued      Category = "queued"
	CategoryQuota       Category = "quota"
	CategoryAdmission   Category = "admission"
	CategoryNode        Category = "node"
	CategoryDisruption  Category = "disruption"
	CategoryDeleted     Category = "deleted"
	CategoryDeadline    Category = "deadline"
	CategoryCancelled   Category = "cancelled"
	CategoryPermission  Category = "permission"
	CategoryAPI         Category = "api"
	CategoryUnknown     Category = "unknown"
)

// Categories lists every category.
func Categories() []Category {
	return []Category{
		CategoryApplication, CategoryMemory, CategoryImage, CategoryConfig, CategoryScheduling, CategoryQueued,
		CategoryQuota, CategoryAdmission, CategoryNode, CategoryDisruption, CategoryDeleted, CategoryDeadline,
		CategoryCancelled, CategoryPermission, CategoryAPI, CategoryUnknown,
	}
}

// Cause says why, for a person and for a program.
type Cause struct {
	// The kind of cause, from a closed set.
	Category Category `json:"category"`
	// One word for it: Kubernetes' own reason where there is one.
	Reason string `json:"reason"`
	// One sentence that a data engineer can act on.
	Message string `json:"message"`
	// What to try next.
	Hint string `json:"hint,omitempty"`
	// Whether the same submission may end differently when tried again; absent when not known.
	Retryable *bool `json:"retryable,omitempty"`
	// What was seen, a line each.
	Evidence []string `json:"evidence,omitempty"`
}

// Timings are the lengths of the phases of a run, in seconds; a phase that
// has not been seen to end is absent.
type Timings struct {
	// The launcher's work, from its start to the confirmed driver pod.
	Submit float64 `json:"submit,omitempty"`
	// From the moment that the driver may be scheduled, or its creation where that is not known, to its placement on a node; a wait in a queue included.
	Schedule float64 `json:"schedule,omitempty"`
	// From the placement to the start of the driver's container, pulling its image included.
	Start float64 `json:"start,omitempty"`
	// From the start of the driver's container to its end.
	Run float64 `json:"run,omitempty"`
}
