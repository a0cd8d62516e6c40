// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package host

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"strings"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/layout"
)

// MakeNetwork makes the cluster's network namespace and the link into it. There
// is no default route: nothing in the cluster reaches beyond this machine. An
// incomplete earlier one is removed first.
func MakeNetwork(ctx context.Context, c layout.Cluster) error {
	if networkWhole(ctx, c) {
		return nil
	}
	if err := RemoveNetwork(ctx, c); err != nil {
		return err
	}
	inside := func(args ...string) []string { return append([]string{"ip", "-n", c.Namespace()}, args...) }
	host, node := c.HostAddress().String(), c.NodeAddress().String()
	commands := [][]string{
		{"ip", "netns", "add", c.Namespace()},
		inside("link", "set", "lo", "up"),
		{"ip", "link", "add", c.HostLink(), "type", "veth", "peer", "name", c.NodeLink(), "netns", c.Namespace()},
		inside("address", "add", node+"/24", "dev", c.NodeLink()),
		inside("link", "set", c.NodeLink(), "up"),
		{"ip", "address", "add", host + "/24", "dev", c.HostLink()},
		{"ip", "link", "set", c.HostLink(), "up"},
		{"ip", "route", "replace", c.ServiceNetwork().String(), "via", node, "dev", c.HostLink()},
		{"nsenter", "--net=" + c.NamespacePath(), "--", "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward"},
		// The route made last is the sign that all of this is there.
		{"ip", "route", "replace", c.PodNetwork().String(), "via", node, "dev", c.HostLink()},
	}
	for _, command := range commands {
		if _, err := Output(ctx, command[0], command[1:]...); err != nil {
			return fmt.Errorf("make network: %w", err)
		}
	}
	return nil
}

func networkWhole(ctx context.Context, c layout.Cluster) bool {
	if _, err := os.Stat(c.NamespacePath()); err != nil {
		return false
	}
	routes, err := Output(ctx, "ip", "route", "show", c.PodNetwork().String(), "dev", c.HostLink())
	return err == nil && strings.Contains(routes, c.NodeAddress().String())
}

// RemoveNetwork removes the namespace and the link; both may be missing.
func RemoveNetwork(ctx context.Context, c layout.Cluster) error {
	if LinkExists(c.HostLink()) {
		if _, err := Output(ctx, "ip", "link", "delete", c.HostLink()); err != nil {
			return fmt.Errorf("remove link: %w", err)
		}
	}
	if _, err := os.Lstat(c.NamespacePath()); err == nil {
		if _, err := Output(ctx, "ip", "netns", "delete", c.Namespace()); err != nil {
			// A file that nothing is mounted on: its maker was killed half-way.
			if err := os.Remove(c.NamespacePath()); err != nil {
				return fmt.Errorf("remove network namespace: %w", err)
			}
		}
	}
	return nil
}

// LinkExists says whether the host has a network link of this name.
func LinkExists(name string) bool {
	_, err := os.Stat("/sys/class/net/" + name)
	return err == nil
}

// AddressesIn returns the host's routes and addresses that overlap the prefix,
// as `ip` prints them: a cluster there would take them over.
func AddressesIn(ctx context.Context, block netip.Prefix) ([]string, error) {
	text, err := Output(ctx, "ip", "-4", "-o", "route", "show", "table", "all")
	if err != nil {
		return nil, fmt.Errorf("list routes: %w", err)
	}
	return Overlapping(text, block), nil
}

// Overlapping returns the lines of `ip route` whose destination overlaps block.
func Overlapping(routes string, block netip.Prefix) []string {
	var found []string
	for line := range strings.Lines(routes) {
		for word := range strings.FieldsSeq(line) {
			prefix, err := netip.ParsePrefix(word)
			if err != nil {
				address, err := netip.ParseAddr(word)
				if err != nil {
					continue
				}
				prefix = netip.PrefixFrom(address, address.BitLen())
			}
			if prefix.Bits() > 0 && prefix.Overlaps(block) {
				found = append(found, strings.TrimSpace(line))
			}
			break // the first address of a line is its destination
		}
	}
	return found
}
