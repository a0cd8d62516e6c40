// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/exception"
	"github.com/sparkctl/sparkctl/internal/secret"
	"github.com/sparkctl/sparkctl/xcom"
)

// exitCode is what a code of the driver's container stands for.
type exitCode struct {
	category xcom.Category
	reason   string // empty: the container's own, which is mostly Error
	meaning  string
	hint     string // empty: read its log
	// thrown: the exception, where it is known, says it better.
	thrown bool
}

// meaning is what a driver's exit code stands for where Spark (SparkExitCode, ExecutorExitCode, SparkSubmit), the
// JVM, the shell or the kernel gave it a meaning. An application can end with any of them by its own choice.
func meaning(code int32) exitCode {
	known, ok := map[int32]exitCode{
		1:   {meaning: "an exception that nobody caught, or an exit with code 1", thrown: true},
		11:  {reason: "MaxExecutorFailures", meaning: "too many executors failed", hint: "find out why executors fail: run it with spark.kubernetes.executor.deleteOnTermination=false and read the log of one that failed; spark.executor.maxNumFailures is how many may"},
		50:  {meaning: "an exception that nobody caught", thrown: true},
		51:  {meaning: "an exception that nobody caught, and another one while it was handled", thrown: true},
		52:  {category: xcom.CategoryMemory, reason: "OutOfMemoryError", meaning: "the JVM ran out of memory", hint: heapHint},
		53:  {meaning: "a local folder could not be created"},
		101: {category: xcom.CategoryConfig, reason: "MainClassNotFound", meaning: "the main class was not found", hint: "check --class, and that the main file or --jars holds it"},
		124: {reason: "DriverTimeout", meaning: "spark.driver.timeout passed", hint: "raise spark.driver.timeout"},
		126: {category: xcom.CategoryConfig, reason: "CommandNotExecutable", meaning: "the command cannot be executed", hint: imageCommandHint},
		127: {category: xcom.CategoryConfig, reason: "CommandNotFound", meaning: "the command was not found", hint: imageCommandHint},
		134: {reason: "SIGABRT", meaning: "SIGABRT: the JVM crashed", hint: "look for hs_err_pid and the crash report in the driver's log"},
		137: {category: xcom.CategoryUnknown, reason: sigkill, meaning: "SIGKILL: killed, and Kubernetes does not know by whom; lack of memory is the most frequent", hint: "look for a process that was killed in the driver's log and the node's kernel log; raise spark.driver.memoryOverhead if it was memory"},
		139: {reason: "SIGSEGV", meaning: "SIGSEGV: the process crashed", hint: "look for hs_err_pid and the crash report in the driver's log"},
		143: {category: xcom.CategoryUnknown, reason: sigterm, meaning: "SIGTERM: asked to end, and Kubernetes does not know by whom", hint: "find out what sends SIGTERM in the container: no deletion of the pod was seen"},
	}[code]
	if !ok && code > 128 && code < 160 {
		known.meaning = fmt.Sprintf("signal %d", code-128)
	}
	if known.category == "" {
		known.category = xcom.CategoryApplication
	}
	return known
}

const (
	sigkill = "SIGKILL"
	sigterm = "SIGTERM"

	heapHint         = "raise spark.driver.memory, or hold less in the driver: collect() and broadcast variables are its usual load"
	overheadHint     = "raise spark.driver.memory, or spark.driver.memoryOverhead when the memory is used outside the JVM's heap"
	architectureHint = "use an image for the node's architecture, or choose the node: spark.kubernetes.driver.node.selector.kubernetes.io/arch"
	imageCommandHint = "check that the image has Spark's entrypoint, and the container's command in the pod template"
)

// driverFailed is the cause of a driver that ended with a code of its own.
func driverFailed(pod *corev1.Pod, container string, end *corev1.ContainerStateTerminated) *xcom.Cause {
	known := meaning(end.ExitCode)
	switch {
	case end.Reason == "OOMKilled" && end.ExitCode == 137:
		return &xcom.Cause{
			Category: xcom.CategoryMemory, Reason: end.Reason, Retryable: no(), Hint: overheadHint,
			Message: "the driver's container used more memory than its limit and was killed (exit code 137)",
		}
	case end.Reason == "OOMKilled":
		// The flag says that some process of the container was killed, at some time.
		return &xcom.Cause{
			Category: xcom.CategoryMemory, Reason: end.Reason, Retryable: no(), Hint: overheadHint,
			Message: fmt.Sprintf("a process in the driver's container was killed for lack of memory, and the driver exited with code %d%s", end.ExitCode, inWords(end.ExitCode)),
		}
	}
	cause := &xcom.Cause{
		Category: known.category, Reason: known.reason, Hint: known.hint,
		Message: fmt.Sprintf("the driver exited with code %d%s", end.ExitCode, inWords(end.ExitCode)),
	}
	if cause.Reason == "" {
		cause.Reason = reasonOf(end)
	}
	if cause.Hint == "" {
		cause.Hint = "read the driver's log: " + logCommand(pod, container)
	}
	if known.category == xcom.CategoryConfig || known.category == xcom.CategoryMemory {
		cause.Retryable = no()
	}
	return cause
}

