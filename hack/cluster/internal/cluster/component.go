// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cluster

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/host"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/process"
)

// ComponentError says why one component cannot be started or ended.
type ComponentError struct{ Name, Reason, Try string }

func (e *ComponentError) Error() string {
	return fmt.Sprintf("find component %q: %s", e.Name, e.Reason)
}

// Hint names the command to try.
func (e *ComponentError) Hint() string { return e.Try }

func checkComponent(name string) error {
	if slices.Contains(Components(), name) {
		return nil
	}
	return &ComponentError{name, "there is none", "name one of: " + strings.Join(Components(), ", ")}
}

// endPatience is how long a component may take to end before it is made to.
const endPatience = 10 * time.Second

// Stop asks one component to end, and makes it when it takes longer than 10 s.
// It stays down until [Manager.Start] or [Manager.Up].
func (m *Manager) Stop(ctx context.Context, name string) error {
	return m.end(ctx, "stop "+name, name, func(ctx context.Context, r process.Record) error {
		return process.End(ctx, r, endPatience)
	})
}

// Kill ends one component with SIGKILL, so that it closes nothing and says goodbye to nobody.
func (m *Manager) Kill(ctx context.Context, name string) error {
	return m.end(ctx, "kill "+name, name, func(ctx context.Context, r process.Record) error {
		return process.Kill(ctx, r, endPatience)
	})
}

// end ends the component's process. That there is none is an error: whoever
// tests what its end does must not be told that it ended.
func (m *Manager) end(ctx context.Context, part, name string, how func(context.Context, process.Record) error) error {
	if err := checkComponent(name); err != nil {
		return err
	}
	release, err := m.lock(ctx)
	if err != nil {
		return err
	}
	defer release()
	c, err := m.Find()
	if err != nil {
		return err
	}
	record := process.Load(recordFile(c, name))
	if !record.Alive() {
		return &ComponentError{name, "it does not run", fmt.Sprintf("start it: hack/cluster/cluster --name %s start %s", m.Name, name)}
	}
	return m.Progress.Do(ctx, part, c.Log(name), func(ctx context.Context) error { return how(ctx, record) })
}

// Start starts one component of a cluster that was brought up, unless it runs,
// and waits until it is ready. It gives up when one that it cannot do without is down.
func (m *Manager) Start(ctx context.Context, name string) error {
	if err := checkComponent(name); err != nil {
		return err
	}
	release, err := m.lock(ctx)
	if err != nil {
		return err
	}
	defer release()
	c, err := m.Find()
	if err != nil {
		return err
	}
	s, err := load(m.Name)
	if err != nil {
		return err
	}
	programs, err := m.build(ctx)
	if err != nil {
		return err
	}
	cgroups, err := host.FindCgroups(c.CgroupRoot())
	if err != nil {
		return err
	}
	run := &runner{Manager: m, machine: machine{cluster: c, cgroups: cgroups, programs: programs, program: m.Program, nodes: max(1, s.Nodes)}}
	if run.api, err = newAPI(c); err != nil {
		return err
	}
	return run.one(ctx, name)
}
