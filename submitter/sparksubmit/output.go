// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparksubmit

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/xcom"
)

// kind is a known way in which spark-submit fails, told from its text: its exit code is 1 for nearly all of them.
type kind struct {
	pattern  string
	code     xcom.ExitCode
	category xcom.Category
	reason   string
	hint     string
}

// kinds are the known ways, the most telling first.
func kinds() []kind {
	return []kind{
		{`exceeded quota`, xcom.ExitRetry, xcom.CategoryQuota, "QuotaExceeded", "wait for other applications to end, or raise the quota: kubectl describe resourcequota"},
		{`failed quota`, xcom.ExitRefused, xcom.CategoryQuota, "QuotaUnspecified", "set what it names, such as spark.kubernetes.driver.limit.cores: kubectl describe resourcequota"},
		{`violates PodSecurity`, xcom.ExitRefused, xcom.CategoryAdmission, "PodSecurity", "give driver and executors the security contexts it asks for with spark.kubernetes.driver.podTemplateFile and spark.kubernetes.executor.podTemplateFile"},
		{`admission webhook .* denied`, xcom.ExitRefused, xcom.CategoryAdmission, "WebhookDenied", "mend what the webhook names, or ask who runs it"},
		{`failed calling webhook`, xcom.ExitRetry, xcom.CategoryAdmission, "WebhookUnavailable", "wait until the webhook that it names answers, then submit again"},
		{`error looking up service account|serviceaccount "[^"]*" not found`, xcom.ExitRefused, xcom.CategoryConfig, "ServiceAccountNotFound", "create it, or name another with spark.kubernetes.authenticate.driver.serviceAccountName"},
		{`namespaces "[^"]*" not found`, xcom.ExitRefused, xcom.CategoryConfig, "NamespaceNotFound", "create it, or name another with --namespace"},
		{`code=409|already exists`, xcom.ExitConflict, xcom.CategoryConfig, "AlreadyExists", "delete the pod of that name, or give another --run-key"},
		{`code=403|is forbidden`, xcom.ExitRefused, xcom.CategoryPermission, "Forbidden", "give the launcher's service account the rights in examples/rbac/launcher.yaml"},
		{`code=401|Unauthorized`, xcom.ExitRefused, xcom.CategoryPermission, "Unauthorized", "check the launcher's credentials: its service account token, or the kubeconfig"},
		{`code=(?:5\d\d|429)|SocketTimeoutException|ConnectException|UnknownHostException|NoRouteToHostException|java\.io\.IOException|SSLHandshakeException|KubernetesClientTimeoutException`, xcom.ExitRetry, xcom.CategoryAPI, "Unreachable", "check the network to the API server, then submit again"},
		{`code=4\d\d`, xcom.ExitRefused, xcom.CategoryConfig, "Refused", "mend the configuration that the API server names"},
		{`Unrecognized option|Invalid argument to|Failed to get main class|Must specify|requirement failed|Please specify|Could not load pod from template file|IllegalArgumentException|SparkException|NoSuchFileException|FileNotFoundException`, xcom.ExitRefused, xcom.CategoryConfig, "InvalidConfiguration", "mend the configuration that spark-submit names"},
	}
}

// Explain makes an error of a failed spark-submit's exit code and its last lines of
// output, those of standard error last: its own first exception and the causes of that, not the whole stack.
func Explain(exitCode int, lines []string) error {
	text := strings.Join(Exceptions(lines), "; ")
	switch exitCode {
	case 137:
		return problem.New(xcom.ExitRetry, xcom.CategoryMemory, "Killed",
			"raise the launcher's memory limit, or set SPARK_SUBMIT_OPTS=-Xmx512m", "spark-submit was killed (SIGKILL), often for lack of memory").Retryable(true)
	case 143, 130:
		return problem.New(xcom.ExitCancelled, xcom.CategoryCancelled, "Cancelled", "", "spark-submit was asked to end (exit code %d) before it had made the driver", exitCode)
	}
	// Told from what was said in full: the code that the API server gave is not in the brief text.
	whole := strings.Join(exceptions(lines), "\n")
	if whole == "" {
		whole = strings.Join(lines, "\n")
	}
	for _, k := range kinds() {
		if !regexp.MustCompile(k.pattern).MatchString(whole) {
			continue
		}
		return problem.New(k.code, k.category, k.reason, k.hint, "%s", sentence(exitCode, text)).Retryable(k.code == xcom.ExitRetry)
	}
	return problem.New(xcom.ExitRefused, xcom.CategoryUnknown, "SparkSubmitFailed", "read the launcher's log above", "%s", sentence(exitCode, text))
}

