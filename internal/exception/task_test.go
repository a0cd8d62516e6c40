// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package exception

import "testing"

func TestSentenceOfAFailedTask(t *testing.T) {
	const (
		class = "org.apache.spark.SparkException"
		lost  = "Job aborted due to stage failure: Task 3 in stage 1.0 failed 4 times, most recent failure: Lost task 3.3 in stage 1.0 (TID 9) (10.0.0.7 executor 2): "
		crash = class + ": Python worker exited unexpectedly (crashed)"
	)
	tests := []struct {
		name    string
		message string
		causes  []Said
		want    string
	}{
		{"what failed comes first", lost + "java.lang.ArithmeticException: / by zero", nil, "java.lang.ArithmeticException: / by zero (task 3 in stage 1.0 failed 4 times, the last time on executor 2)"},
		{"what Python said, not who passed it on", lost + class + ":", []Said{{Class: "ValueError", Message: "bad day", Raw: "ValueError: bad day"}}, "ValueError: bad day (task 3 in stage 1.0 failed 4 times, the last time on executor 2)"},
		{"a broken pipe does not explain a crash", lost + crash, []Said{{Class: class, Message: "Python worker exited unexpectedly (crashed)", Raw: crash}, {Class: endOfFile, Raw: endOfFile}}, crash + " (task 3 in stage 1.0 failed 4 times, the last time on executor 2)"},
		{
			"a lost executor", "Job aborted due to stage failure: Task 0 in stage 0.0 failed 1 times, most recent failure: Lost task 0.0 in stage 0.0 (TID 0) (10.0.0.7 executor 1): ExecutorLostFailure (executor 1 exited caused by one of the running tasks) Reason: OOM", nil,
			"ExecutorLostFailure (executor 1 exited caused by one of the running tasks) Reason: OOM (task 0 in stage 0.0 failed on executor 1)",
		},
		{"another failure of a job says why", "Job aborted due to stage failure: Total size of serialized results is bigger", nil, "Total size of serialized results is bigger"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			thrown := Thrown{Said: Said{Class: class, Message: tt.message, Raw: class + ": " + tt.message}, Causes: tt.causes}
			if got := thrown.Sentence(); got != tt.want {
				t.Errorf("Sentence() =\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}
