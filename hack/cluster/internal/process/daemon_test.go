// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package process

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func testDaemon(t *testing.T) Daemon {
	t.Helper()
	folder := t.TempDir()
	return Daemon{
		Name: "sleep", Enter: []string{"env"}, Args: []string{"/bin/sleep", "60"},
		Log: filepath.Join(folder, "log"), Record: filepath.Join(folder, "record.json"),
	}
}

func TestEnsure(t *testing.T) {
	t.Parallel()
	d := testDaemon(t)
	first, started, err := d.Ensure(t.Context())
	if err != nil || !started || !first.Alive() {
		t.Fatalf("first Ensure() = %+v, %t, %v", first, started, err)
	}
	second, started, err := d.Ensure(t.Context())
	if err != nil || started || second != first {
		t.Errorf("Ensure() of a running daemon = %+v, %t, %v; want the first record", second, started, err)
	}
	d.Args = []string{"/bin/sleep", "61"}
	third, started, err := d.Ensure(t.Context())
	if err != nil || !started || third.PID == first.PID {
		t.Errorf("Ensure() with other arguments = %+v, %t, %v; want a new process", third, started, err)
	}
	if first.Alive() {
		t.Error("the process with the old arguments still runs")
	}
	if _, err := os.Stat(d.Log + ".old"); err != nil {
		t.Errorf("the log of the run before is not kept: %v", err)
	}
	if err := End(t.Context(), third, 10*time.Second); err != nil || third.Alive() {
		t.Errorf("End() = %v, alive %t", err, third.Alive())
	}
}

func TestEndOfAStoppedProcess(t *testing.T) {
	t.Parallel()
	d := testDaemon(t)
	record, _, err := d.Ensure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := record.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	if err := End(t.Context(), record, 5*time.Second); err != nil || record.Alive() {
		t.Errorf("End() = %v, alive %t", err, record.Alive())
	}
}

func TestKill(t *testing.T) {
	t.Parallel()
	d := testDaemon(t)
	record, _, err := d.Ensure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := Kill(t.Context(), record, 5*time.Second); err != nil || record.Alive() {
		t.Errorf("Kill() = %v, alive %t", err, record.Alive())
	}
	if err := Kill(t.Context(), record, time.Second); !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("Kill() of a process that has ended = %v", err)
	}
}

func TestDigest(t *testing.T) {
	t.Parallel()
	input := filepath.Join(t.TempDir(), "config")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(input, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	digest := func(d Daemon) string {
		t.Helper()
		got, err := d.Digest()
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	write("a")
	d := Daemon{Name: "x", Args: []string{"/x"}, Inputs: []string{input}}
	before := digest(d)
	if digest(d) != before {
		t.Error("the digest of the same daemon differs")
	}
	write("b")
	if digest(d) == before {
		t.Error("a changed configuration file does not change the digest")
	}
	write("a")
	d.Depends = "another namespace"
	if digest(d) == before {
		t.Error("a changed dependency does not change the digest")
	}
	d.Inputs = []string{input + ".missing"}
	if _, err := d.Digest(); err == nil {
		t.Error("a missing configuration file is not told")
	}
}
