// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/host"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/layout"
)

// Down removes the cluster and everything it left on the machine, then looks
// whether that is true.
func (m *Manager) Down(ctx context.Context) error {
	release, err := m.lock(ctx)
	if err != nil {
		return err
	}
	defer release()
	c, err := m.Find()
	if err != nil {
		// Without its file the slot is unknown, but what has the cluster's name can be removed.
		c = layout.Cluster{Name: m.Name, Slot: -1}
	}
	cgroups, err := host.FindCgroups(c.CgroupRoot())
	if err != nil {
		return err
	}
	steps := []struct {
		part string
		work func(context.Context) error
	}{
		// Their mounts and the pods' networks live in the processes' own namespaces and end with them.
		{"end processes", cgroups.Kill},
		{"remove mounts", func(context.Context) error { return host.Unmount(c.State(), c.Run()) }},
		{"remove network", func(ctx context.Context) error { return host.RemoveNetwork(ctx, c) }},
		{"remove control groups", cgroups.Remove},
		{"remove files", func(context.Context) error { return removeFolders(c) }},
	}
	for _, step := range steps {
		if err := m.Progress.Do(ctx, step.part, "", step.work); err != nil {
			return err
		}
	}
	left, err := m.Leftovers(c, cgroups)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return fmt.Errorf("take cluster %s down: left behind: %s", m.Name, strings.Join(left, ", "))
	}
	m.Progress.Say("cluster %s is down: no process, mount, network namespace, link, control group or file is left", m.Name)
	return nil
}

func removeFolders(c layout.Cluster) error {
	for _, folder := range []string{c.Run(), c.State()} {
		if err := os.RemoveAll(folder); err != nil {
			return fmt.Errorf("remove folder: %w", err)
		}
	}
	// The roots, and the mount points that were made for want of a folder, go
	// with the last cluster: another one may have mounted on them.
	entries, err := os.ReadDir(layout.StateRoot)
	if err == nil && len(entries) > 0 {
		return nil
	}
	folders := []string{layout.StateRoot, layout.RunRoot}
	for _, bind := range c.Binds() {
		folders = append(folders, bind.Fixed)
	}
	for _, folder := range folders {
		_ = os.Remove(folder) // refuses one that is not empty
	}
	return nil
}

// Leftovers lists what is on the machine of a cluster that should not be there.
func (m *Manager) Leftovers(c layout.Cluster, cgroups host.Cgroups) ([]string, error) {
	var left []string
	for _, pid := range cgroups.Processes() {
		left = append(left, fmt.Sprintf("process %d", pid))
	}
	for _, group := range cgroups.Existing() {
		left = append(left, "control group "+group)
	}
	mounts, err := host.Mounts(c.State(), c.Run())
	if err != nil {
		return nil, err
	}
	for _, mount := range mounts {
		left = append(left, "mount "+mount)
	}
	if _, err := os.Lstat(c.NamespacePath()); err == nil {
		left = append(left, "network namespace "+c.Namespace())
	}
	if c.Slot >= 0 && host.LinkExists(c.HostLink()) {
		left = append(left, "link "+c.HostLink())
	}
	for _, folder := range []string{c.State(), c.Run()} {
		if _, err := os.Lstat(folder); err == nil {
			left = append(left, "folder "+filepath.Clean(folder))
		}
	}
	return left, nil
}
