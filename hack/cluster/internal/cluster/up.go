// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cluster

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/build"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/host"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/layout"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/progress"
)

// Up brings the cluster up with one real node and nodes-1 that are only kept
// ready; 0 leaves their number as it is.
func (m *Manager) Up(ctx context.Context, nodes int) error {
	release, err := m.lock(ctx)
	if err != nil {
		return err
	}
	defer release()
	if err := m.install(ctx, host.ClusterNeeds()); err != nil {
		return err
	}
	c, nodes, err := m.claim(ctx, nodes)
	if err != nil {
		return err
	}
	programs, err := m.build(ctx)
	if err != nil {
		return err
	}
	cgroups, err := m.prepare(ctx, c, programs["pause"])
	if err != nil {
		return err
	}
	started := m.Now()
	run := &runner{Manager: m, machine: machine{cluster: c, cgroups: cgroups, programs: programs, program: m.Program, nodes: nodes}}
	if err := run.all(ctx); err != nil {
		return err
	}
	m.Progress.Say("cluster %s is up (%.1fs): %s, kubeconfig %s", c.Name, m.Now().Sub(started).Seconds(), c.Server(), c.Kubeconfig())
	return nil
}

// install installs the packages of needs that are not met.
func (m *Manager) install(ctx context.Context, needs []host.Need) error {
	missing := host.Missing(needs)
	if len(missing) == 0 {
		return nil
	}
	release, err := host.Lock(ctx, m.Cache.Lock("packages"), nil)
	if err != nil {
		return err
	}
	defer release()
	if missing = host.Missing(needs); len(missing) == 0 {
		return nil
	}
	log := m.Cache.Log("packages")
	return m.Progress.Do(ctx, "Debian packages "+strings.Join(missing, " "), log, func(ctx context.Context) error {
		return host.Install(ctx, log, missing)
	})
}

// InstallForSpark installs what making a Spark image needs.
func (m *Manager) InstallForSpark(ctx context.Context) error {
	return m.install(ctx, host.SparkNeeds(layout.JavaMajor))
}

// build builds every program at the same time and returns their paths by name.
func (m *Manager) build(ctx context.Context) (map[string]string, error) {
	var mu sync.Mutex
	paths := map[string]string{}
	var works []func(context.Context) error
	for _, p := range build.Programs() {
		works = append(works, func(ctx context.Context) error {
			path, err := m.buildOne(ctx, p)
			mu.Lock()
			defer mu.Unlock()
			paths[p.Name] = path
			return err
		})
	}
	if err := progress.Together(ctx, works...); err != nil {
		return nil, err
	}
	containerd, err := exec.LookPath("containerd")
	if err != nil {
		return nil, fmt.Errorf("find containerd: %w", err)
	}
	paths["containerd"] = containerd
	return paths, nil
}

func (m *Manager) buildOne(ctx context.Context, p build.Program) (string, error) {
	if m.Source == "" {
		return "", fmt.Errorf("find sources to build: call the script hack/cluster/cluster")
	}
	path, found, err := p.Find(m.Source, m.Cache)
	if err != nil || found {
		return path, err
	}
	part := fmt.Sprintf("build %s %s", p.Name, p.Version)
	if p.Note != "" {
		m.Progress.Say("%s: %s", part, p.Note)
	}
	err = m.Progress.Do(ctx, part, m.Cache.Log("build-"+p.Name), func(ctx context.Context) error {
		return p.Build(ctx, m.Source, m.Cache)
	})
	return path, err
}

// Kubectl returns the path of kubectl, building it if need be.
func (m *Manager) Kubectl(ctx context.Context) (string, error) {
	for _, p := range build.Programs() {
		if p.Name == "kubernetes" {
			path, err := m.buildOne(ctx, p)
			return strings.TrimSuffix(path, "kubernetes") + "kubectl", err
		}
	}
	return "", fmt.Errorf("find kubectl: it is not built")
}

// eventually tries until it works, the context ends, patience is over or the
// reason to give up is not nil.
func eventually(ctx context.Context, patience time.Duration, giveUp func() error, try func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := try(ctx)
		if err == nil {
			return nil
		}
		if reason := giveUp(); reason != nil {
			return reason
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not ready within %s: %w", patience, err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}
