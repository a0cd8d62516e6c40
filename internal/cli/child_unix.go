// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build unix

package cli

import (
	"os"
	"syscall"

	"github.com/sparkctl/sparkctl/internal/problem"
)

// sparkEntrypoint is the entrypoint of every Spark image, ours and others' built from one.
const sparkEntrypoint = "/opt/entrypoint.sh"

// passThrough becomes the Spark image's own entrypoint when the container was started as a
// driver or an executor, so that one image serves the launcher and what it
// launches. ours is false when there is nothing to pass through; otherwise it returns only on failure.
func passThrough(env Env) (code int, ours bool) {
	if len(env.Args) == 0 || env.Args[0] != "driver" && env.Args[0] != "executor" {
		return 0, false
	}
	path := env.Getenv(envPrefix + "SPARK_ENTRYPOINT")
	if path == "" {
		path = sparkEntrypoint
	}
	err := syscall.Exec(path, append([]string{path}, env.Args...), env.Environ)
	return Report(env.Stderr, "submitter", problem.Usage(
		"use an image made from a Spark image, or name its entrypoint in "+envPrefix+"SPARK_ENTRYPOINT",
		"%q is passed to the Spark image's entrypoint, and %s cannot be run: %w", env.Args[0], path, err)), true
}

// reap takes the exit status of children that were left to us: as PID 1 we inherit
// what spark-submit's shells leave. It must not run while a child of our own is waited for.
func reap() {
	if os.Getpid() != 1 {
		return
	}
	for {
		pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
		if pid <= 0 || err != nil {
			return
		}
	}
}
