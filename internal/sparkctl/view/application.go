// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package view is what people are shown of Spark applications: one [Application], made of a driver
// pod and what belongs to it, and the forms in which it is written ([Format]). It also knows by which names
// an application is called ([Choose]). It is pure: the API is read elsewhere.
package view

import (
	"cmp"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/sensor"
	"github.com/sparkctl/sparkctl/xcom"
)

// Application is one driver and what belongs to it. Its JSON names are a promise: -o json, yaml, jsonpath and
// go-template are written from it. The reference page is written from the comments.
type Application struct {
	// The driver pod.
	Name string `json:"name"`
	// Its namespace.
	Namespace string `json:"namespace"`
	// Its UID.
	UID string `json:"uid"`
	// How it stands: Pending, Running, Succeeded, Failed or Lost.
	State xcom.State `json:"state"`
	// Whether somebody has asked for the driver pod's deletion.
	Terminating bool `json:"terminating,omitempty"`
	// Exit code of the driver's container once it has terminated.
	ExitCode *int `json:"exit_code,omitempty"`
	// Why the state is what it is; absent when there is nothing to explain. Its keys are those of a [result's cause](result.md#keys-of-cause).
	Cause *xcom.Cause `json:"cause,omitempty"`

	// Spark's application ID.
	ApplicationID string `json:"application_id,omitempty"`
	// The application's name, as Spark makes it fit a label.
	ApplicationName string `json:"application_name,omitempty"`
	// Spark's version.
	SparkVersion string `json:"spark_version,omitempty"`
	// The run key, if sparkctl or submitter made the driver.
	RunKey string `json:"run_key,omitempty"`
	// Which intention for that run key this is.
	Generation string `json:"generation,omitempty"`
	// Number of the driver for that run key, from 1.
	Attempt int `json:"attempt,omitempty"`
	// The SparkApplication that an operator made the driver for.
	Resource string `json:"resource,omitempty"`
	// Who made the driver: sparkctl, kubeflow or apache (the operators), or spark-submit, which is anybody.
	SubmittedBy string `json:"submitted_by"`

	// When the driver pod was made, RFC 3339.
	Created string `json:"created,omitempty"`
	// When the driver's container started.
	Started string `json:"started,omitempty"`
	// When it ended.
	Finished string `json:"finished,omitempty"`
	// How long each phase took, and which one goes on.
	Timings Timings `json:"timings,omitzero"`

	// The driver's node.
	Node string `json:"node,omitempty"`
	// The driver's service account.
	ServiceAccount string `json:"service_account,omitempty"`
	// The image of the driver's container.
	Image string `json:"image,omitempty"`
	// The queue of Kueue that the driver pod names.
	Queue string `json:"queue,omitempty"`
	// Address of the driver's web UI inside the cluster, while it runs.
	UIURL string `json:"ui_url,omitempty"`
	// All drivers of the run that stand there, this one included, the first first. Only `status` and `explain` read it, as all that follows.
	Attempts []Attempt `json:"attempts,omitempty"`
	// The executors that stand there, by number.
	Executors []Executor `json:"executors,omitempty"`
	// The events about the driver pod (`explain`); secrets are masked.
	Events []Event `json:"events,omitempty"`
	// The last lines of the driver's log that tell something (`explain`); secrets are masked.
	Log []string `json:"log,omitempty"`
	// How many lines of routine stand behind those.
	LogLeft int `json:"log_left,omitempty"`
}

// Attempt is one driver of a run.
type Attempt struct {
	// Its number, from 1.
	Attempt int `json:"attempt"`
	// The driver pod.
	Name string `json:"name"`
	// How it stands.
	State xcom.State `json:"state"`
	// Exit code of the driver's container once it has terminated.
	ExitCode *int `json:"exit_code,omitempty"`
	// How long each phase took; of the others than the one that was asked for as far as the pod alone tells, which knows nothing of queue and pull.
	Timings Timings `json:"timings,omitzero"`
}

// AttemptOf is the attempt that an application is.
func AttemptOf(a Application) Attempt {
	return Attempt{Attempt: a.Attempt, Name: a.Name, State: a.State, ExitCode: a.ExitCode, Timings: a.Timings}
}

// Labels that the operators give the drivers that they make.
const (
	labelKubeflow = "sparkoperator.k8s.io/app-name"
	labelApache   = "spark.operator/spark-app-name"
)

// Of is the application that a driver pod stands for, at now. events are those about the pod, as far as they were read.
func Of(pod *corev1.Pod, events []corev1.Event, now time.Time) Application {
	o := sensor.Observation{Pod: pod, Events: events, Now: now}
	return Judged(pod, events, sensor.Judge(o, sensor.Criteria{}), now)
}

// Judged is the application that a driver pod stands for at now, with a verdict about it.
func Judged(pod *corev1.Pod, events []corev1.Event, v sensor.Verdict, now time.Time) Application {
	r := sensor.Describe(xcom.Result{}, pod, "")
	a := Application{
		Name: pod.Name, Namespace: pod.Namespace, UID: r.PodUID,
		State: v.State, ExitCode: v.DriverCode, Cause: advised(v.Cause), Terminating: pod.DeletionTimestamp != nil,
		ApplicationID: r.ApplicationID, ApplicationName: r.ApplicationName, SparkVersion: r.SparkVersion,
		RunKey: r.RunKey, Generation: r.Generation, Attempt: r.Attempt,
		Resource: cmp.Or(pod.Labels[labelKubeflow], pod.Labels[labelApache]), SubmittedBy: submittedBy(pod),
		Created: r.CreationTime, Node: r.NodeName, ServiceAccount: r.ServiceAccountName,
		Queue: pod.Labels[driver.LabelQueue],
	}
	if v.State == xcom.Running {
		a.UIURL = r.UIURL
	}
	container := driver.Container(pod, "")
	for _, c := range pod.Spec.Containers {
		if c.Name == container {
			a.Image = c.Image
		}
	}
	started, ended := driver.Life(pod, container)
	a.Started, a.Finished = rfc3339(started), rfc3339(ended)
	a.Timings = timingsOf(sensor.PhasesOf(pod, container, events), now)
	if v.Final {
		a.Timings.Current = nil
	}
	return a
}

// submittedBy tells by its labels who made a driver.
func submittedBy(pod *corev1.Pod) string {
	switch {
	case pod.Labels[driver.LabelManagedBy] == driver.ManagedBy:
		return driver.ManagedBy
	case pod.Labels[labelKubeflow] != "":
		return "kubeflow"
	case pod.Labels[labelApache] != "":
		return "apache"
	default:
		return "spark-submit"
	}
}

// parseTime reads RFC 3339; the zero time where there is none.
func parseTime(text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return at
}

func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
