// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package host holds the thin edges to the machine: commands, packages, the
// network namespace, control groups, mounts and locks. Everything made here is
// made so that making it again is harmless, and has a function that removes it.
package host

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Output runs a short command and returns what it printed; a failure carries
// what it said.
func Output(ctx context.Context, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("run %s %s: %w%s", name, strings.Join(args, " "), err, said(err))
	}
	return string(out), nil
}

func said(err error) string {
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		return ""
	}
	text := strings.TrimSpace(string(exit.Stderr))
	if text == "" {
		return ""
	}
	return ": " + text
}

// Job is a long command whose output goes to a log file.
type Job struct {
	Dir  string
	Env  []string
	Log  string
	Args []string
}

// Run runs the job at low priority. When ctx ends, its whole process group is
// asked to end and, seconds later, made to.
func (j Job) Run(ctx context.Context) error {
	if err := os.MkdirAll(filepath.Dir(j.Log), 0o755); err != nil {
		return fmt.Errorf("make log folder: %w", err)
	}
	log, err := os.OpenFile(j.Log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return fmt.Errorf("open log: %w", err)
	}
	defer func() { _ = log.Close() }()
	args := append([]string{"-n", "10"}, j.Args...)
	cmd := exec.CommandContext(ctx, "nice", args...)
	cmd.Dir = j.Dir
	cmd.Env = append(os.Environ(), j.Env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Run(); err != nil {
		if stopped := ctx.Err(); stopped != nil {
			err = stopped
		}
		return fmt.Errorf("run %s: %w", strings.Join(j.Args[:min(3, len(j.Args))], " "), err)
	}
	return nil
}
