// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package main

import (
	"errors"
	"os"
	"syscall"
)

// peakOf is the most that a program that has ended ever held resident, in bytes, as the kernel noted it (getrusage(2), in KiB there).
func peakOf(ended *os.ProcessState) (int64, error) {
	usage, ok := ended.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, errors.New("the kernel tells nothing of the memory of a program that has ended")
	}
	return usage.Maxrss * 1024, nil
}
