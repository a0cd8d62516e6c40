// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparksubmit

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/xcom"
)

// refusal is what Spark 3.5.9 and 4.3.0 print when the API server refuses the driver pod, stacks shortened.
func refusal(code int, reason, message string) []string {
	line := fmt.Sprintf("io.fabric8.kubernetes.client.KubernetesClientException: Failure executing: POST at: https://10.0.0.1/api/v1/namespaces/ns/pods. "+
		"Message: %s. Received status: Status(apiVersion=v1, code=%d, details=null, kind=Status, message=%s, metadata=ListMeta(_continue=null), reason=%s, status=Failure, additionalProperties={}).",
		message, code, message, reason)
	return []string{
		"26/11/21 10:49:41 INFO SparkKubernetesClientFactory: Auto-configuring K8S client using current context from users K8S config file",
		`26/11/21 10:49:46 ERROR Client: Please check "kubectl auth can-i create pod" first. It should be yes.`,
		`Exception in thread "main" ` + line,
		"\tat io.fabric8.kubernetes.client.KubernetesClientException.copyAsCause(KubernetesClientException.java:205)",
		"Caused by: " + line,
		"\t... 14 more",
		"26/11/21 10:49:56 INFO ShutdownHookManager: Shutdown hook called",
	}
}

// unreachable is what it prints when its client gets no answer.
func unreachable(cause string) []string {
	return []string{
		`Exception in thread "main" io.fabric8.kubernetes.client.KubernetesClientException: Operation: [create]  for kind: [Pod]  with name: [null]  in namespace: [ns]  failed.`,
		"\tat io.fabric8.kubernetes.client.KubernetesClientException.launderThrowable(KubernetesClientException.java:159)",
		"Caused by: " + cause,
		"\t... 12 more",
	}
}

func textLines(text string) []string { return strings.Split(text, "\n") }

