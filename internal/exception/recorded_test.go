// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package exception

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// recorded is what is to be made of a recorded log, of every version the same.
type recorded struct {
	kind     Kind
	uncaught bool
	pattern  string // all of the sentence; empty: the log tells of nothing
}

const (
	forbidden = `io\.fabric8\.kubernetes\.client\.KubernetesClientException: pods is forbidden: User "system:serviceaccount:jobs:spark" cannot create .*`
	overdrawn = `io\.fabric8\.kubernetes\.client\.KubernetesClientException: pods "x-exec-1" is forbidden: exceeded quota: small, .*`
	noTable   = `pyspark\.errors\.exceptions\.captured\.AnalysisException: \[TABLE_OR_VIEW_NOT_FOUND\] The table or view .*`
	inTask    = ` \(task 0 in stage 0\.0 failed on executor driver\)`
	badDay    = `java\.lang\.IllegalStateException: cannot read the day`
	seven     = `java\.lang\.NumberFormatException: For input string: "seven"`
)

func wanted() map[string]recorded {
	return map[string]recorded{
		"class-missing":           {MainClassNotFound, true, `Failed to load class no\.such\.Main\.`},
		"jar-missing":             {MainFileNotFound, true, `Failed to load class no\.such\.Main; local jar /opt/app/nope\.jar does not exist`},
		"java-cause":              {Application, true, badDay + `, caused by .*` + seven},
		"java-heap":               {OutOfMemory, true, `java\.lang\.OutOfMemoryError: Java heap space`},
		"java-heapexit":           {OutOfMemory, true, `java\.lang\.OutOfMemoryError: Java heap space`},
		"java-heaptask":           {OutOfMemory, true, `java\.lang\.OutOfMemoryError: Java heap space`},
		"java-json-cause":         {Application, true, badDay + `, caused by .*` + seven},
		"java-json-logged":        {Application, false, badDay}, // Spark's JSON has no causes
		"java-json-shadow":        {Application, true, `java\.lang\.IllegalArgumentException: the real error`},
		"java-json-task":          {Application, true, `java\.lang\.ArithmeticException: / by zero` + inTask},
		"java-logged":             {Application, false, badDay + `, caused by ` + seven},
		"java-multiline":          {Application, true, `java\.lang\.IllegalStateException: first line`},
		"java-shadow":             {Application, true, `java\.lang\.IllegalArgumentException: the real error`},
		"java-suppressed":         {Application, true, `java\.lang\.IllegalStateException: the body failed, caused by java\.lang\.IllegalArgumentException: bad day`},
		"java-survived":           {Application, true, `java\.lang\.UnsupportedOperationException: the second try failed`},
		"java-task":               {Application, true, `java\.lang\.ArithmeticException: / by zero` + inTask},
		"java-thread":             {Application, false, `java\.lang\.IllegalStateException: the worker failed`},
		"java-throw":              {Application, true, `java\.lang\.RuntimeException: bad input`},
		"kubernetes-forbidden":    {Forbidden, false, forbidden},
		"kubernetes-forbiddenget": {Forbidden, true, `org\.apache\.spark\.SparkException: External scheduler cannot be instantiated, caused by io\.fabric8\..*: pods "driver" is forbidden: User .*`},
		"kubernetes-quota":        {QuotaExceeded, false, overdrawn},
		"master-wrong":            {Application, true, `org\.apache\.spark\.SparkException: Master must either be yarn or start with .*`},
		"python-analysis":         {Application, true, noTable},
		"python-assert":           {Application, true, `AssertionError`},
		"python-cause":            {Application, true, `RuntimeError: cannot read the partition, caused by KeyError: 'day'`},
		"python-context":          {Application, true, `FileNotFoundError: \[Errno 2\] No such file or directory: '/no/such/file', caused by KeyError: 'day'`},
		"python-exit":             {},
		"python-exittext":         {},
		"python-group":            {Application, true, `ExceptionGroup: two parts failed \(2 sub-exceptions\), caused by TypeError: bad type`},
		"python-handled":          {Application, true, noTable}, // print_exc() looks the same
		"python-heap":             {OutOfMemory, true, `java\.lang\.OutOfMemoryError: Java heap space`},
		"python-interrupt":        {Application, true, `KeyboardInterrupt`},
		"python-json-analysis":    {Application, true, noTable},
		"python-json-cause":       {Application, true, `RuntimeError: cannot read the partition, caused by KeyError: 'day'`},
		"python-json-udf":         {Application, true, `ZeroDivisionError: integer division or modulo by zero(?:` + inTask + `)?`},
		"python-missing":          {MainFileNotFound, true, `.*python3: can't open file '/opt/app/nope\.py': \[Errno 2\] No such file or directory`},
		"python-multiline":        {Application, true, `ValueError: first line`},
		"python-note":             {Application, true, `ValueError: no rows`},
		"python-stopped":          {Application, true, `AttributeError: 'NoneType' object has no attribute 'sc'`},
		"python-syntax":           {Application, true, `SyntaxError: invalid syntax`},
		"python-udf":              {Application, true, `ZeroDivisionError: integer division or modulo by zero(?:` + inTask + `)?`},
		"python-value":            {Application, true, `ValueError: no rows`},
	}
}

// Real drivers of Spark 3.5, 4.0 and 4.3, each ended in a way that is known.
func TestLastOfRecordedLogs(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.log")
	if err != nil || len(paths) < 100 {
		t.Fatal(len(paths), "recorded logs", err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".log")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			want, ok := wanted()[name[:strings.LastIndexByte(name, '-')]]
			if !ok {
				t.Fatal("nobody says what is to be made of it")
			}
			if strings.Contains(string(text), "exit code 11:") {
				// Of its own accord this Spark gave up, for the same reason.
				want.uncaught = true
				want.pattern = `Max number of executor failures \(2\) reached, caused by ` + want.pattern
			}
			got, _ := Last(strings.Split(string(text), "\n"))
			if got.Kind != want.kind || got.Uncaught != want.uncaught || !regexp.MustCompile("^(?:"+want.pattern+")$").MatchString(got.Sentence()) {
				t.Errorf("got %s, uncaught %t: %s\nwant %s, uncaught %t: %s", got.Kind, got.Uncaught, got.Sentence(), want.kind, want.uncaught, want.pattern)
			}
		})
	}
}
