// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"slices"
	"strings"

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

	// embedded are the templates of pods that came with the job, by the key of Spark's that names their files: there are no such files.
	embedded map[string]podTemplate
	// whole says that the job is complete: neither files nor the environment here add to it. Then conf and hadoopConf are the files of
	// SPARK_CONF_DIR and HADOOP_CONF_DIR by name; nil if there is no such folder.
	whole            bool
	conf, hadoopConf map[string][]byte
}

// podTemplate is one that came with a job, and the name that the application gives its file.
type podTemplate struct {
	file    string
	content []byte
}

// JobOfArguments is the job that spark-submit's arguments ask for. Every error is a [*problem.Error] with exit code 2.
func JobOfArguments(argv []string) (Job, error) {
	app, err := submitter.ParseArguments(argv)
	return Job{Application: app}, err
}

// JobOfManifest is the job that a SparkApplication asks for. The names of its templates' files say what is in them: of two applications
// that differ in a template alone, one is not taken for the other. Every error is a [*problem.Error] with exit code 2.
func JobOfManifest(s manifest.Submission) (Job, error) {
	app := s.Application
	app.Options = slices.Clone(app.Options)
	j := Job{Name: s.Name, SparkVersion: s.SparkVersion, embedded: map[string]podTemplate{}}
	for key, t := range map[string]podTemplate{
		submitter.ConfTemplate: {s.DriverFile, s.DriverTemplate}, submitter.ConfExecutorTemplate: {s.ExecutorFile, s.ExecutorTemplate},
	} {
		if t.file == "" {
			continue
		}
		sum := sha256.Sum256(t.content)
		before := key + "=" + t.file
		t.file = strings.TrimSuffix(t.file, ".yaml") + "-" + hex.EncodeToString(sum[:4]) + ".yaml"
		for i, o := range app.Options {
			if o.Name == "--conf" && o.Value == before {
				app.Options[i].Value = key + "=" + t.file
			}
		}
		j.embedded[key] = t
	}
	var err error
	j.Application, err = submitter.ParseArguments(app.Argv())
	return j, err
}

// JobOfRecord is the job that a driver was made for, with the templates of its pods; empty where there is none.
func JobOfRecord(app submitter.Application, driverPod, executorPod []byte) Job {
	return Job{Application: app, embedded: map[string]podTemplate{
		submitter.ConfTemplate:         {app.Conf[submitter.ConfTemplate], driverPod},
		submitter.ConfExecutorTemplate: {app.Conf[submitter.ConfExecutorTemplate], executorPod},
	}}
}

// Whole is the job of a record with everything that its launcher had beside the arguments: properties that weigh less than these, and the
// files of SPARK_CONF_DIR and HADOOP_CONF_DIR by name. What is here adds nothing to it.
func (j Job) Whole(properties map[string]string, conf, hadoopConf map[string][]byte) Job {
	j.Application = j.Application.WithProperties(properties)
	j.whole, j.conf, j.hadoopConf = true, conf, hadoopConf
	return j
}

// Embedded are the templates of pods that came with the job, by the names that the application gives their files.
func (j Job) Embedded() map[string][]byte {
	files := map[string][]byte{}
	for key := range j.embedded {
		if content, is := j.own(key); is && len(content) > 0 {
			files[j.Application.Conf[key]] = content
		}
	}
	return files
}

// own is the template behind a key if it came with the job, and the application has not been given another file since.
func (j Job) own(key string) ([]byte, bool) {
	t, is := j.embedded[key]
	return t.content, is && t.file == j.Application.Conf[key]
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
	if content, is := j.own(submitter.ConfTemplate); is {
		return content, nil
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
	if content, is := j.own(submitter.ConfExecutorTemplate); is {
		return content, nil
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
