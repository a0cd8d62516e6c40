// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package process

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Members returns the processes in one control group, not in those below it.
func Members(group string) []int {
	data, err := os.ReadFile(filepath.Join(group, "cgroup.procs"))
	if err != nil {
		return nil
	}
	var pids []int
	for line := range strings.FieldsSeq(string(data)) {
		if pid, err := strconv.Atoi(line); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}