func TestExceptions(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lines []string
		want  []string
	}{
		"nothing":                         {nil, nil},
		"blank lines":                     {[]string{"", "  ", "\r"}, nil},
		"the last line, where none fails": {textLines("/opt/spark/bin/spark-class: line 71: /usr/lib/jvm/bin/java: No such file or directory\n\n"), []string{"/opt/spark/bin/spark-class: line 71: /usr/lib/jvm/bin/java: No such file or directory"}},
		"an exception, not its stack and not the log around it": {
			textLines("26/11/21 10:11:17 INFO SparkKubernetesClientFactory: Auto-configuring K8S client\n" +
				"Exception in thread \"main\" org.apache.spark.SparkException: Must specify the driver container image\n" +
				"\tat org.apache.spark.deploy.k8s.features.BasicDriverFeatureStep.$anonfun$driverContainerImage$1(BasicDriverFeatureStep.scala:45)\n" +
				"26/11/21 10:11:18 INFO ShutdownHookManager: Shutdown hook called"),
			[]string{"org.apache.spark.SparkException: Must specify the driver container image"},
		},
		"the API server's refusal once, without the client's dump of it": {
			refusal(409, "AlreadyExists", `pods "x" already exists`),
			[]string{`the API server refused: pods "x" already exists`},
		},
		"a refusal whose message ends a sentence": {
			refusal(429, "TooManyRequests", "Too many requests, please try again later."),
			[]string{"the API server refused: Too many requests, please try again later"},
		},
		"every cause": {
			append(unreachable("java.io.IOException: timeout"), "Caused by: java.net.SocketTimeoutException: timeout"),
			[]string{
				"io.fabric8.kubernetes.client.KubernetesClientException: Operation: [create]  for kind: [Pod]  with name: [null]  in namespace: [ns]  failed",
				"caused by java.io.IOException: timeout", "caused by java.net.SocketTimeoutException: timeout",
			},
		},
		"a cause, where what it caused is not there any more": {textLines("\tat x.Y\nCaused by: java.net.ConnectException: Connection refused\n\t... 3 more"), []string{"java.net.ConnectException: Connection refused"}},
		"the end of it, not the exception of a warning before": {
			textLines("26/11/21 10:00:00 WARN Utils: Exception\njava.io.IOException: not so bad\n\tat x.Y\nCaused by: java.io.EOFException\n" +
				"Exception in thread \"main\" java.lang.IllegalArgumentException: requirement failed: bad"),
			[]string{"java.lang.IllegalArgumentException: requirement failed: bad"},
		},
		"an error that is logged": {textLines("26/11/21 10:00:00 ERROR SparkSubmit: java.lang.OutOfMemoryError: Java heap space"), []string{"java.lang.OutOfMemoryError: Java heap space"}},
		"an exception behind the prefix of another layout": {
			textLines("2019-04-25 13:37:01 ERROR Client:54 - x\nException in thread \"main\" java.lang.NullPointerException"),
			[]string{"java.lang.NullPointerException"},
		},
		"lines that end as on Windows": {[]string{"Exception in thread \"main\" java.lang.IllegalStateException: x\r", "\tat x.Y\r", "Caused by: java.lang.Error: y\r"}, []string{"java.lang.IllegalStateException: x", "caused by java.lang.Error: y"}},
		"Spark's own word on an option": {
			textLines("Error: Unrecognized option: --load-spark-defaults\n\nUsage: spark-submit [options] <app jar | python file | R file> [app arguments]\n  --master MASTER_URL  x"),
			[]string{"Error: Unrecognized option: --load-spark-defaults"},
		},
		"the JVM's own word on a class": {
			textLines("Error: Could not find or load main class org.apache.spark.launcher.Main\nCaused by: java.lang.ClassNotFoundException: org.apache.spark.launcher.Main"),
			[]string{"Error: Could not find or load main class org.apache.spark.launcher.Main", "caused by java.lang.ClassNotFoundException: org.apache.spark.launcher.Main"},
		},
		"Python's": {
			textLines("Traceback (most recent call last):\n  File \"/opt/find_spark_home.py\", line 3, in <module>\n    import pyspark\nModuleNotFoundError: No module named 'pyspark'"),
			[]string{"ModuleNotFoundError: No module named 'pyspark'"},
		},
		"no line that only talks of one": {textLines("26/11/21 10:00:00 INFO X: no Exception here, nor an Error: all is well\nErrorHandler is set"), []string{"ErrorHandler is set"}},
		"a plain exception between Spark 4's structured lines": {
			textLines(`{"ts":"2026-11-21T10:48:55.961Z","level":"INFO","msg":"Auto-configuring K8S client using current context from users K8S config file","context":{"k8s_context":"current context"},"logger":"SparkKubernetesClientFactory"}` +
				"\nException in thread \"main\" org.apache.spark.SparkException: Must specify the driver container image\n" +
				`{"ts":"2026-11-21T10:49:03.319Z","level":"INFO","msg":"Shutdown hook called","logger":"ShutdownHookManager"}`),
			[]string{"org.apache.spark.SparkException: Must specify the driver container image"},
		},
		"a structured error's exception": {
			textLines(`{"ts":"x","level":"WARN","msg":"slow","exception":{"class":"java.io.IOException","msg":"survived"},"logger":"Client"}` + "\n" +
				`{"ts":"x","level":"ERROR","msg":"it failed","exception":{"class":"org.apache.spark.SparkException","msg":"no\nmore","stacktrace":[{"class":"x","method":"y"}]},"logger":"SparkSubmit"}`),
			[]string{"org.apache.spark.SparkException: no"},
		},
		"a structured exception without a message":      {textLines(`{"level":"ERROR","msg":"x","exception":{"class":"java.lang.NullPointerException","msg":null},"logger":"X"}`), []string{"java.lang.NullPointerException"}},
		"a structured line's message, where none fails": {textLines(`{"ts":"x","level":"INFO","msg":"Shutdown hook called","logger":"ShutdownHookManager"}`), []string{"INFO ShutdownHookManager: Shutdown hook called"}},
		"no JSON that is not a log line":                {textLines(`{"exception":{"class":"a.BException"}}`), []string{`{"exception":{"class":"a.BException"}}`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, Exceptions(test.lines)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	type told struct {
		Code   xcom.ExitCode
		Reason string
		Retry  any // nil: unknown
	}
	for name, test := range map[string]struct {
		lines []string
		want  told
	}{
		"the name is taken":          {refusal(409, "AlreadyExists", `object is being deleted: pods "x" already exists`), told{xcom.ExitConflict, "AlreadyExists", false}},
		"the quota is used up":       {refusal(403, "Forbidden", `pods "x" is forbidden: exceeded quota: small, requested: count/pods=1, used: count/pods=2, limited: count/pods=2`), told{xcom.ExitRetry, "QuotaExceeded", true}},
		"the quota wants limits":     {refusal(403, "Forbidden", `pods "x" is forbidden: failed quota: small: must specify limits.cpu for: spark-kubernetes-driver`), told{xcom.ExitRefused, "QuotaUnspecified", false}},
		"a limit of the namespace":   {refusal(403, "Forbidden", `pods "x" is forbidden: maximum cpu usage per Container is 1, but limit is 2`), told{xcom.ExitRefused, "LimitRange", false}},
		"several limits of it":       {refusal(403, "Forbidden", `pods "x" is forbidden: [minimum memory usage per Pod is 1Gi, but request is 512Mi, maximum cpu usage per Pod is 1, but limit is 2]`), told{xcom.ExitRefused, "LimitRange", false}},
		"a policy":                   {refusal(422, "Invalid", `pods "x" is forbidden: ValidatingAdmissionPolicy 'teams' with binding 'teams' denied request: a driver names its team`), told{xcom.ExitRefused, "PolicyDenied", false}},
		"a package is missing":       {textLines("Exception in thread \"main\" java.lang.RuntimeException: [unresolved dependency: com.example#orders;1.0: not found]"), told{xcom.ExitRefused, "PackageNotFound", false}},
		"a right is missing":         {refusal(403, "Forbidden", `pods is forbidden: User "system:serviceaccount:ns:sa" cannot create resource "pods" in API group "" in the namespace "ns"`), told{xcom.ExitRefused, "Forbidden", false}},
		"the token is not valid":     {refusal(401, "Unauthorized", "Unauthorized"), told{xcom.ExitRefused, "Unauthorized", false}},
		"pod security":               {refusal(403, "Forbidden", `pods "x" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false`), told{xcom.ExitRefused, "PodSecurity", false}},
		"a webhook denies it":        {refusal(400, "BadRequest", `admission webhook "validate.kyverno.svc" denied the request: no labels`), told{xcom.ExitRefused, "WebhookDenied", false}},
		"a webhook is away":          {refusal(500, "InternalError", `Internal error occurred: failed calling webhook "v.x": failed to call webhook: Post "https://v": no endpoints`), told{xcom.ExitRetry, "WebhookUnavailable", true}},
		"no such namespace":          {refusal(404, "NotFound", `namespaces "nowhere" not found`), told{xcom.ExitRefused, "NamespaceNotFound", false}},
		"no such account":            {refusal(403, "Forbidden", `pods "x" is forbidden: error looking up service account ns/spark: serviceaccount "spark" not found`), told{xcom.ExitRefused, "ServiceAccountNotFound", false}},
		"the pod is not valid":       {refusal(422, "Invalid", `Pod "x" is invalid: spec.containers[0].image: Required value`), told{xcom.ExitRefused, "Refused", false}},
		"the server fails":           {refusal(500, "InternalError", "etcdserver: request timed out"), told{xcom.ExitRetry, "Unreachable", true}},
		"the server throttles":       {refusal(429, "TooManyRequests", "Too many requests, please try again later."), told{xcom.ExitRetry, "Unreachable", true}},
		"no connection":              {unreachable("java.net.ConnectException: Failed to connect to /127.0.0.1:1"), told{xcom.ExitRetry, "Unreachable", true}},
		"no answer":                  {unreachable("java.io.IOException: timeout"), told{xcom.ExitRetry, "Unreachable", true}},
		"no connection in time":      {unreachable("io.vertx.core.impl.NoStackTraceTimeoutException: The timeout of 10000 ms has been exceeded when getting a connection to 198.18.1.1:443"), told{xcom.ExitRetry, "Unreachable", true}},
		"the connection is closed":   {unreachable("io.vertx.core.http.HttpClosedException: Connection was closed"), told{xcom.ExitRetry, "Unreachable", true}},
		"no answer in time":          {unreachable("java.util.concurrent.TimeoutException"), told{xcom.ExitRetry, "Unreachable", true}},
		"no such host":               {unreachable("java.net.UnknownHostException: kubernetes.default.svc"), told{xcom.ExitRetry, "Unreachable", true}},
		"no image":                   {textLines(`Exception in thread "main" org.apache.spark.SparkException: Must specify the driver container image`), told{xcom.ExitRefused, "InvalidConfiguration", false}},
		"no main class":              {textLines(`Exception in thread "main" org.apache.spark.SparkException: Failed to get main class in JAR with error 'No FileSystem for scheme "local"'.  Please specify one with --class.`), told{xcom.ExitRefused, "InvalidConfiguration", false}},
		"an option of another Spark": {textLines("Error: Unrecognized option: --load-spark-defaults\n\nUsage: spark-submit [options]"), told{xcom.ExitRefused, "InvalidConfiguration", false}},
		"words that nobody knows":    {textLines("Segmentation fault"), told{xcom.ExitRefused, "SparkSubmitFailed", nil}},
		"a known word in the log, where there is no exception": {textLines("26/11/21 10:00:00 ERROR X: exceeded quota: small\nbye"), told{xcom.ExitRetry, "QuotaExceeded", true}},
		"no words": {nil, told{xcom.ExitRefused, "SparkSubmitFailed", nil}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var p *problem.Error
			if err := Explain(1, test.lines); !errors.As(err, &p) {
				t.Fatalf("%v is no *problem.Error", err)
			}
			got := told{p.ExitCode(), p.Cause.Reason, nil}
			if p.Cause.Retryable != nil {
				got.Retry = *p.Cause.Retryable
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s\n-want +got:\n%s", p, diff)
			}
			if p.Hint() == "" || !strings.HasPrefix(p.Error(), "spark-submit ended with code 1") {
				t.Errorf("%q, hint %q", p, p.Hint())
			}
		})
	}
}

func TestExplainTellsSignalsFromCodes(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]string{
		137: "81 spark-submit was killed (SIGKILL), often for lack of memory",
		143: "86 spark-submit was asked to end (exit code 143) before it had made the driver",
		130: "86 spark-submit was asked to end (exit code 130) before it had made the driver",
		101: "80 spark-submit ended with code 101 and said nothing",
	} {
		var p *problem.Error
		if err := Explain(code, nil); !errors.As(err, &p) || fmt.Sprintf("%d %s", p.ExitCode(), p) != want {
			t.Errorf("%d: %v", code, err)
		}
	}
}

func FuzzExceptions(f *testing.F) {
	f.Add(strings.Join(refusal(403, "Forbidden", "x"), "\n"))
	f.Add(`{"level":"INFO","msg":"State changed, new state: \n\t pod name: x"}`)
	f.Add(`{"level":"ERROR","exception":{}}` + "\n{\nCaused by: \nError: \r")
	f.Fuzz(func(t *testing.T, text string) {
		said := Exceptions(textLines(text))
		if strings.TrimSpace(text) != "" && len(said) == 0 {
			t.Errorf("nothing is made of %q", text)
		}
		var p *problem.Error
		if err := Explain(1, textLines(text)); !errors.As(err, &p) || strings.Contains(p.Error(), "\n") {
			t.Errorf("%q", err)
		}
	})
}
