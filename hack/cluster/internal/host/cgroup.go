// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package host

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/process"
)

const cgroupMount = "/sys/fs/cgroup"

// Cgroups are a cluster's control groups: one folder with version 2 of the
// kernel's interface, one below each controller with version 1.
type Cgroups struct {
	Unified bool
	roots   []string
}

// FindCgroups detects the version and names the folders; it makes none.
func FindCgroups(name string) (Cgroups, error) {
	if _, err := os.Stat(filepath.Join(cgroupMount, "cgroup.controllers")); err == nil {
		return Cgroups{Unified: true, roots: []string{filepath.Join(cgroupMount, name)}}, nil
	}
	entries, err := os.ReadDir(cgroupMount)
	if err != nil {
		return Cgroups{}, fmt.Errorf("find control groups: %w", err)
	}
	var found Cgroups
	for _, entry := range entries {
		folder := filepath.Join(cgroupMount, entry.Name())
		// Links such as cpu,cpuacct name a folder twice. A version 2 folder may stand
		// beside those of version 1 (systemd's hybrid mode); runc makes groups there too.
		if entry.Type()&fs.ModeSymlink != 0 {
			continue
		}
		if _, err := os.Stat(filepath.Join(folder, "cgroup.procs")); err == nil {
			found.roots = append(found.roots, filepath.Join(folder, name))
		}
	}
	if len(found.roots) == 0 {
		return Cgroups{}, fmt.Errorf("find control groups: %s holds no controller", cgroupMount)
	}
	return found, nil
}

// Make creates the control groups, and the one below each that daemons join.
func (c Cgroups) Make() error {
	for _, root := range c.roots {
		if c.Unified {
			delegate(filepath.Dir(root))
		}
		if err := os.MkdirAll(root, 0o755); err != nil {
			return fmt.Errorf("make control group: %w", err)
		}
		if c.Unified {
			delegate(root)
		}
		if err := os.MkdirAll(filepath.Join(root, "daemons"), 0o755); err != nil {
			return fmt.Errorf("make control group: %w", err)
		}
	}
	return nil
}

// delegate lets groups below folder use what the kernel offers. What it refuses
// the kubelet will name, better than this function could.
func delegate(folder string) {
	for _, controller := range []string{"cpuset", "cpu", "io", "memory", "hugetlb", "pids"} {
		_ = os.WriteFile(filepath.Join(folder, "cgroup.subtree_control"), []byte("+"+controller), 0o644)
	}
}

// Daemons returns the groups that daemons join. With version 1, cpuset is left
// out: a new group of it has no processors and takes no process.
func (c Cgroups) Daemons() []string {
	var groups []string
	for _, root := range c.roots {
		if filepath.Base(filepath.Dir(root)) == "cpuset" {
			continue
		}
		groups = append(groups, filepath.Join(root, "daemons"))
	}
	return groups
}

// Existing returns all of the cluster's control groups, the deepest first.
func (c Cgroups) Existing() []string {
	var groups []string
	for _, root := range c.roots {
		_ = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() {
				groups = append(groups, path)
			}
			return nil
		})
	}
	slices.Reverse(groups)
	return groups
}

// Processes returns every process in the cluster's control groups.
func (c Cgroups) Processes() []int {
	var pids []int
	for _, group := range c.Existing() {
		pids = append(pids, process.Members(group)...)
	}
	slices.Sort(pids)
	return slices.Compact(pids)
}

// Kill kills everything in the control groups until nothing is left there.
func (c Cgroups) Kill(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		pids := c.Processes()
		if len(pids) == 0 {
			return nil
		}
		for _, pid := range pids {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("end processes %v: %w", pids, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Remove removes the empty control groups. The kernel refuses for a moment
// after the last process has ended.
func (c Cgroups) Remove(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		var last error
		for _, group := range c.Existing() {
			if err := syscall.Rmdir(group); err != nil && !errors.Is(err, fs.ErrNotExist) {
				last = fmt.Errorf("remove control group %s: %w", group, err)
			}
		}
		if last == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return last
		case <-time.After(100 * time.Millisecond):
		}
	}
}
