// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/layout"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/process"
)

// readyTaint keeps pods off nodes that no kubelet serves.
const readyTaint = "sparkctl.dev/no-kubelet"

// readyNodes makes the further nodes be as many as wanted.
func (r *runner) readyNodes(ctx context.Context) error {
	c := r.machine.cluster
	if r.machine.nodes > 1 {
		last := c.ReadyNodeName(r.machine.nodes - 1)
		err := r.start(ctx, "ready-nodes", func(ctx context.Context) error { return r.api.nodeReady(ctx, last) }, "kube-apiserver")
		if err != nil {
			return err
		}
	} else if err := r.endReadyNodes(ctx); err != nil {
		return err
	}
	return r.api.removeReadyNodes(ctx, r.machine.nodes-1, c)
}

func (r *runner) endReadyNodes(ctx context.Context) error {
	file := recordFile(r.machine.cluster, "ready-nodes")
	if err := process.End(ctx, process.Load(file), 5*time.Second); err != nil {
		return fmt.Errorf("end ready-nodes: %w", err)
	}
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("forget ready-nodes: %w", err)
	}
	return nil
}

// removeReadyNodes removes the nodes beyond the wanted number.
func (a *api) removeReadyNodes(ctx context.Context, wanted int, c layout.Cluster) error {
	var list struct {
		Items []struct {
			Metadata struct{ Name string } `json:"metadata"`
		} `json:"items"`
	}
	if err := a.do(ctx, http.MethodGet, "/api/v1/nodes?labelSelector="+readyTaint, "", nil, &list); err != nil {
		return fmt.Errorf("list further nodes: %w", err)
	}
	keep := map[string]bool{}
	for i := 1; i <= wanted; i++ {
		keep[c.ReadyNodeName(i)] = true
	}
	for _, node := range list.Items {
		if keep[node.Metadata.Name] {
			continue
		}
		if err := a.do(ctx, http.MethodDelete, "/api/v1/nodes/"+node.Metadata.Name, "", nil, nil); err != nil {
			return fmt.Errorf("remove further node: %w", err)
		}
	}
	return nil
}

// KeepReady makes count further nodes and keeps them ready until ctx ends. With
// only one node a lost node cannot be shown: when all nodes are lost the node
// controller believes that it is itself cut off, and evicts nothing.
func (m *Manager) KeepReady(ctx context.Context, count int) error {
	c, err := m.Find()
	if err != nil {
		return err
	}
	a, err := newAPI(c)
	if err != nil {
		return err
	}
	ticker := time.NewTicker(4 * time.Second)
	defer ticker.Stop()
	for made := false; ; {
		if err := a.renewNodes(ctx, c, count, !made, m.Now()); err != nil {
			m.Progress.Say("keep nodes ready: %v", err)
		} else {
			made = true
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

func (a *api) renewNodes(ctx context.Context, c layout.Cluster, count int, first bool, now time.Time) error {
	for i := 1; i <= count; i++ {
		name := c.ReadyNodeName(i)
		if first {
			if err := a.apply(ctx, "/api/v1/nodes/"+name, nodeObject(name)); err != nil {
				return err
			}
		}
		if err := a.apply(ctx, "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/"+name, nodeLease(name, now)); err != nil {
			return err
		}
		if err := a.apply(ctx, "/api/v1/nodes/"+name+"/status", nodeStatus(name, c.ReadyNodeAddress(i).String(), now)); err != nil {
			return err
		}
	}
	return nil
}

func nodeObject(name string) any {
	return map[string]any{
		"apiVersion": "v1", "kind": "Node",
		"metadata": map[string]any{"name": name, "labels": map[string]any{readyTaint: "true", "kubernetes.io/hostname": name}},
		"spec":     map[string]any{"taints": []any{map[string]any{"key": readyTaint, "effect": "NoSchedule"}}},
	}
}

func nodeLease(name string, now time.Time) any {
	return map[string]any{
		"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
		"metadata": map[string]any{"name": name, "namespace": "kube-node-lease"},
		"spec": map[string]any{
			"holderIdentity": name, "leaseDurationSeconds": 20, "renewTime": now.UTC().Format("2006-01-02T15:04:05.000000Z07:00"),
		},
	}
}

func nodeStatus(name, address string, now time.Time) any {
	room := map[string]any{"cpu": "2", "memory": "4Gi", "pods": "110"}
	return map[string]any{
		"apiVersion": "v1", "kind": "Node",
		"metadata": map[string]any{"name": name},
		"status": map[string]any{
			"addresses": []any{map[string]any{"type": "InternalIP", "address": address}},
			"capacity":  room, "allocatable": room,
			"conditions": []any{map[string]any{
				"type": "Ready", "status": "True", "reason": "KeptReady", "message": "kept ready without a kubelet",
				"lastHeartbeatTime": now.UTC().Format(time.RFC3339),
			}},
		},
	}
}
