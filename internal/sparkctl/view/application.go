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
// go-template are written from it.
type Application struct {
	// Name of the driver pod (metadata.name).
	Name string `json:"name"`
	// Namespace of the driver pod.
	Namespace string `json:"namespace"`
	// UID of the driver pod.
	UID string `json:"uid"`
	// State of the application, as [sensor.Judge] says.
	State xcom.State `json:"state"`
	// Terminating: somebody has asked for the driver pod's deletion (metadata.deletionTimestamp).
	Terminating bool `json:"terminating,omitempty"`
	// ExitCode of the driver's container once it has terminated.
	ExitCode *int `json:"exit_code,omitempty"`
	// Cause explains the state.
	Cause *xcom.Cause `json:"cause,omitempty"`

	// ApplicationID and ApplicationName are Spark's, SparkVersion is the label's.
	ApplicationID   string `json:"application_id,omitempty"`
	ApplicationName string `json:"application_name,omitempty"`
	SparkVersion    string `json:"spark_version,omitempty"`
	// RunKey, Generation and Attempt are those of a driver that sparkctl or its submitter made.
	RunKey     string `json:"run_key,omitempty"`
	Generation string `json:"generation,omitempty"`
	Attempt    int    `json:"attempt,omitempty"`
	// Resource is the SparkApplication that an operator made the driver for.
	Resource string `json:"resource,omitempty"`
	// SubmittedBy is who made the driver: sparkctl, kubeflow, apache, or spark-submit, which is anybody.
	SubmittedBy string `json:"submitted_by"`

	// Created is when the driver pod was, Started and Finished when its container was, RFC 3339.
	Created  string `json:"created,omitempty"`
	Started  string `json:"started,omitempty"`
	Finished string `json:"finished,omitempty"`
	// Timings are the lengths of the phases, and which of them goes on.
	Timings Timings `json:"timings,omitzero"`

	Node           string `json:"node,omitempty"`
	ServiceAccount string `json:"service_account,omitempty"`
	Image          string `json:"image,omitempty"`
	Queue          string `json:"queue,omitempty"`
	UIURL          string `json:"ui_url,omitempty"`
	// Attempts are all drivers of the run that stand there, this one included, the first first.
	Attempts []Attempt `json:"attempts,omitempty"`
	// Executors that stand there, by number.
	Executors []Executor `json:"executors,omitempty"`
	// Events about the driver pod, and Log, the last lines of the driver's log that tell something, are what explain looked at;
	// secrets are masked. LogLeft is how many lines of routine stand behind those.
	Events  []Event  `json:"events,omitempty"`
	Log     []string `json:"log,omitempty"`
	LogLeft int      `json:"log_left,omitempty"`
}

// Attempt is one driver of a run.
type Attempt struct {
	Attempt  int        `json:"attempt"`
	Name     string     `json:"name"`
	State    xcom.State `json:"state"`
	ExitCode *int       `json:"exit_code,omitempty"`
	// Timings as far as its pod alone tells them.
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
		State: v.State, ExitCode: v.DriverCode, Cause: v.Cause, Terminating: pod.DeletionTimestamp != nil,
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
	if running := driver.Running(pod, container); running != nil {
		a.Started = rfc3339(running.StartedAt.Time)
	}
	if ended := driver.Ended(pod, container); ended != nil {
		a.Started, a.Finished = rfc3339(ended.StartedAt.Time), rfc3339(ended.FinishedAt.Time)
	}
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
