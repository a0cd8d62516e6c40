// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build unix

package sparksubmit

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"syscall"
)

// ownGroup puts the child into a process group of its own, so that a signal to ours (a terminal's
// Ctrl-C, Tekton, Jenkins) does not end it between two of its calls, and
// makes the end of the command's context a SIGTERM to that group.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
}

// exitCode is the child's code as a shell would tell it: 128 and the signal's number when one ended it.
func exitCode(exit *exec.ExitError) int {
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return exit.ExitCode()
}

// runLines runs cmd and hands over its streams line by line.
func runLines(cmd *exec.Cmd, stdout, stderr func(string)) error {
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("open its standard output: %w", err)
	}
	errs, err := cmd.StderrPipe()
	if err != nil {
		return fmt.Errorf("open its standard error: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	var streams sync.WaitGroup
	streams.Go(func() { copyLines(out, stdout) })
	streams.Go(func() { copyLines(errs, stderr) })
	streams.Wait()
	return cmd.Wait()
}

// copyLines hands over a stream line by line until it ends; a read error is its end.
func copyLines(stream io.Reader, line func(string)) {
	reader := bufio.NewReader(stream)
	for {
		text, err := reader.ReadString('\n')
		if n := len(text); n > 0 && text[n-1] == '\n' {
			text = text[:n-1]
		} else if text == "" && err != nil {
			return
		}
		line(text)
		if errors.Is(err, io.EOF) {
			return
		}
	}
}