func reasonOf(end *corev1.ContainerStateTerminated) string {
	if end.Reason != "" {
		return end.Reason
	}
	return "Error"
}

// inWords says what an exit code stands for, in brackets; nothing when that is not known.
func inWords(code int32) string {
	if text := meaning(code).meaning; text != "" {
		return " (" + text + ")"
	}
	return ""
}

// explainedByPod is v with what the pod itself holds of the driver's last words: the exception that Spark 4.1 writes into
// an annotation when spark.kubernetes.driver.annotateExitException is set, else
// what the driver left as its termination message, which can be the tail of its log.
func (v Verdict) explainedByPod(pod *corev1.Pod, end *corev1.ContainerStateTerminated) Verdict {
	if thrown := pod.Annotations[driver.AnnotationExitException]; thrown != "" {
		return v.explainedBy(strings.Split(thrown, "\n"))
	}
	lines := strings.Split(strings.TrimSpace(end.Message), "\n")
	if explained := v.explainedBy(lines); !explained.Unexplained {
		return explained
	}
	said := strings.TrimSpace(lines[len(lines)-1])
	if said == "" {
		return v
	}
	cause := *v.Cause
	cause.Message += ": " + exception.Shorten(secret.Mask(said))
	v.Cause, v.Unexplained = &cause, false
	return v
}

// Killed reports whether the driver ended by a signal and its pod does not say from whom.
func (v Verdict) Killed() bool {
	return v.Unexplained && v.Cause != nil && (v.Cause.Reason == sigkill || v.Cause.Reason == sigterm)
}

// KilledFor is v with why the kubelet killed the driver's container, which only events tell: a failed postStart hook, or a
// probe of the pod template. It is v itself where the driver was not killed, or the events do not say why.
func (v Verdict) KilledFor(events []corev1.Event) Verdict {
	if !v.Killed() {
		return v
	}
	cause := xcom.Cause{Category: xcom.CategoryConfig, Retryable: no()}
	if hook := latest(events, "FailedPostStartHook"); hook != nil {
		cause.Reason, cause.Hint = hook.Reason, "correct lifecycle.postStart in the driver's pod template"
		cause.Message = "the driver's container was killed because its postStart hook failed: " + sentence(hook.Message, hook.Reason)
	} else if kill := latest(events, "Killing"); kill != nil && strings.Contains(kill.Message, " probe, will be restarted") {
		cause.Reason, cause.Hint = "ProbeFailed", "correct or remove the probe in the driver's pod template: a busy JVM can be late"
		cause.Message = "the driver's container was killed because a probe of it failed"
		if unhealthy := latest(events, "Unhealthy"); unhealthy != nil {
			cause.Message += ": " + sentence(unhealthy.Message, unhealthy.Reason)
		}
	} else {
		return v
	}
	v.Cause, v.Unexplained = &cause, false
	return v
}

// Explained is v with what the driver's log says of its end, or of why it does not end; v itself when that
// is nothing. log is the last lines of the driver's log, oldest first.
func (v Verdict) Explained(log []string) Verdict {
	if !v.Unexplained || v.Cause == nil {
		return v
	}
	if v.Cause.Reason == runningTimeout {
		return v.hanging(log)
	}
	return v.explainedBy(log)
}

// explainedBy is v with what a text tells of the driver's end: the exception that ended it, or that its image is for
// other machines.
func (v Verdict) explainedBy(lines []string) Verdict {
	for _, line := range lines {
		// The runtime's last words, in the container's place (runc, libcontainer's exec).
		if strings.HasPrefix(line, "exec ") && strings.HasSuffix(strings.TrimSpace(line), ": exec format error") {
			cause := *v.Cause
			cause.Category, cause.Reason, cause.Retryable = xcom.CategoryConfig, "ExecFormatError", no()
			cause.Message = "the driver's container could not be started: " + strings.TrimSpace(line)
			cause.Hint = architectureHint + "; a script needs a first line that names its interpreter"
			v.Cause, v.Unexplained = &cause, false
			return v
		}
	}
	return v.thrown(lines)
}

