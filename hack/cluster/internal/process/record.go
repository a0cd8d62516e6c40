// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package process starts the cluster's daemons detached from the terminal and
// finds them again.
//
// A [Record] names a process by its id, its start time and the boot it belongs
// to, so that an id that was given to another process is never signalled. What
// was started but not recorded, because its starter was killed in between, is
// in the cluster's control group all the same.
package process

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Record identifies one process for as long as the machine runs.
type Record struct {
	PID int `json:"pid"`
	// Start is the process's start time in clock ticks since boot.
	Start uint64 `json:"start"`
	// Boot is the kernel's random id of this boot.
	Boot string `json:"boot"`
	// Digest tells with which program and arguments it was started.
	Digest string `json:"digest"`
}

// ParseStartTime reads the start time from the text of /proc/PID/stat. The
// second field is the program's name and may hold anything, spaces and
// parentheses included, so fields are counted from its last parenthesis.
func ParseStartTime(stat string) (uint64, error) {
	end := strings.LastIndexByte(stat, ')')
	if end < 0 {
		return 0, fmt.Errorf("parse process status %q: no program name", stat)
	}
	fields := strings.Fields(stat[end+1:])
	const afterName = 22 - 3 // starttime is field 22; fields[0] is field 3
	if len(fields) <= afterName {
		return 0, fmt.Errorf("parse process status %q: %d fields after the name", stat, len(fields))
	}
	start, err := strconv.ParseUint(fields[afterName], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("parse process start time: %w", err)
	}
	return start, nil
}

// Ended says whether the text of /proc/PID/stat is that of a process that has
// ended and only waits to be noticed by its parent. A first thread that has
// ended is not enough: until the others have, they hold files and ports.
func Ended(stat string) bool {
	end := strings.LastIndexByte(stat, ')')
	fields := strings.Fields(stat[end+1:])
	const threads = 20 - 3
	if len(fields) <= threads {
		return false
	}
	return (fields[0] == "Z" || fields[0] == "X") && (fields[threads] == "0" || fields[threads] == "1")
}

// Identify returns the record of a running process.
func Identify(pid int, digest string) (Record, error) {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return Record{}, fmt.Errorf("read status of process %d: %w", pid, err)
	}
	start, err := ParseStartTime(string(stat))
	if err != nil {
		return Record{}, err
	}
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return Record{}, fmt.Errorf("read boot id: %w", err)
	}
	return Record{PID: pid, Start: start, Boot: strings.TrimSpace(string(boot)), Digest: digest}, nil
}

// Alive says whether the very process of the record still runs.
func (r Record) Alive() bool {
	if r.PID <= 0 {
		return false
	}
	now, err := Identify(r.PID, r.Digest)
	if err != nil || now != r {
		return false
	}
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(r.PID), "stat"))
	return err == nil && !Ended(string(stat))
}

// Signal sends s to the process of the record, and to no other.
func (r Record) Signal(s syscall.Signal) error {
	if !r.Alive() {
		return os.ErrProcessDone
	}
	return syscall.Kill(r.PID, s)
}

// Save writes the record so that it is there whole or not at all.
func (r Record) Save(file string) error {
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode process record: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("make folder of process records: %w", err)
	}
	if err := os.WriteFile(file+".new", data, 0o644); err != nil {
		return fmt.Errorf("write process record: %w", err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		return fmt.Errorf("write process record: %w", err)
	}
	return nil
}

// Load reads a record; a missing or broken file is the zero record, which is not alive.
func Load(file string) Record {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return Record{}
	}
	var r Record
	if err != nil || json.Unmarshal(data, &r) != nil {
		return Record{}
	}
	return r
}
