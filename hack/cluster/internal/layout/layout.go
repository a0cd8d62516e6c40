// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package layout says where everything of one cluster lives: its addresses, its
// folders and the names it uses on the host. It is pure: nothing here touches
// the machine.
//
// A cluster has a name, chosen by the user, and a slot, a small number that the
// machine's clusters do not share. Names of files and of the network namespace
// come from the name; addresses and link names come from the slot.
package layout

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"regexp"
)

const (
	// Slots is how many clusters fit beside each other.
	Slots = 16
	// StateRoot holds one folder for each cluster, gone after `down`.
	StateRoot = "/var/lib/sparkctl-cluster"
	// RunRoot holds sockets; it is short because a socket's path is limited to 107 bytes.
	RunRoot = "/run/sparkctl-cluster"
	// DefaultName is the cluster that is meant when none is named.
	DefaultName = "sparkctl"

	// 198.18.0.0/15 is set aside for benchmarks (RFC 2544): no host is reached through it.
	blockBase = 198<<24 | 18<<16
	blockSize = 1 << 13
)

// Names end up in link, cgroup, namespace and node names: the strictest of these rules.
var validName = regexp.MustCompile(`^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$`)

// CheckName refuses a cluster name that could not be used everywhere it is needed.
func CheckName(name string) error {
	if !validName.MatchString(name) {
		return fmt.Errorf("check cluster name %q: it must be 1 to 20 lower-case letters, digits and dashes, and start with a letter", name)
	}
	return nil
}

// Cluster is the layout of one cluster.
type Cluster struct {
	Name string
	Slot int
}

// address returns the n-th address of the cluster's block of 8192.
func (c Cluster) address(n int) netip.Addr {
	v := uint32(blockBase + c.Slot*blockSize + n)
	return netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)})
}

// Block holds all of the cluster's addresses.
func (c Cluster) Block() netip.Prefix { return netip.PrefixFrom(c.address(0), 19) }

// HostAddress is the host's end of the link into the cluster.
func (c Cluster) HostAddress() netip.Addr { return c.address(1) }

// NodeAddress is the node, the API server and the DNS server.
func (c Cluster) NodeAddress() netip.Addr { return c.address(2) }

// ReadyNodeAddress is the address that the i-th (from 1) always ready node claims.
func (c Cluster) ReadyNodeAddress(i int) netip.Addr { return c.address(2 + i) }

// NodeNetwork is the link between host and node.
func (c Cluster) NodeNetwork() netip.Prefix { return netip.PrefixFrom(c.address(0), 24) }

// ServiceNetwork holds the virtual addresses of Services.
func (c Cluster) ServiceNetwork() netip.Prefix { return netip.PrefixFrom(c.address(256), 24) }

// APIServiceAddress is the Service "kubernetes".
func (c Cluster) APIServiceAddress() netip.Addr { return c.address(256 + 1) }

// DNSServiceAddress is the Service "kube-dns".
func (c Cluster) DNSServiceAddress() netip.Addr { return c.address(256 + 10) }

// PodNetwork holds the addresses of pods, 4096 of them.
func (c Cluster) PodNetwork() netip.Prefix { return netip.PrefixFrom(c.address(4096), 20) }

// Server is the API server's URL, the same inside and outside of the cluster's network.
func (c Cluster) Server() string { return fmt.Sprintf("https://%s:6443", c.NodeAddress()) }

// Namespace is the name of the network namespace.
func (c Cluster) Namespace() string { return "sparkctl-" + c.Name }

// NamespacePath is where `ip netns` keeps the namespace.
func (c Cluster) NamespacePath() string { return "/run/netns/" + c.Namespace() }

// HostLink and NodeLink are the two ends of the link; names of links have at most 15 bytes.
func (c Cluster) HostLink() string { return fmt.Sprintf("sparkctl%d", c.Slot) }

// NodeLink is the end inside the namespace.
func (c Cluster) NodeLink() string { return fmt.Sprintf("sparkctl%dn", c.Slot) }

// CgroupRoot is the folder below every cgroup controller that holds the cluster.
func (c Cluster) CgroupRoot() string { return "sparkctl-" + c.Name }

// NodeName is the one real node.
func (c Cluster) NodeName() string { return c.Name + "-node" }

// ReadyNodeName is the i-th (from 1) node that is only claimed to be ready.
func (c Cluster) ReadyNodeName(i int) string { return fmt.Sprintf("%s-ready-%d", c.Name, i) }

// State is the folder of everything the cluster writes.
func (c Cluster) State(elem ...string) string {
	return filepath.Join(append([]string{StateRoot, c.Name}, elem...)...)
}

// Run is the folder of its sockets.
func (c Cluster) Run(elem ...string) string {
	return filepath.Join(append([]string{RunRoot, c.Name}, elem...)...)
}

// ContainerdSocket is the container runtime's address, without a scheme.
func (c Cluster) ContainerdSocket() string { return c.Run("containerd.sock") }

// Kubeconfig is the administrator's; its one context has the cluster's name.
func (c Cluster) Kubeconfig() string { return c.State("kubeconfig") }

// Log is the log file of one component.
func (c Cluster) Log(component string) string { return c.State("logs", component+".log") }

// PKI is a file among keys and certificates.
func (c Cluster) PKI(file string) string { return c.State("pki", file) }

// A Bind replaces a folder that programs have built in by one of the cluster's
// own, in the mount namespace that containerd and the kubelet share.
type Bind struct{ Own, Fixed string }

// Binds lists those folders: device plugins and pod volumes, results of CNI
// plugins, links to container logs, sockets of shims. Two clusters that shared
// them would clean up after each other.
func (c Cluster) Binds() []Bind {
	return []Bind{
		{Own: c.State("kubelet"), Fixed: "/var/lib/kubelet"},
		{Own: c.State("cni"), Fixed: "/var/lib/cni"},
		{Own: c.State("log", "containers"), Fixed: "/var/log/containers"},
		{Own: c.Run("shims"), Fixed: "/run/containerd"},
	}
}
