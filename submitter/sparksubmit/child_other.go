// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build !unix

package sparksubmit

import "os/exec"

// runsHere: Find refuses to run spark-submit here, as there is neither the shell that it is written for nor a signal
// that asks it to end.
const runsHere = false

// ownGroup leaves the child as it is: what ends it is the default of [exec.CommandContext].
func ownGroup(*exec.Cmd) {}

// exitCode is the child's own code: no signal ends a process here.
func exitCode(exit *exec.ExitError) int { return exit.ExitCode() }
