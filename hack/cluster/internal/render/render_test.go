// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package render

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/layout"
)

func decode(t *testing.T, data []byte) map[string]any {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal(data, &object); err != nil {
		t.Fatal(err)
	}
	return object
}

func TestKubelet(t *testing.T) {
	c := layout.Cluster{Name: "second", Slot: 1}
	tests := []struct {
		name string
		host Host
		want map[string]any
	}{
		{
			"version 1 of control groups must be allowed",
			Host{},
			map[string]any{"failCgroupV1": false, "cgroupRoot": "/sparkctl-second", "podLogsDir": "/var/lib/sparkctl-cluster/second/log/pods"},
		},
		{
			"with version 2 nothing is allowed that need not be",
			Host{CgroupV2: true},
			map[string]any{"failCgroupV1": nil, "cgroupRoot": "/sparkctl-second", "podLogsDir": "/var/lib/sparkctl-cluster/second/log/pods"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			data, err := Kubelet(c, tt.host)
			if err != nil {
				t.Fatal(err)
			}
			all, got := decode(t, data), map[string]any{}
			for key := range tt.want {
				got[key] = all[key]
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Kubelet() mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestContainerd(t *testing.T) {
	tests := []struct {
		name string
		host Host
		want string
	}{
		{"OOM scores are left alone where they may not be lowered", Host{}, "restrict_oom_score_adj = true"},
		{"OOM scores are set where they may be", Host{OOMScores: true}, "restrict_oom_score_adj = false"},
		{"plugins are found where they are", Host{CNIFolder: "/opt/cni/bin"}, `bin_dir = "/opt/cni/bin"`},
		{"layers are kept for the next image over them", Host{}, "discard_unpacked_layers = false"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			lines := strings.Split(string(Containerd(layout.Cluster{Name: "x"}, tt.host)), "\n")
			if !slices.ContainsFunc(lines, func(line string) bool { return strings.TrimSpace(line) == tt.want }) {
				t.Errorf("Containerd() has no line %q:\n%s", tt.want, strings.Join(lines, "\n"))
			}
		})
	}
}

func TestTwoClustersShareNothing(t *testing.T) {
	t.Parallel()
	flags := func(c layout.Cluster) []string {
		var all []string
		for _, args := range [][]string{Etcd(c), APIServer(c), ControllerManager(c), Scheduler(c), KubeProxy(c), KubeletArgs(c), CoreDNS(c)} {
			all = append(all, args...)
		}
		return all
	}
	second := flags(layout.Cluster{Name: "second", Slot: 1})
	for _, flag := range flags(layout.Cluster{Name: "first", Slot: 0}) {
		// Loopback is the namespace's own; everything else with a path or an address must differ.
		if strings.Contains(flag, "127.0.0.1") || strings.Contains(flag, "0.0.0.0") || strings.Contains(flag, "https://kubernetes.default") {
			continue
		}
		_, value, _ := strings.Cut(flag, "=")
		if (strings.HasPrefix(value, "/") || strings.HasPrefix(value, "198.")) && slices.Contains(second, flag) {
			t.Errorf("both clusters have %s", flag)
		}
	}
}

func TestKubeconfigHasOneContextOfTheClustersName(t *testing.T) {
	t.Parallel()
	data, err := Kubeconfig("second", "https://198.18.32.2:6443", []byte("ca"), []byte("crt"), []byte("key"))
	if err != nil {
		t.Fatal(err)
	}
	got := decode(t, data)
	if got["current-context"] != "second" {
		t.Errorf("current-context = %v", got["current-context"])
	}
	want := []any{map[string]any{"name": "second", "context": map[string]any{"cluster": "second", "user": "second"}}}
	if diff := cmp.Diff(want, got["contexts"]); diff != "" {
		t.Errorf("contexts mismatch (-want +got):\n%s", diff)
	}
}
