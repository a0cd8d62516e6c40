// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package xcom

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// full is a result with every key set.
func full() Result {
	return Result{
		Schema: Schema, State: Failed,
		PodName: "etl-0123456789-1-driver", Namespace: "jobs", Labels: map[string]string{"spark-role": "driver"},
		PodUID: "62c802d5-20b7-4dae-9103-26547141316e", CreationTime: "2026-06-19T00:44:55Z", ServiceAccountName: "driver",
		Volumes: []string{"spark-local-dir-1"}, NodeName: "node-1", StartTime: "2026-06-19T00:44:55Z",
		ContainerImages: []string{"spark:4.0.1"}, Phase: "Failed",
		ContainerStatus: []ContainerStatus{{ContainerName: "spark-kubernetes-driver", ContainerState: "terminated", ExitCode: new(3)}},
		ApplicationID:   "spark-e3ee", ApplicationName: "etl", SparkVersion: "4.0.1", RunKey: "etl/2026-06-19", Generation: "2",
		Attempt: 1, Engine: "spark-submit", ExitCode: new(3),
		Cause:   &Cause{Category: CategoryApplication, Reason: "Error", Message: "the driver exited with code 3", Hint: "read its log", Retryable: new(false), Evidence: []string{"a", "b"}},
		Timings: &Timings{Submit: 3.2, Run: 12}, UIURL: "http://etl-svc.jobs.svc:4040",
	}
}

func TestEncodeLeavesOutInTheDocumentedOrder(t *testing.T) {
	keys := []string{`"volumes"`, `"labels"`, `"container_status"`, `"evidence"`, `"hint"`}
	whole, err := Encode(full(), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for size := len(whole); size > 0; size-- {
		line, err := Encode(full(), size)
		if err != nil {
			t.Fatal(err)
		}
		missing := 0
		for _, key := range keys {
			if !strings.Contains(string(line), key) {
				missing++
			}
		}
		for _, key := range keys[missing:] {
			if !strings.Contains(string(line), key) {
				t.Fatalf("at %d bytes %s is left out before something that goes first: %s", size, key, line)
			}
		}
	}
}

func TestEncodeNeverTouchesItsArgument(t *testing.T) {
	r := full()
	if _, err := Encode(r, MinBytes/2); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(full(), r); diff != "" {
		t.Errorf("Encode changed its argument (-want +got):\n%s", diff)
	}
}

// Whatever is in a result, it fits MinBytes as one line of JSON, and its identity is whole.
func TestEncodeFitsWithItsIdentity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := full()
		r.RunKey = rapid.StringMatching(`[ -~]{0,128}`).Draw(t, "run key")
		r.ApplicationName = rapid.String().Draw(t, "application name")
		r.Volumes = rapid.SliceOf(rapid.String()).Draw(t, "volumes")
		r.Labels = rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "labels")
		r.Cause.Message = strings.Repeat(rapid.String().Draw(t, "message"), rapid.IntRange(1, 200).Draw(t, "times"))
		r.Cause.Reason = rapid.StringN(0, 200, 400).Draw(t, "reason")
		r.Cause.Evidence = rapid.SliceOf(rapid.String()).Draw(t, "evidence")
		size := rapid.IntRange(MinBytes, 2*DefaultBytes).Draw(t, "size")

		line, err := Encode(r, size)
		if err != nil {
			t.Fatal(err)
		}
		if len(line) > size {
			t.Fatalf("%d bytes, %d are allowed: %s", len(line), size, line)
		}
		if strings.Count(string(line), "\n") != 1 || line[len(line)-1] != '\n' {
			t.Fatalf("not one line: %q", line)
		}
		got, err := Read(line)
		if err != nil {
			t.Fatal(err)
		}
		identity := func(r Result) []any {
			return []any{r.State, r.PodName, r.Namespace, r.PodUID, r.RunKey, r.Generation, r.Attempt, *r.ExitCode}
		}
		if diff := cmp.Diff(identity(r), identity(got)); diff != "" {
			t.Fatalf("identity changed (-want +got):\n%s", diff)
		}
	})
}

