// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package render turns a cluster's layout into configuration files and command
// lines. It is pure; package cluster writes the files and starts the commands.
//
// What is set differently from a usual cluster, and why, is said beside it.
package render

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/layout"
)

// Host is what was found out about the machine.
type Host struct {
	// CgroupV2 is the unified hierarchy.
	CgroupV2 bool
	// OOMScores says that processes may be given a lower OOM score than their
	// parent's (CAP_SYS_RESOURCE). Containers often may not.
	OOMScores bool
	// CNIFolder holds the network plugins.
	CNIFolder string
	// PauseImage is the sandbox image's reference.
	PauseImage string
}

// Kubelet returns the kubelet's configuration file.
func Kubelet(c layout.Cluster, h Host) ([]byte, error) {
	config := map[string]any{
		"apiVersion":               "kubelet.config.k8s.io/v1beta1",
		"kind":                     "KubeletConfiguration",
		"containerRuntimeEndpoint": "unix://" + c.ContainerdSocket(),
		"address":                  c.NodeAddress().String(),
		"healthzBindAddress":       "127.0.0.1",
		"clusterDomain":            "cluster.local",
		"clusterDNS":               []string{c.DNSServiceAddress().String()},
		"resolvConf":               c.State("resolv.conf"),
		"podLogsDir":               c.State("log", "pods"),
		"volumePluginDir":          c.State("volume-plugins"),
		"tlsCertFile":              c.PKI("server.crt"),
		"tlsPrivateKeyFile":        c.PKI("server.key"),
		"authentication": map[string]any{
			"anonymous": map[string]any{"enabled": false},
			"webhook":   map[string]any{"enabled": true},
			"x509":      map[string]any{"clientCAFile": c.PKI("ca.crt")},
		},
		"authorization": map[string]any{"mode": "Webhook"},
		// Every kubelet kills what it does not know below its root: each has its own.
		"cgroupRoot":   "/" + c.CgroupRoot(),
		"cgroupDriver": "cgroupfs",
		"failSwapOn":   false,
		"maxPods":      250,
		// The disk is the user's and may well be nearly full; no image is removed behind their back.
		"evictionHard": map[string]string{
			"memory.available": "100Mi", "nodefs.available": "1%", "nodefs.inodesFree": "1%", "imagefs.available": "1%",
		},
		"imageGCHighThresholdPercent": 100,
		"imageGCLowThresholdPercent":  99,
		// A node that stops answering is noticed after NodeGrace; these renew in time.
		"nodeStatusUpdateFrequency": "4s",
		"nodeLeaseDurationSeconds":  20,
	}
	if !h.CgroupV2 {
		config["failCgroupV1"] = false
	}
	return encode("kubelet configuration", config)
}

// NodeGrace is how long a node may be silent, and how long pods stay on it then.
// Much shorter than usual, so that a test of a lost node takes a minute.
const (
	NodeGrace       = "20s"
	PodsStaySeconds = 10
)

// Containerd returns the container runtime's configuration file.
func Containerd(c layout.Cluster, h Host) []byte {
	lines := []string{
		"version = 2",
		fmt.Sprintf("root = %q", c.State("containerd")),
		fmt.Sprintf("state = %q", c.Run("containerd")),
		`disabled_plugins = ["io.containerd.nri.v1.nri", "io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.aufs", ` +
			`"io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]`,
		"[grpc]",
		fmt.Sprintf("  address = %q", c.ContainerdSocket()),
		`[plugins."io.containerd.grpc.v1.cri"]`,
		fmt.Sprintf("  sandbox_image = %q", h.PauseImage),
		`  stream_server_address = "127.0.0.1"`,
		"  disable_apparmor = true",
		"  netns_mounts_under_state_dir = true",
		fmt.Sprintf("  restrict_oom_score_adj = %t", !h.OOMScores),
		`  [plugins."io.containerd.grpc.v1.cri".cni]`,
		fmt.Sprintf("    bin_dir = %q", h.CNIFolder),
		fmt.Sprintf("    conf_dir = %q", c.State("cni-conf")),
		`  [plugins."io.containerd.grpc.v1.cri".containerd]`,
		`    snapshotter = "overlayfs"`,
		// Layers stay in the content store, so that an image over one that is
		// already here is loaded by its new layers alone.
		"    discard_unpacked_layers = false",
		`    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]`,
		`      runtime_type = "io.containerd.runc.v2"`,
		`      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]`,
		"        SystemdCgroup = false",
	}
	return []byte(strings.Join(lines, "\n") + "\n")
}

// CNI returns the list of network plugins for pods. Each pod has a link of its
// own to the node, which routes. With a bridge a pod would reach a Service of
// another pod only where the kernel sends bridged packets through its filters.
func CNI(c layout.Cluster) ([]byte, error) {
	return encode("network configuration", map[string]any{
		"cniVersion": "0.4.0",
		"name":       c.Name,
		"plugins": []any{
			map[string]any{
				"type": "ptp", "ipMasq": false,
				"ipam": map[string]any{
					"type":    "host-local",
					"dataDir": c.State("cni", "networks"),
					"ranges":  []any{[]any{map[string]any{"subnet": c.PodNetwork().String()}}},
					"routes":  []any{map[string]any{"dst": "0.0.0.0/0"}},
				},
			},
			map[string]any{"type": "portmap", "capabilities": map[string]any{"portMappings": true}},
		},
	})
}

// Corefile returns the DNS server's configuration. It knows the cluster's names
// and forwards nothing: any other name fails at once instead of timing out.
func Corefile(c layout.Cluster) []byte {
	return fmt.Appendf(nil, `.:53 {
    bind %s
    errors
    ready %s:8181
    cache 30
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        kubeconfig %s coredns
        pods insecure
        ttl 5
    }
}
`, c.NodeAddress(), c.NodeAddress(), c.State("kubeconfigs", "coredns"))
}

// ResolvConf is what pods with the node's DNS, and the node itself, use.
func ResolvConf(c layout.Cluster) []byte {
	return fmt.Appendf(nil, "nameserver %s\n", c.NodeAddress())
}

func encode(what string, object any) ([]byte, error) {
	data, err := json.MarshalIndent(object, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", what, err)
	}
	return append(data, '\n'), nil
}
