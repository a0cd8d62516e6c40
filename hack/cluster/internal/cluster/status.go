// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"text/tabwriter"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/host"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/layout"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/process"
)

// Status writes what runs and what does not. Its error says that something a
// cluster needs does not run, or what is left of one that is down.
func (m *Manager) Status(ctx context.Context, out io.Writer) error {
	c, err := m.Find()
	if notUp, ok := errors.AsType[*NotUpError](err); ok {
		return m.statusDown(notUp)
	}
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(table, "cluster\t%s\nserver\t%s\nkubeconfig\t%s\nlogs\t%s\n", c.Name, c.Server(), c.Kubeconfig(), c.State("logs"))
	var broken []string
	for _, name := range Components() {
		record := process.Load(recordFile(c, name))
		switch {
		case record.Alive():
			_, _ = fmt.Fprintf(table, "%s\trunning, process %d\n", name, record.PID)
		case name == "ready-nodes" && record.PID == 0:
		default:
			broken = append(broken, name)
			_, _ = fmt.Fprintf(table, "%s\tnot running, log %s\n", name, c.Log(name))
		}
	}
	for _, node := range m.nodeLines(ctx, c, &broken) {
		_, _ = fmt.Fprintln(table, node)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("write status: %w", err)
	}
	if len(broken) > 0 {
		return &BrokenError{Name: m.Name, Parts: broken}
	}
	return nil
}

// BrokenError says which parts of a cluster do not work.
type BrokenError struct {
	Name  string
	Parts []string
}

func (e *BrokenError) Error() string {
	return fmt.Sprintf("check cluster %q: not well: %s", e.Name, strings.Join(e.Parts, ", "))
}

// Hint names the command to try.
func (e *BrokenError) Hint() string {
	return fmt.Sprintf("repair it: hack/cluster/cluster --name %s up", e.Name)
}

func (m *Manager) nodeLines(ctx context.Context, c layout.Cluster, broken *[]string) []string {
	a, err := newAPI(c)
	if err != nil {
		*broken = append(*broken, "keys")
		return nil
	}
	var list struct {
		Items []struct {
			Metadata struct{ Name string } `json:"metadata"`
		} `json:"items"`
	}
	if err := a.do(ctx, http.MethodGet, "/api/v1/nodes", "", nil, &list); err != nil {
		*broken = append(*broken, "API")
		return nil
	}
	var lines []string
	for _, node := range list.Items {
		state := "ready"
		if err := a.nodeReady(ctx, node.Metadata.Name); err != nil {
			state = err.Error()
			*broken = append(*broken, node.Metadata.Name)
		}
		lines = append(lines, node.Metadata.Name+"\t"+state)
	}
	return lines
}

func (m *Manager) statusDown(notUp *NotUpError) error {
	c := layout.Cluster{Name: m.Name, Slot: -1}
	cgroups, err := host.FindCgroups(c.CgroupRoot())
	if err != nil {
		return err
	}
	left, err := m.Leftovers(c, cgroups)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return fmt.Errorf("cluster %q is not up, but left behind: %s", m.Name, strings.Join(left, ", "))
	}
	return notUp
}