func TestRead(t *testing.T) {
	small := Result{Schema: Schema, State: Submitted, PodName: "p", Namespace: "n", PodUID: "u", Attempt: 1}
	line, err := Encode(small, DefaultBytes)
	if err != nil {
		t.Fatal(err)
	}
	quoted, err := json.Marshal(string(line))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, text string
		want       Result
		problem    string
	}{
		{name: "JSON is read", text: string(line), want: small},
		{name: "JSON with a byte order mark and blanks is read", text: "\ufeff \n" + string(line) + "\n\n", want: small},
		{name: "JSON inside a JSON string is read", text: string(quoted), want: small},
		{
			name: "the repr of a Python dict is read",
			text: `{'schema': 'sparkctl.dev/result/v1', 'state': 'Submitted', 'pod_name': 'p', 'namespace': 'n', 'pod_uid': 'u', 'attempt': 1, 'adopted': False, 'cause': None}`,
			want: small,
		},
		{
			name: "a Python string with both quotes and escapes is read",
			text: `{'schema': 'sparkctl.dev/result/v1', 'state': 'Submitted', 'run_key': 'it\'s "a"\n\xe9\u20ac'}`,
			want: Result{Schema: Schema, State: Submitted, RunKey: "it's \"a\"\né€"},
		},
		{
			name: "keys of a later minor version are passed over",
			text: `{"schema":"sparkctl.dev/result/v1","state":"Submitted","new":{"a":[1]}}`,
			want: Result{Schema: Schema, State: Submitted},
		},
		{name: "nothing is an error", text: " \n", problem: "empty"},
		{name: "what is larger than any result is an error", text: strings.Repeat("[", MaxRead+1), problem: "more than 65536 bytes"},
		{name: "a missing XCom is an error that says so", text: "None", problem: "no XCom"},
		{name: "a cut document is an error that says so", text: string(line[:40]), problem: "cut off after 40 bytes"},
		{name: "a cut repr is an error that says so", text: `{'schema': 'spark`, problem: "cut off"},
		{name: "text is an error", text: "Traceback (most recent call last)", problem: "neither JSON nor a Python dict"},
		{name: "a number is an error", text: "42", problem: "not a JSON object"},
		{name: "a foreign document is an error", text: `{"pod_name":"p"}`, problem: `no key "schema"`},
		{name: "a later version is an error", text: `{"schema":"sparkctl.dev/result/v2"}`, problem: `"sparkctl.dev/result/v2" is not known`},
		{name: "an unknown state is an error", text: `{"schema":"sparkctl.dev/result/v1","state":"Happy"}`, problem: `"Happy" is not known`},
		{name: "a key of another type is an error", text: `{"schema":"sparkctl.dev/result/v1","state":"Failed","attempt":"x"}`, problem: `key "attempt" holds a string`},
		{name: "a success that failed is an error", text: `{"schema":"sparkctl.dev/result/v1","state":"Succeeded","exit_code":3}`, problem: "it says Succeeded and exit code 3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := Read([]byte(tt.text))
			if tt.problem == "" && err != nil || tt.problem != "" && (err == nil || !strings.Contains(err.Error(), tt.problem)) {
				t.Fatalf("error %v, want one with %q", err, tt.problem)
			}
			if re := (*ReadError)(nil); err != nil && (!errors.As(err, &re) || re.Hint() == "" || re.ExitCode() != ExitUsage) {
				t.Errorf("error %#v has no hint or another exit code than %d", err, ExitUsage)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Read() mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWriteReplacesTheDocumentInOneStep(t *testing.T) {
	dir := t.TempDir()
	file := File{Path: filepath.Join(dir, "return.json"), MaxBytes: DefaultBytes}
	for _, state := range []State{Submitting, Submitted} {
		if err := file.Write(Result{Schema: Schema, State: state}); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(file.Path)
		if err != nil {
			t.Fatal(err)
		}
		if want := `{"schema":"sparkctl.dev/result/v1","state":"` + string(state) + "\"}\n"; string(text) != want {
			t.Errorf("document is %q, want %q", text, want)
		}
	}
	info, err := os.Stat(file.Path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o644 {
		t.Errorf("mode is %v, want 0644", info.Mode().Perm())
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 1 {
		t.Errorf("temporary files are left: %v", left)
	}
	if err := (File{Path: filepath.Join(dir, "missing", "return.json"), MaxBytes: DefaultBytes}).Write(Result{}); err == nil {
		t.Error("writing into a missing folder is no error")
	}
}

func TestExitIsTheCodeThatTheWriterEndedWith(t *testing.T) {
	failed := func(category Category, code *int) Result {
		return Result{State: Failed, ExitCode: code, Cause: &Cause{Category: category}}
	}
	tests := []struct {
		name string
		r    Result
		want ExitCode
	}{
		{"a success", Result{State: Succeeded, ExitCode: new(0)}, ExitOK},
		{"a submission", Result{State: Submitted}, ExitOK},
		{"a main class that was not found", failed(CategoryConfig, new(101)), 101},
		{"a driver that no node had room for", failed(CategoryScheduling, nil), ExitDeadline},
		{"a driver's own code", failed(CategoryApplication, new(3)), 3},
		{"a driver's code that cannot be passed on", failed(CategoryMemory, new(137)), ExitDriver},
		{"a driver that could not start", failed(CategoryConfig, nil), ExitNotStarted},
		{"a driver that never had a container", failed(CategoryAdmission, nil), ExitNotStarted},
		{"a deadline", failed(CategoryDeadline, new(143)), ExitDeadline},
		{"a lost driver", Result{State: Lost, ExitCode: new(143)}, ExitLost},
		{"a cancelled driver", Result{State: Cancelled, ExitCode: new(143)}, ExitCancelled},
		{"no driver, with the submitter's code", Result{State: NotSubmitted, ExitCode: new(81)}, ExitRetry},
		{"no driver, and no code", Result{State: NotSubmitted}, ExitRefused},
		{"no driver, and a code that no submitter ends with", Result{State: NotSubmitted, ExitCode: new(0)}, ExitRefused},
	}
	for _, tt := range tests {
		if got := tt.r.Exit(); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestForDriverPassesOnOnlyFreeCodes(t *testing.T) {
	for code := -1; code < 300; code++ {
		got := ForDriver(code)
		free := code <= 1 && code >= 0 || code >= 3 && code <= 63 || code >= 66 && code <= 79 || code >= 90 && code <= 124
		if free && int(got) != code || !free && got != ExitDriver {
			t.Errorf("ForDriver(%d) = %d", code, got)
		}
	}
}
