// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package layout

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCheckName(t *testing.T) {
	tests := []struct {
		name  string
		given string
		ok    bool
	}{
		{"a plain word is a name", "sparkctl", true},
		{"one letter is a name", "a", true},
		{"a dash may stand inside", "e2e-1", true},
		{"a name is not empty", "", false},
		{"a name does not begin with a digit", "1st", false},
		{"a name does not end with a dash", "a-", false},
		{"a name has no capital", "Second", false},
		{"a name is no path", "../etc", false},
		{"a name has at most 20 letters", "abcdefghijklmnopqrstu", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := CheckName(tt.given); (err == nil) != tt.ok {
				t.Errorf("CheckName(%q) = %v", tt.given, err)
			}
		})
	}
}

func TestAddresses(t *testing.T) {
	type addresses struct{ Host, Node, API, DNS, Services, Pods, Server string }
	of := func(c Cluster) addresses {
		return addresses{
			c.HostAddress().String(), c.NodeAddress().String(), c.APIServiceAddress().String(), c.DNSServiceAddress().String(),
			c.ServiceNetwork().String(), c.PodNetwork().String(), c.Server(),
		}
	}
	tests := []struct {
		name string
		slot int
		want addresses
	}{
		{"the first slot begins the block", 0, addresses{
			"198.18.0.1", "198.18.0.2", "198.18.1.1", "198.18.1.10", "198.18.1.0/24", "198.18.16.0/20", "https://198.18.0.2:6443",
		}},
		{"the second slot is 32 networks further", 1, addresses{
			"198.18.32.1", "198.18.32.2", "198.18.33.1", "198.18.33.10", "198.18.33.0/24", "198.18.48.0/20", "https://198.18.32.2:6443",
		}},
		{"the ninth slot carries over", 8, addresses{
			"198.19.0.1", "198.19.0.2", "198.19.1.1", "198.19.1.10", "198.19.1.0/24", "198.19.16.0/20", "https://198.19.0.2:6443",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, of(Cluster{Name: "x", Slot: tt.slot})); diff != "" {
				t.Errorf("addresses mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNetworksOfDifferentSlotsDoNotOverlap(t *testing.T) {
	t.Parallel()
	block := netip.MustParsePrefix("198.18.0.0/15")
	var seen []netip.Prefix
	for slot := range Slots {
		c := Cluster{Name: "x", Slot: slot}
		for _, network := range []netip.Prefix{c.NodeNetwork(), c.ServiceNetwork(), c.PodNetwork()} {
			if network.Masked() != network || !block.Contains(network.Addr()) {
				t.Errorf("slot %d: %s is not a network of %s", slot, network, block)
			}
			for _, other := range seen {
				if other.Overlaps(network) {
					t.Errorf("slot %d: %s overlaps %s", slot, network, other)
				}
			}
			seen = append(seen, network)
		}
		if len(c.HostLink()) > 15 || len(c.NodeLink()) > 15 {
			t.Errorf("slot %d: link names %s and %s are too long", slot, c.HostLink(), c.NodeLink())
		}
	}
}

func TestClustersShareNoPath(t *testing.T) {
	t.Parallel()
	paths := func(c Cluster) []string {
		list := []string{c.State(), c.Run(), c.Kubeconfig(), c.ContainerdSocket(), c.NamespacePath(), c.CgroupRoot(), c.HostLink(), c.NodeName()}
		for _, bind := range c.Binds() {
			list = append(list, bind.Own)
		}
		return list
	}
	seen := map[string]bool{}
	for _, path := range paths(Cluster{Name: "first", Slot: 0}) {
		seen[path] = true
	}
	for _, path := range paths(Cluster{Name: "second", Slot: 1}) {
		if seen[path] {
			t.Errorf("both clusters use %s", path)
		}
	}
}

func TestNewCache(t *testing.T) {
	tests := []struct {
		name, xdg, want string
	}{
		{"without a setting it is below the home", "", "/home/u/.cache/sparkctl"},
		{"the XDG variable moves it", "/fast", "/fast/sparkctl"},
		{"a relative XDG variable is ignored, as its specification says", "fast", "/home/u/.cache/sparkctl"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := NewCache(tt.xdg, "/home/u").Root; got != tt.want {
				t.Errorf("NewCache() = %s, want %s", got, tt.want)
			}
		})
	}
}
