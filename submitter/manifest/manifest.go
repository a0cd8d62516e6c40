// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package manifest

import (
	"fmt"
	"strconv"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/submitter"
)

// API versions of the kinds that are read.
const (
	// KubeflowVersion is of kubeflow's operator (its api/v1beta2).
	KubeflowVersion = "sparkoperator.k8s.io/v1beta2"
	// ApacheVersion is of Apache's operator (its spark-operator-api, package v1).
	ApacheVersion = "spark.apache.org/v1"
)

const kindApplication = "SparkApplication"

// Submission is what one document asks for.
type Submission struct {
	// APIVersion is [KubeflowVersion] or [ApacheVersion].
	APIVersion string
	// Name is metadata.name. It is a hint for a run key: one name is one application, not one run of it.
	Name string
	// Namespace is metadata.namespace; empty if the document leaves it to the caller. The application's configuration has it too.
	Namespace string
	// SparkVersion is what the document says of the Spark in its images, such as 4.0.1.
	SparkVersion string
	// Application is what to run: its Argv is what spark-submit would be given by the operator, without what
	// belongs to the operator itself (its labels, the master, the wait). It has not passed [submitter.Application.Check].
	Application submitter.Application
	// DriverTemplate and ExecutorTemplate are the templates of the pods in YAML, each empty if nothing needs one. The application
	// names them as the files DriverFile and ExecutorFile, which the caller writes for an engine that reads files.
	DriverTemplate, ExecutorTemplate []byte
	// DriverFile and ExecutorFile are the paths that the application gives its templates; empty if there is none.
	DriverFile, ExecutorFile string
}

// Read reads all documents of a file of YAML or JSON, --- between them, and lists as kubectl get writes them. The templates of pods are named as files below folder, which
// should be the same each time: names are part of what tells one application from another. Every error is a
// [*problem.Error] with exit code 2, and names the document and the path of the field.
func Read(text []byte, folder string) ([]Submission, error) {
	documents, err := split(text)
	if err != nil {
		return nil, err
	}
	var submissions []Submission
	seen := map[string]bool{}
	for _, d := range documents {
		s, err := d.read(folder)
		if err != nil {
			return nil, err
		}
		id := s.Namespace + "/" + s.Name
		if seen[id] {
			return nil, d.usage("give each application a name of its own", "metadata.name: %q stands twice in this file", s.Name)
		}
		seen[id] = true
		submissions = append(submissions, s)
	}
	if len(submissions) == 0 {
		return nil, problem.Usage("write a SparkApplication of "+KubeflowVersion+" or "+ApacheVersion, "the file has no SparkApplication in it")
	}
	return submissions, nil
}

// read makes a submission of one document.
func (d document) read(folder string) (Submission, error) {
	switch {
	case d.APIVersion == KubeflowVersion && d.Kind == kindApplication:
		return d.kubeflow(folder)
	case d.APIVersion == ApacheVersion && d.Kind == kindApplication:
		return d.apache(folder)
	case d.Kind == "ScheduledSparkApplication":
		return Submission{}, d.usage("submit its spec.template as a SparkApplication, and let a scheduler run the submission", "kind: %s is a schedule, which needs its operator", d.Kind)
	default:
		return Submission{}, d.usage("write a SparkApplication of "+KubeflowVersion+" or "+ApacheVersion+"; apply other objects with kubectl",
			"apiVersion and kind: %q %q is not a SparkApplication that is known", d.APIVersion, d.Kind)
	}
}

// usage is a problem that says in which document it is.
func (d document) usage(hint, format string, args ...any) *problem.Error {
	return problem.Usage(hint, "document %d%s: %w", d.number, d.called(), fmt.Errorf(format, args...))
}

// called is what a person finds the object by, beside the number of its document.
func (d document) called() string {
	var called string
	if d.item > 0 {
		called = ", item " + strconv.Itoa(d.item)
	}
	if d.Metadata.Name != "" {
		called += " (" + d.Metadata.Name + ")"
	}
	return called
}
