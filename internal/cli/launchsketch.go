// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"cmp"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/submitter/native"
)

// Sketch is what is known of a submission before it is made.
type Sketch struct {
	// Spark is its version.
	Spark native.Version
	// Objects are all that would be made, Driver among them.
	Objects []native.Object
	Driver  *corev1.Pod
	// Executor is what is known of the driver's executors, and Executors how many there are at first.
	Executor  *corev1.Pod
	Executors int
}

// Called is what a person calls the job: by its own name, else by the application's.
func (j Job) Called() string { return cmp.Or(j.Name, j.Application.Name()) }

// Sketch builds everything that would be made, once the run has a name. Every error is a [*problem.Error] with exit code 2.
func (l *Launch) Sketch() (Sketch, error) {
	s := Sketch{Spark: l.chosen.version}
	var err error
	if s.Objects, err = l.Objects(l.plan, Sample()); err != nil {
		return s, err
	}
	for _, object := range s.Objects {
		if pod, is := object.(*corev1.Pod); is {
			s.Driver = pod
		}
	}
	s.Executor, s.Executors, err = native.Executor(native.Input{Plan: l.plan, Spark: l.chosen.version, Launcher: l.chosen.launcher})
	return s, err
}
