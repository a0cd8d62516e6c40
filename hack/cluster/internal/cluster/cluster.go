// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package cluster brings a cluster up, takes it down and tells its state.
//
// [Manager.Up] may be called at any time: it makes what is missing, starts what
// does not run and leaves alone what is as it should be, so an earlier call that
// was killed anywhere does no harm. [Manager.Down] removes everything and then
// proves it: [Manager.Leftovers] looks for processes, control groups, mounts,
// namespaces, links and folders.
package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/host"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/layout"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/progress"
)

// Manager works on one named cluster.
type Manager struct {
	Name     string
	Cache    layout.Cache
	Progress *progress.Reporter
	// Source is the folder of the modules to build.
	Source string
	// Program is this program, for the process that keeps further nodes ready.
	Program string
	Now     func() time.Time
}

// saved is what a cluster's folder tells about it.
type saved struct {
	Slot  int `json:"slot"`
	Nodes int `json:"nodes"`
}

// NotUpError says that there is no such cluster.
type NotUpError struct{ Name string }

func (e *NotUpError) Error() string { return fmt.Sprintf("find cluster %q: it is not up", e.Name) }

// Hint names the command to try.
func (e *NotUpError) Hint() string {
	return fmt.Sprintf("start it: hack/cluster/cluster --name %s up", e.Name)
}

func savedFile(name string) string {
	return filepath.Join(layout.StateRoot, name, "cluster.json")
}

// Find returns the layout of a cluster that was brought up.
func (m *Manager) Find() (layout.Cluster, error) {
	s, err := load(m.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return layout.Cluster{}, &NotUpError{Name: m.Name}
	}
	return layout.Cluster{Name: m.Name, Slot: s.Slot}, err
}

func load(name string) (saved, error) {
	data, err := os.ReadFile(savedFile(name))
	if err != nil {
		return saved{}, fmt.Errorf("read cluster %q: %w", name, err)
	}
	var s saved
	if err := json.Unmarshal(data, &s); err != nil {
		return saved{}, fmt.Errorf("read cluster %q: %w", name, err)
	}
	return s, nil
}

func (s saved) save(name string) error {
	data, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("encode cluster: %w", err)
	}
	return host.WriteFile(savedFile(name), data, 0o644)
}

// others returns the slots that other clusters have.
func others(name string) (map[int]bool, error) {
	entries, err := os.ReadDir(layout.StateRoot)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list clusters: %w", err)
	}
	taken := map[int]bool{}
	for _, entry := range entries {
		if s, err := load(entry.Name()); err == nil && entry.Name() != name {
			taken[s.Slot] = true
		}
	}
	return taken, nil
}

// claim returns the cluster's layout and its number of nodes, 0 for what it was,
// giving it a slot if it has none.
func (m *Manager) claim(ctx context.Context, nodes int) (layout.Cluster, int, error) {
	release, err := host.Lock(ctx, m.Cache.Lock("slots"), nil)
	if err != nil {
		return layout.Cluster{}, 0, err
	}
	defer release()
	s, err := load(m.Name)
	if errors.Is(err, fs.ErrNotExist) {
		s.Nodes = 1
		s.Slot, err = m.freeSlot(ctx)
	}
	if err != nil {
		return layout.Cluster{}, 0, err
	}
	if nodes > 0 {
		s.Nodes = nodes
	}
	s.Nodes = max(1, s.Nodes)
	return layout.Cluster{Name: m.Name, Slot: s.Slot}, s.Nodes, s.save(m.Name)
}

// freeSlot finds a slot that no cluster has and whose addresses nothing uses.
func (m *Manager) freeSlot(ctx context.Context) (int, error) {
	taken, err := others(m.Name)
	if err != nil {
		return 0, err
	}
	var inUse []string
	for slot := range layout.Slots {
		c := layout.Cluster{Name: m.Name, Slot: slot}
		if taken[slot] || host.LinkExists(c.HostLink()) {
			continue
		}
		used, err := host.AddressesIn(ctx, c.Block())
		if err != nil {
			return 0, err
		}
		if len(used) == 0 {
			return slot, nil
		}
		inUse = append(inUse, used...)
	}
	return 0, fmt.Errorf("find free addresses in 198.18.0.0/15: %d clusters are up, routes in use: %s", len(taken), strings.Join(inUse, "; "))
}

// lock keeps two runs from working on the same cluster.
func (m *Manager) lock(ctx context.Context) (func(), error) {
	return host.Lock(ctx, m.Cache.Lock("cluster-"+m.Name), func() {
		m.Progress.Say("another run works on cluster %s, waiting for it", m.Name)
	})
}
