// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package process

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Daemon is a program to run in a cluster's control group and network.
type Daemon struct {
	// Name is the base name of Args[0].
	Name string
	// Enter are the words before the command, e.g. nsenter and its flags.
	Enter []string
	Args  []string
	// Inputs are files whose content decides whether a running daemon is up to date.
	Inputs []string
	// Depends makes the daemon start again when this text changes, e.g. the
	// identity of the process whose mount namespace it lives in.
	Depends string
	Log     string
	Record  string
	// Cgroups are folders of control groups to join before anything else happens.
	Cgroups []string
}

// Digest tells whether a running daemon is the one that is wanted.
func (d Daemon) Digest() (string, error) {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%q %q %q\n", d.Enter, d.Args, d.Depends)
	for _, file := range d.Inputs {
		data, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("read input of %s: %w", d.Name, err)
		}
		_, _ = fmt.Fprintf(h, "%s %x\n", file, sha256.Sum256(data))
	}
	return hex.EncodeToString(h.Sum(nil))[:16], nil
}

// joinAndExec joins the control groups named before "--", then becomes the rest:
// from its first instruction on, the daemon can be found by its control group.
const joinAndExec = `while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs" || exit 70; shift; done; shift; exec "$@"`

// Ensure starts the daemon unless it already runs as wanted. It says whether it
// started it, and returns the record of the running process.
func (d Daemon) Ensure(ctx context.Context) (record Record, started bool, err error) {
	digest, err := d.Digest()
	if err != nil {
		return Record{}, false, err
	}
	record = Load(d.Record)
	if record.Digest == digest && record.Alive() {
		return record, false, nil
	}
	if err := d.endOthers(ctx, record); err != nil {
		return Record{}, false, err
	}
	record, err = d.start(ctx, digest)
	return record, true, err
}

// endOthers ends the recorded process and those that were started but not recorded.
func (d Daemon) endOthers(ctx context.Context, recorded Record) error {
	others := []Record{recorded}
	for _, group := range d.Cgroups {
		for _, pid := range Members(group) {
			if record, err := Identify(pid, ""); err == nil && d.owns(pid) {
				others = append(others, record)
			}
		}
	}
	for _, other := range others {
		if err := End(ctx, other, 10*time.Second); err != nil {
			return fmt.Errorf("end earlier %s: %w", d.Name, err)
		}
	}
	return nil
}

// owns says whether the process was started as this daemon.
func (d Daemon) owns(pid int) bool {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return false
	}
	first, _, _ := strings.Cut(string(data), "\x00")
	return first == d.Args[0]
}

func (d Daemon) start(ctx context.Context, digest string) (Record, error) {
	if err := os.MkdirAll(filepath.Dir(d.Log), 0o755); err != nil {
		return Record{}, fmt.Errorf("make log folder: %w", err)
	}
	// The log of the run before is kept: it tells why that one ended.
	if err := os.Rename(d.Log, d.Log+".old"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return Record{}, fmt.Errorf("keep old log: %w", err)
	}
	log, err := os.OpenFile(d.Log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return Record{}, fmt.Errorf("open log: %w", err)
	}
	defer func() { _ = log.Close() }()
	args := append([]string{"-c", joinAndExec, "sh"}, d.Cgroups...)
	args = append(append(append(args, "--"), d.Enter...), d.Args...)
	// The daemon outlives this program, whatever ends it.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), "/bin/sh", args...)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return Record{}, fmt.Errorf("start %s: %w", d.Name, err)
	}
	record, err := Identify(cmd.Process.Pid, digest)
	if err != nil {
		return Record{}, err
	}
	if err := record.Save(d.Record); err != nil {
		return Record{}, err
	}
	// Reaps it if it ends while this program runs, so that Alive sees the end.
	go func() { _ = cmd.Wait() }()
	return record, nil
}

// End asks the process to end, waits, and makes it. One that has ended is left alone.
func End(ctx context.Context, r Record, patience time.Duration) error {
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		_ = r.Signal(s)
		_ = r.Signal(syscall.SIGCONT) // a stopped process hears nothing else
		if Gone(ctx, r, patience) {
			return nil
		}
	}
	return fmt.Errorf("process %d does not end", r.PID)
}

// Kill ends the process without asking, and waits until it has ended. That it had
// ended before is an error.
func Kill(ctx context.Context, r Record, patience time.Duration) error {
	if err := r.Signal(syscall.SIGKILL); err != nil {
		return fmt.Errorf("kill process %d: %w", r.PID, err)
	}
	if !Gone(ctx, r, patience) {
		return fmt.Errorf("kill process %d: it does not end", r.PID)
	}
	return nil
}

// Gone waits until the process of the record has ended.
func Gone(ctx context.Context, r Record, patience time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for r.Alive() {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(50 * time.Millisecond):
		}
	}
	return true
}
