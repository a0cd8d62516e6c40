// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build unix

package sparksubmit

import (
	"os/exec"
	"syscall"
)

// runsHere: spark-submit is a script of a Unix shell.
const runsHere = true

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
