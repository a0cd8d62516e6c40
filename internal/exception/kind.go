// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package exception

import (
	"strings"

	"github.com/sparkctl/sparkctl/internal/pattern"
)

// Kind is what an exception means to who has to act on it.
type Kind string

// The kinds. Application is everything that only the application's author can judge.
const (
	Application Kind = "Application"
	// MainClassNotFound: the main class is in none of the jars.
	MainClassNotFound Kind = "MainClassNotFound"
	// MainFileNotFound: the jar or the Python file is not there.
	MainFileNotFound Kind = "MainFileNotFound"
	// LibraryNotFound: a class or a Python module that the program needs is not there.
	LibraryNotFound Kind = "LibraryNotFound"
	// ResultTooLarge: the driver was sent more results than spark.driver.maxResultSize.
	ResultTooLarge Kind = "ResultTooLarge"
	// PythonWorkerCrashed: a Python worker of an executor ended without a word.
	PythonWorkerCrashed Kind = "PythonWorkerCrashed"
	// OutOfMemory: the program's own memory did not suffice: the JVM's heap, or Python's.
	OutOfMemory Kind = "OutOfMemory"
	// ExecutorOutOfMemory: that of an executor did not, and its task failed too often.
	ExecutorOutOfMemory Kind = "ExecutorOutOfMemory"
	// Forbidden: the API server refused the program something that its service account may not do.
	Forbidden Kind = "Forbidden"
	// LimitExceeded: it refused it for a LimitRange of the namespace.
	LimitExceeded Kind = "LimitExceeded"
	// PolicyDenied: an admission policy or webhook, or Pod Security, refused it.
	PolicyDenied Kind = "PolicyDenied"
	// QuotaExceeded: the API server refused it for the namespace's quota.
	QuotaExceeded Kind = "QuotaExceeded"
	// MaxExecutorFailures: more executors failed than spark.executor.maxNumFailures allows.
	MaxExecutorFailures Kind = "MaxExecutorFailures"
)

// Patterns of the kinds, as Spark 3.3 to 4.3, OpenJDK, CPython and Kubernetes word them.
const (
	noClass      = `^Error: (?:Failed to load class|Could not find or load main class) `
	noJar        = `; local jar \S+ does not exist$`
	noFile       = `: can't open file '`
	noMemory     = `java\.lang\.OutOfMemoryError(?:: (?:Java heap space|GC overhead limit exceeded|Metaspace|Compressed class space|Direct buffer memory|Cannot reserve .* direct buffer memory|Requested array size exceeds VM limit|Required length exceeds implementation limit).*|: ?)?$|^(?:[\w.]*\.)?MemoryError\b`
	noLibrary    = `^java\.lang\.(?:ClassNotFoundException|NoClassDefFoundError): |^ModuleNotFoundError: |No FileSystem for scheme |^java\.sql\.SQLException: No suitable driver`
	tooLarge     = `is bigger than spark\.driver\.maxResultSize`
	workerGone   = `Python worker exited unexpectedly`
	executorGone = `ExecutorLostFailure .*(?:OOM|OutOfMemory|out of memory)`
	tooManyGone  = `Max number of executor failures`
	refused      = `is forbidden: User "[^"]*" cannot |code=403\b`
	overQuota    = `exceeded quota`
	overLimit    = `is forbidden: \[?(?:maximum|minimum) \S+ usage per |max limit to request ratio`
	denied       = `ValidatingAdmissionPolicy '|violates PodSecurity|admission webhook .* denied`
)

// classify says what an exception means, by itself and by what caused it, before anything is masked or cut.
func classify(t Thrown) Kind {
	whole := t.All()
	is := func(says string) bool { return pattern.Of(`(?m)` + says).MatchString(whole) }
	inTask := strings.Contains(whole, "Job aborted due to stage failure: Task ")
	switch {
	case is(noJar), is(noFile), t.missingFile:
		return MainFileNotFound
	case is(noClass):
		return MainClassNotFound
	case inTask && (is(noMemory) || is(executorGone)):
		return ExecutorOutOfMemory
	case is(noMemory):
		return OutOfMemory
	case is(tooLarge):
		return ResultTooLarge
	case is(workerGone):
		return PythonWorkerCrashed
	case is(noLibrary):
		return LibraryNotFound
	case is(overQuota):
		return QuotaExceeded
	case is(overLimit):
		return LimitExceeded
	case is(denied):
		return PolicyDenied
	case is(refused):
		return Forbidden
	case is(tooManyGone):
		return MaxExecutorFailures
	default:
		return Application
	}
}

// generic tells whether an exception only says that something else had ended before
// (Spark: SparkContext, DAGScheduler, PythonRunner; py4j: java_gateway, protocol).
func generic(t Thrown) bool {
	return pattern.Of(`SparkContext was shut ?down|on a stopped SparkContext|SparkContext has been shut ?down|` +
		`^py4j\.protocol\.Py4JNetworkError|Py4JError: Answer from Java side is empty|Py4JError: An error occurred while calling [^:]*(?:stop|close)$|` +
		`^ConnectionRefusedError|^ConnectionResetError|^BrokenPipeError|` +
		`SparkUserAppException|^java\.lang\.InterruptedException|RpcEnv already stopped|RpcEnvStoppedException|Could not find CoarseGrainedScheduler`).MatchString(t.Raw)
}
