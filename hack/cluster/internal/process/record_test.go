// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package process

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseStartTime(t *testing.T) {
	tests := []struct {
		name string
		stat string
		want uint64
		ok   bool
	}{
		{
			"the start time is field 22",
			"42 (sleep) S 1 42 42 0 -1 4194304 100 0 0 0 0 0 0 0 20 0 1 0 98765 5611520 500 18446744073709551615",
			98765, true,
		},
		{
			"spaces and parentheses in the program's name do not shift the fields",
			"42 (a) (b c) S 1 42 42 0 -1 4194304 100 0 0 0 0 0 0 0 20 0 1 0 98765 5611520 500",
			98765, true,
		},
		{"a short line is refused", "42 (sleep) S 1", 0, false},
		{"a line without a name is refused", "42", 0, false},
		{"an empty line is refused", "", 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseStartTime(tt.stat)
			if got != tt.want || (err == nil) != tt.ok {
				t.Errorf("ParseStartTime() = %d, %v", got, err)
			}
		})
	}
}

func TestEnded(t *testing.T) {
	tests := []struct {
		name string
		stat string
		want bool
	}{
		{"a sleeping process has not ended", "42 (x) S 1 42 42 0 -1 4194304 100 0 0 0 0 0 0 0 20 0 1 0 98765 0 0", false},
		{"a zombie has ended", "42 (x) Z 1 42 42 0 -1 4194304 100 0 0 0 0 0 0 0 20 0 1 0 98765 0 0", true},
		{"a zombie whose other threads still run has not", "42 (x) Z 1 42 42 0 -1 4194304 100 0 0 0 0 0 0 0 20 0 9 0 98765 0 0", false},
		{"a line that cannot be read says nothing", "42", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := Ended(tt.stat); got != tt.want {
				t.Errorf("Ended() = %t", got)
			}
		})
	}
}

func FuzzParseStartTime(f *testing.F) {
	f.Add("42 (sleep) S 1 42 42 0 -1 4194304 100 0 0 0 0 0 0 0 20 0 1 0 98765 5611520 500")
	f.Add(")")
	f.Fuzz(func(_ *testing.T, stat string) { _, _ = ParseStartTime(stat) })
}

func TestRecordFollowsAProcessToItsEnd(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	record, err := Identify(cmd.Process.Pid, "digest")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "processes", "sleep.json")
	if err := record.Save(file); err != nil {
		t.Fatal(err)
	}
	loaded := Load(file)
	if diff := cmp.Diff(record, loaded); diff != "" {
		t.Errorf("Load() mismatch (-want +got):\n%s", diff)
	}
	if !loaded.Alive() {
		t.Error("a running process is not alive")
	}
	reused := loaded
	reused.Start++
	if reused.Alive() {
		t.Error("a process that started later under the same id is taken for the recorded one")
	}
	earlier := loaded
	earlier.Boot = "an earlier boot"
	if err := earlier.Signal(syscall.SIGKILL); err == nil {
		t.Error("a process is signalled by a record of an earlier boot")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	// Killed and not yet waited for, it is a zombie: it has ended all the same.
	if !Gone(t.Context(), loaded, 10*time.Second) {
		t.Error("a killed process stays alive")
	}
	_ = cmd.Wait()
}

func TestLoad(t *testing.T) {
	tests := []struct {
		name, content string
	}{
		{"a file cut short is no record", `{"pid": 1`},
		{"an empty file is no record", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "record.json")
			if err := os.WriteFile(file, []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if got := Load(file); got.Alive() {
				t.Errorf("Load() = %+v, which is alive", got)
			}
		})
	}
	t.Run("a missing file is no record", func(t *testing.T) {
		t.Parallel()
		if diff := cmp.Diff(Record{}, Load(filepath.Join(t.TempDir(), "none"))); diff != "" {
			t.Errorf("Load() mismatch (-want +got):\n%s", diff)
		}
	})
}
