// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparksubmit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/sparkctl/sparkctl/internal/exception"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/secret"
	"github.com/sparkctl/sparkctl/submitter/refused"
	"github.com/sparkctl/sparkctl/xcom"
)

// kinds are the known ways in which spark-submit fails, the most telling first: its exit code is 1 for nearly all of them.
func kinds() []refused.Kind {
	unreachable := refused.Unreachable()
	unreachable.Pattern = `code=(?:5\d\d|429)|TimeoutException|HttpClosedException|ClosedChannelException|StreamResetException|SocketException|EOFException|ConnectException|UnknownHostException|NoRouteToHostException|java\.io\.IOException|SSLHandshakeException`
	return slices.Concat(refused.Kinds(), []refused.Kind{
		{Pattern: `unresolved dependency`, Code: xcom.ExitRefused, Category: xcom.CategoryConfig, Reason: "PackageNotFound", Hint: "correct --packages (spark.jars.packages), or name with --repositories one that has it and that the launcher reaches"},
		refused.Exists(), refused.Forbidden(), refused.Unauthorized(), unreachable, refused.Invalid(),
		{
			Pattern: `Unrecognized option|Invalid argument to|Failed to get main class|Must specify|requirement failed|Please specify|Could not load pod from template file|IllegalArgumentException|SparkException|NoSuchFileException|FileNotFoundException`,
			Code:    xcom.ExitRefused, Category: xcom.CategoryConfig, Reason: "InvalidConfiguration", Hint: "mend the configuration that spark-submit names",
		},
	})
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
	if k, known := refused.Of(kinds(), whole(lines)); known {
		return k.Error(sentence(exitCode, text))
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
// "Caused by", without stacks and without Spark's log prefix, see [exception.First]; where there is no
// exception, the last line that says something. What looks like a secret is masked.
func Exceptions(lines []string) []string {
	var said []string
	if thrown, ok := exception.First(lines); ok {
		said = append(said, brief(thrown.Said))
		for _, cause := range thrown.Causes {
			said = append(said, brief(cause))
		}
	}
	// The Kubernetes client wraps the API server's refusal in itself, word for word.
	said = slices.Compact(said)
	for i := 1; i < len(said); i++ {
		said[i] = "caused by " + said[i]
	}
	for i := len(lines) - 1; i >= 0 && len(said) == 0; i-- {
		if line := strings.TrimSpace(plain(lines[i])); line != "" {
			said = append(said, secret.Mask(line))
		}
	}
	return said
}

// whole is all that was said of the failure: the code that the API server gave is not in the brief text.
func whole(lines []string) string {
	thrown, ok := exception.First(lines)
	if !ok {
		return strings.Join(lines, "\n")
	}
	return thrown.All()
}

// plain is a line as Spark's plain log has it: of a line of Spark 4's structured log (Spark:
// SparkLayout.json) its message.
func plain(line string) string {
	entry := gjson.GetMany(line, "level", "logger", "msg")
	if !strings.HasPrefix(line, "{") || !gjson.Valid(line) || entry[0].String() == "" {
		return line
	}
	message, _, _ := strings.Cut(entry[2].String(), "\n")
	return entry[0].String() + " " + entry[1].String() + ": " + message
}

// brief leaves out of an exception's line what a person does not need: the class of the
// client's exception before the words of the API server.
func brief(s exception.Said) string {
	line := s.String()
	switch {
	case strings.Contains(s.Raw, "Failure executing: ") && strings.Contains(s.Raw, ". Message: "):
		line = "the API server refused: " + s.Message
	case s.Class == "Error":
		line = "Error: " + s.Message
	}
	return strings.TrimRight(strings.TrimSpace(line), ".")
}