// thrown is v with the exception that ended the driver, as a text tells it.
func (v Verdict) thrown(lines []string) Verdict {
	thrown, ok := exception.Last(lines)
	if !ok {
		return v
	}
	cause := *v.Cause
	if code := int32(*v.DriverCode); meaning(code).thrown {
		cause.Message = strings.Replace(cause.Message, inWords(code), "", 1)
	}
	cause.Message += ": " + thrown.Sentence()
	if meant, ok := meansOf(thrown.Kind); ok && cause.Reason != "OOMKilled" {
		cause.Category, cause.Reason, cause.Hint = meant.category, meant.reason, meant.hint
		cause.Retryable = meant.retryable
	}
	v.Cause, v.Unexplained = &cause, false
	return v
}

// means is what an exception makes of a cause.
type means struct {
	category     xcom.Category
	reason, hint string
	retryable    *bool
}

// meansOf says what a kind of exception makes of the cause of an end; ok is false when nothing.
func meansOf(kind exception.Kind) (means, bool) {
	m, ok := map[exception.Kind]means{
		exception.MainClassNotFound: {xcom.CategoryConfig, "MainClassNotFound", "check --class, and that the main file or --jars holds it", no()},
		exception.MainFileNotFound:  {xcom.CategoryConfig, "MainFileNotFound", "check the path of the main file; local:// names a file in the driver's image", no()},
		exception.LibraryNotFound: {
			xcom.CategoryConfig, "LibraryNotFound", "add what is missing to the image, or with --packages, --jars or --py-files", no(),
		},
		exception.ResultTooLarge: {xcom.CategoryApplication, "ResultTooLarge", "collect less in the driver, or raise spark.driver.maxResultSize", no()},
		exception.PythonWorkerCrashed: {
			xcom.CategoryApplication, "PythonWorkerCrashed",
			"mostly it was killed for lack of memory: raise spark.executor.memoryOverhead, set spark.executor.pyspark.memory, or make the partitions smaller", nil,
		},
		exception.OutOfMemory: {xcom.CategoryMemory, "OutOfMemoryError", heapHint, no()},
		exception.ExecutorOutOfMemory: {
			xcom.CategoryMemory, "ExecutorOutOfMemory", "raise spark.executor.memory or spark.executor.memoryOverhead, or make the partitions smaller", no(),
		},
		exception.Forbidden: {
			xcom.CategoryPermission, "Forbidden",
			"give the driver's service account (spark.kubernetes.authenticate.driver.serviceAccountName) what is refused; a Role is in examples/rbac/driver.yaml", no(),
		},
		exception.LimitExceeded:       {xcom.CategoryQuota, "LimitRange", "let the executors ask for no more, and no less, than the namespace allows: kubectl describe limitrange", no()},
		exception.PolicyDenied:        {xcom.CategoryAdmission, "PolicyDenied", "mend what is refused in the executors: their configuration, or spark.kubernetes.executor.podTemplateFile", no()},
		exception.QuotaExceeded:       {xcom.CategoryQuota, "QuotaExceeded", "wait until there is room, lower what the executors request, or raise the ResourceQuota", yes()},
		exception.MaxExecutorFailures: {xcom.CategoryApplication, "MaxExecutorFailures", meaning(11).hint, nil},
	}[kind]
	return m, ok
}

// hanging is v, the verdict about a driver that runs for too long, with why it does where its log tells.
func (v Verdict) hanging(lines []string) Verdict {
	for _, line := range slices.Backward(lines) {
		if strings.Contains(line, "Successfully stopped SparkContext") {
			cause := *v.Cause
			cause.Message += "; its SparkContext has stopped, and its process does not end because a thread of the application goes on"
			cause.Hint = "stop the application's threads or make them daemons, or end it with System.exit (os._exit in Python); on the JVM, from Spark 4.1, spark.submit.callSystemExitOnMainExit=true does it"
			v.Cause, v.Unexplained = &cause, false
			return v
		}
	}
	return v
}

// WithoutExecutors is v, the verdict about a driver that runs for too long, with why it has no executor; v
// itself where something better explains it, or why is empty.
func (v Verdict) WithoutExecutors(why string) Verdict {
	if !v.Unexplained || v.Cause == nil || v.Cause.Reason != runningTimeout || why == "" {
		return v
	}
	cause := *v.Cause
	cause.Message += "; " + why
	cause.Hint = "see to its executors, whose pods have the label spark-role=executor; or end the driver: delete its pod"
	v.Cause, v.Unexplained = &cause, false
	return v
}
