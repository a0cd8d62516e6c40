// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// cost is what one run of a whole process took.
type cost struct {
	WallMS float64 `json:"wall_ms"`
	CPUMS  float64 `json:"cpu_ms"`
	PeakMB float64 `json:"peak_mb"`
}

// measureRun runs a command from a process of its own: Linux counts what the process that starts another held resident as
// that one's own peak, and this one holds more than what is measured.
func measureRun(ctx context.Context, command []string) (cost, error) {
	self, err := os.Executable()
	if err != nil {
		return cost{}, err
	}
	cmd := exec.CommandContext(ctx, self, append([]string{"run"}, command...)...)
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return cost{}, err
	}
	var r cost
	err = json.Unmarshal(text, &r)
	return r, err
}

// runOne runs a command to its end, throws away what it prints, and writes what it took.
func runOne(ctx context.Context, w io.Writer, command []string) error {
	if len(command) == 0 {
		return errors.New("name a command to run")
	}
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Stderr = os.Stderr
	start := time.Now()
	err := cmd.Run()
	took := time.Since(start)
	if err != nil {
		return fmt.Errorf("%s: %w", command[0], err)
	}
	peak, err := peakOf(cmd.ProcessState)
	if err != nil {
		return err
	}
	text, err := json.Marshal(cost{
		WallMS: milliseconds(took), CPUMS: milliseconds(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()), PeakMB: float64(peak) / 1e6,
	})
	if err == nil {
		_, err = w.Write(text)
	}
	return err
}
