// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"os"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/submitter/manifest"
)

// TemplateFolder is where a SparkApplication's templates of pods are called to be. It is part of what tells applications apart, so it is the
// same everywhere; there is no such folder, as every engine is given the templates themselves.
const TemplateFolder = "pod-templates"

// Job is what is to be submitted, whatever it was read from.
type Job struct {
	// Application is what to run.
	Application submitter.Application
	// Name of the job where it has one beside the application's; it tells the jobs of one file apart.
	Name string
	// SparkVersion is what the job itself says of the Spark in its image; empty if nothing.
	SparkVersion string

	// embedded says that the templates of pods came with the job, and are in no file.
	embedded               bool
	driverPod, executorPod []byte
}

// JobOfArguments is the job that spark-submit's arguments ask for. Every error is a [*problem.Error] with exit code 2.
func JobOfArguments(argv []string) (Job, error) {
	app, err := submitter.ParseArguments(argv)
	return Job{Application: app}, err
}

// JobOfManifest is the job that a SparkApplication asks for.
func JobOfManifest(s manifest.Submission) Job {
	return Job{
		Application: s.Application, Name: s.Name, SparkVersion: s.SparkVersion,
		embedded: true, driverPod: s.DriverTemplate, executorPod: s.ExecutorTemplate,
	}
}

// JobOfRecord is the job that a driver was made for, with the templates of its pods.
func JobOfRecord(app submitter.Application, driverPod, executorPod []byte) Job {
	return Job{Application: app, embedded: true, driverPod: driverPod, executorPod: executorPod}
}

// Embedded are the templates of pods that came with the job, by the names that the application gives their files.
func (j Job) Embedded() map[string][]byte {
	files := map[string][]byte{}
	for key, content := range map[string][]byte{submitter.ConfTemplate: j.driverPod, submitter.ConfExecutorTemplate: j.executorPod} {
		if len(content) > 0 {
			files[j.Application.Conf[key]] = content
		}
	}
	return files
}

// Manifest is the job as a SparkApplication, with the templates of its pods. Every error is a [*problem.Error] with exit code 2.
func (j Job) Manifest() (manifest.Submission, error) {
	s := manifest.Submission{Name: j.Name, Application: j.Application}
	var err error
	if s.DriverTemplate, err = j.template(); err != nil {
		return s, err
	}
	s.ExecutorTemplate, err = j.executorTemplate()
	return s, err
}

// template is that of the driver's pod; empty if there is none.
func (j Job) template() ([]byte, error) {
	if j.embedded {
		return j.driverPod, nil
	}
	path, err := j.Application.TemplatePath()
	if path == "" || err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, problem.Usage("check the path given as "+submitter.ConfTemplate+"; it must be mounted into the launcher's pod", "read the driver's pod template: %w", err)
	}
	return text, nil
}

// executorTemplate is that of the executors' pods; empty if there is none.
func (j Job) executorTemplate() ([]byte, error) {
	if j.embedded {
		return j.executorPod, nil
	}
	path, err := j.Application.ExecutorTemplatePath()
	if path == "" || err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, problem.Usage("check the path given as "+submitter.ConfExecutorTemplate+"; it must be mounted into the launcher's pod", "read the executors' pod template: %w", err)
	}
	return text, nil
}
