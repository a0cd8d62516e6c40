// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package native is the engine that needs no JVM: it makes the objects that spark-submit would make.
//
// [Build] is pure: it turns an [Input] into [Objects] by the feature steps of Spark's KubernetesDriverBuilder, one file
// per step, named and ordered as there. [Engine] carries the objects to the API server.
package native

import (
	"maps"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/sparkctl/sparkctl/submitter"
)

// Input is everything that a driver's objects are made of. Nothing is read from anywhere else.
type Input struct {
	// Plan says what to run, where, under which name, and as whose. Its application has passed [submitter.Application.Check].
	Plan submitter.Plan
	// Spark is the version of Spark in the driver's image.
	Spark Version
	// ApplicationID is Spark's, fresh for each attempt: "spark-" and 32 hex digits.
	ApplicationID string
	// UniqueID makes the names of the objects beside the pod; Spark: KubernetesUtils.uniqueID, up to 16 hex digits.
	UniqueID string
	// LocalDirID names the folder for local files; Spark: a random UUID.
	LocalDirID string
	// Submitted is when the application was submitted (Spark: spark.app.submitTime).
	Submitted time.Time
	// Launcher is what the launcher's surroundings say to Spark.
	Launcher Launcher
}

// Launcher is what spark-submit would read from the environment and the files of the place where it runs.
type Launcher struct {
	// User is the name of the user that submits (Spark: Utils.getCurrentUserName).
	User string
	// Env is the environment: those of Spark's variables that count for a submission, such as SPARK_LOCAL_DIRS.
	Env map[string]string
	// Conf and HadoopConf are the files of SPARK_CONF_DIR and HADOOP_CONF_DIR by name; nil if there is no such folder.
	Conf, HadoopConf map[string][]byte
	// Files are the contents of the files that the configuration names beside these, by path; see [LauncherFiles].
	Files map[string][]byte
	// ExecutorTemplate is the file that spark.kubernetes.executor.podTemplateFile names.
	ExecutorTemplate []byte
}

// Objects are what a submission creates.
type Objects struct {
	// Pod is the driver's, with our scheduling gate.
	Pod *corev1.Pod
	// Before are made before the pod, and are owned by it once it exists (Spark: driverPreKubernetesResources).
	Before []Object
	// Owned are made after it, owned by it from birth.
	Owned []Object
}

// Object is one that can be named and owned.
type Object interface {
	runtime.Object
	metav1.Object
}

// Build makes the objects of a driver as the spark-submit of that version would, and refuses what needs a JVM: uploads of the
// launcher's files, delegation tokens, feature steps of one's own. It differs from spark-submit on purpose in this:
//
//   - What Spark takes from its maps in the order of hashes is in the order of names, and local folders are in the order in which they
//     were given, where Spark shuffles them.
//   - One UniqueID is in all names; Spark takes up to three.
//   - Packages (spark.jars.packages) are resolved by the driver alone; spark-submit resolves them as well and uses nothing of it.
//   - What an API server would refuse of the objects beside the pod is refused here, before the pod is made.
//
// Every error is a [*problem.Error] with exit code 2.
func Build(in Input) (Objects, error) {
	if err := in.Spark.Check(); err != nil {
		return Objects{}, err
	}
	if err := in.Plan.Application.CheckOptions(in.Spark.Major, in.Spark.Minor); err != nil {
		return Objects{}, err
	}
	c := newDriverConf(in)
	unsupported(c)
	d := initialSpec(c)
	maps.Copy(d.properties, c.values)
	for _, step := range stepsFor(c) {
		if c.wrong == nil {
			step.apply(c, d)
		}
	}
	finish(c, d)
	valid(c, d)
	if c.wrong != nil {
		return Objects{}, c.wrong
	}
	return Objects{Pod: d.pod, Before: d.before, Owned: d.owned}, nil
}
