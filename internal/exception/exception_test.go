// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package exception

import (
	"strings"
	"testing"
)

func TestLast(t *testing.T) {
	tests := []struct{ name, log, want string }{
		{name: "a log without an exception says nothing", log: "26/11/21 10:21:17 INFO SparkContext: Running\nPi is roughly 3.14"},
		{
			name: "an exception that nobody caught, with its cause",
			log: `26/11/21 10:21:17 WARN NativeCodeLoader: Unable to load native-hadoop library
Exception in thread "main" java.lang.RuntimeException: bad input
	at dev.sparkctl.examples.Main.main(Main.java:38)
	at org.apache.spark.deploy.SparkSubmit.main(SparkSubmit.scala)
Caused by: java.lang.IllegalStateException: the cause of bad input
	... 13 more
26/11/21 10:21:17 INFO ShutdownHookManager: Shutdown hook called`,
			want: "java.lang.RuntimeException: bad input, caused by java.lang.IllegalStateException: the cause of bad input",
		},
		{
			name: "of several causes the root",
			log: `Exception in thread "main" org.apache.spark.SparkException: External scheduler cannot be instantiated
	at a.b.C
Caused by: java.lang.reflect.InvocationTargetException
	at a.b.C
Caused by: io.fabric8.kubernetes.client.KubernetesClientException: pods "d" is forbidden. Received status: Status(apiVersion=v1, code=403).
	... 1 more`,
			want: `org.apache.spark.SparkException: External scheduler cannot be instantiated, caused by io.fabric8.kubernetes.client.KubernetesClientException: pods "d" is forbidden.`,
		},
		{
			name: "the last one that nobody caught, not the one that was logged before or after",
			log: `26/11/21 10:22:33 ERROR Executor: Exception in task 0.0
java.lang.ArithmeticException: / by zero
	at a.b.C
Exception in thread "main" java.lang.RuntimeException: the end
	at a.b.C
26/11/21 10:22:34 ERROR Utils: Uncaught exception in a hook
java.io.IOException: too late
	at a.b.C`,
			want: "java.lang.RuntimeException: the end",
		},
		{
			name: "an exception of another thread did not end the program",
			log: `Exception in thread "main" java.lang.RuntimeException: the end
	at a.b.C
Exception in thread "shutdown-hook-0" java.lang.IllegalStateException: late
	at a.b.C`,
			want: "java.lang.RuntimeException: the end",
		},
		{
			name: "one that was logged, when nothing else is there",
			log: `26/11/21 10:22:33 ERROR SparkContext: Error initializing SparkContext.
org.apache.spark.SparkException: no master
	at a.b.C`,
			want: "org.apache.spark.SparkException: no master",
		},
		{
			name: "a Python traceback",
			log: `Traceback (most recent call last):
  File "/opt/app.py", line 3, in <module>
    raise ValueError("no rows")
ValueError: no rows
26/11/21 10:22:33 INFO ShutdownHookManager: Shutdown hook called`,
			want: "ValueError: no rows",
		},
		{
			name: "a Python exception raised from another",
			log: `Traceback (most recent call last):
  File "/opt/app.py", line 3, in <module>
KeyError: 'day'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/opt/app.py", line 5, in <module>
RuntimeError: cannot read the partition`,
			want: "RuntimeError: cannot read the partition, caused by KeyError: 'day'",
		},
		{
			name: "a JVM's exception behind a Python one",
			log: `Traceback (most recent call last):
  File "/opt/app.py", line 3, in <module>
    df.count()
py4j.protocol.Py4JJavaError: An error occurred while calling o55.count.
: org.apache.spark.SparkException: Job aborted due to stage failure
	at a.b.C
Caused by: java.lang.OutOfMemoryError: Java heap space
	... 2 more
`,
			want: "org.apache.spark.SparkException: Job aborted due to stage failure, caused by java.lang.OutOfMemoryError: Java heap space",
		},
		{name: "a main class that is missing", log: "Error: Failed to load class no.such.Main.", want: "Failed to load class no.such.Main."},
		{
			name: "a main file that is missing",
			log:  "python3: can't open file '/opt/nope.py': [Errno 2] No such file or directory",
			want: "python3: can't open file '/opt/nope.py': [Errno 2] No such file or directory",
		},
		{
			name: "Spark 4's structured log",
			log:  `{"ts":"2026-11-21T10:00:00.000Z","level":"ERROR","msg":"Error initializing SparkContext.","exception":{"class":"org.apache.spark.SparkException","msg":"no master","stacktrace":[]},"logger":"SparkContext"}`,
			want: "org.apache.spark.SparkException: no master",
		},
		{
			name: "Windows line ends and secrets",
			log:  "Exception in thread \"main\" java.sql.SQLException: jdbc:postgresql://etl:hunter2@db/x?password=hunter2 refused\r\n\tat a.b.C\r",
			want: "java.sql.SQLException: jdbc:postgresql://etl:*********(redacted)@db/x?password=*********(redacted) refused",
		},
		{name: "a traceback that is cut off says nothing", log: "Traceback (most recent call last):\n  File \"x\""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if thrown, ok := Last(strings.Split(tt.log, "\n")); ok {
				got = thrown.Sentence()
			}
			if got != tt.want {
				t.Errorf("Last() =\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}