func sentence(exitCode int, text string) string {
	if text == "" {
		return fmt.Sprintf("spark-submit ended with code %d and said nothing", exitCode)
	}
	return fmt.Sprintf("spark-submit ended with code %d: %s", exitCode, text)
}

// Exceptions returns what a JVM says of its failure: the exception that ended it and each
// "Caused by", without stacks and without Spark's log prefix; where there is no
// exception, the last line that says something.
func Exceptions(lines []string) []string {
	said := exceptions(lines)
	for i := range said {
		said[i] = brief(said[i])
	}
	// The Kubernetes client wraps the API server's refusal in itself, word for word.
	said = slices.Compact(said)
	for i := 1; i < len(said); i++ {
		said[i] = "caused by " + said[i]
	}
	for i := len(lines) - 1; i >= 0 && len(said) == 0; i-- {
		if line := strings.TrimSpace(plain(lines[i])[0]); line != "" {
			said = append(said, line)
		}
	}
	return said
}

// exceptions returns the lines of the exception that ended a JVM, and of its causes, as they were said.
func exceptions(lines []string) []string {
	first := regexp.MustCompile(`^(?:Exception in thread "[^"]*" |Error: |.*\bERROR \S+: )?((?:[\w$]+\.)*[\w$]*(?:Exception|Error)\b.*)$`)
	// What stands before it was survived: a retry's warning has an exception as well.
	for i, line := range slices.Backward(lines) {
		if strings.HasPrefix(line, `Exception in thread "main" `) {
			lines = lines[i:]
			break
		}
	}
	var said []string
	for _, line := range lines {
		for _, line := range plain(line) {
			if cause, ok := strings.CutPrefix(line, "Caused by: "); ok {
				said = append(said, cause)
			} else if match := first.FindStringSubmatch(line); len(said) == 0 && match != nil {
				said = append(said, match[1])
			}
		}
	}
	return said
}

// plain is a line as Spark's plain log has it: of a line of Spark 4's structured log (Spark:
// SparkLayout.json) its message, and the exception of an error as a line of its own.
func plain(line string) []string {
	line = strings.TrimRight(line, "\r")
	var entry struct {
		Level, Logger, Msg string
		Exception          *struct{ Class, Msg string }
	}
	if !strings.HasPrefix(line, "{") || json.Unmarshal([]byte(line), &entry) != nil || entry.Level == "" {
		return []string{line}
	}
	message, _, _ := strings.Cut(entry.Msg, "\n")
	lines := []string{entry.Level + " " + entry.Logger + ": " + message}
	if entry.Exception != nil && (entry.Level == "ERROR" || entry.Level == "FATAL") {
		message, _, _ = strings.Cut(entry.Exception.Msg, "\n")
		lines = append(lines, strings.TrimSuffix(entry.Exception.Class+": "+message, ": "))
	}
	return lines
}

// brief leaves out of an exception's line what a person does not need: the client's
// dump of the API server's status behind its message, and the package of the class.
func brief(line string) string {
	if message, _, ok := strings.Cut(line, " Received status: "); ok {
		line = message
	}
	if _, message, ok := strings.Cut(line, ". Message: "); ok && strings.Contains(line, "Failure executing: ") {
		line = "the API server refused: " + message
	}
	return strings.TrimRight(strings.TrimSpace(line), ".")
}
