// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package host

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Need is a Debian package and a sign that it, or a substitute, is there.
type Need struct {
	Package string
	// Program is looked up on PATH; Files are tried in order when it is empty.
	Program string
	Files   []string
}

// ClusterNeeds returns what a cluster needs to run.
func ClusterNeeds() []Need {
	return []Need{
		{Package: "containerd", Program: "containerd"},
		{Package: "runc", Program: "runc"},
		{Package: "containernetworking-plugins", Files: []string{"/usr/lib/cni/ptp", "/opt/cni/bin/ptp"}},
		{Package: "iptables", Program: "iptables"},
		{Package: "nftables", Program: "nft"},
		{Package: "conntrack", Program: "conntrack"},
		{Package: "iproute2", Program: "ip"},
		{Package: "util-linux", Program: "nsenter"},
		{Package: "mount", Program: "mount"},
	}
}

// SparkNeeds returns what making a Spark image needs.
func SparkNeeds(java string) []Need {
	return []Need{
		{Package: "mmdebstrap", Program: "mmdebstrap"},
		{Package: "debian-archive-keyring", Files: []string{
			"/usr/share/keyrings/debian-archive-keyring.gpg", "/usr/share/keyrings/debian-archive-keyring.pgp",
		}},
		{Package: "openjdk-" + java + "-jdk-headless", Program: "javac"},
		{Package: "python3-pip", Program: "pip3"},
	}
}

// Present says whether the need is met on this machine.
func (n Need) Present() bool {
	if n.Program != "" {
		_, err := exec.LookPath(n.Program)
		return err == nil
	}
	for _, file := range n.Files {
		if _, err := os.Stat(file); err == nil {
			return true
		}
	}
	return false
}

// Missing returns the packages of the needs that are not met.
func Missing(needs []Need) []string {
	var packages []string
	for _, need := range needs {
		if !need.Present() {
			packages = append(packages, need.Package)
		}
	}
	return packages
}

// Install installs packages by apt-get, output to log.
func Install(ctx context.Context, log string, packages []string) error {
	env := []string{"DEBIAN_FRONTEND=noninteractive", "NEEDRESTART_SUSPEND=1"}
	update := Job{Log: log, Env: env, Args: []string{"apt-get", "update"}}
	if err := update.Run(ctx); err != nil {
		return fmt.Errorf("read package lists: %w", err)
	}
	args := []string{"apt-get", "install", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"}
	install := Job{Log: log, Env: env, Args: append(args, packages...)}
	if err := install.Run(ctx); err != nil {
		return fmt.Errorf("install %s: %w", strings.Join(packages, " "), err)
	}
	return nil
}

// CNIFolder returns the folder of the network plugins.
func CNIFolder() (string, error) {
	for _, file := range []string{"/usr/lib/cni/ptp", "/opt/cni/bin/ptp"} {
		if _, err := os.Stat(file); err == nil {
			return filepath.Dir(file), nil
		}
	}
	return "", fmt.Errorf("find network plugins: no ptp plugin in /usr/lib/cni or /opt/cni/bin")
}

// DebianLike reads the text of /etc/os-release: is this Debian, Ubuntu or a
// derivative, whose packages are called as ours?
func DebianLike(osRelease string) bool {
	for line := range strings.Lines(osRelease) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if key != "ID" && key != "ID_LIKE" {
			continue
		}
		for word := range strings.FieldsSeq(strings.Trim(value, `"'`)) {
			if word == "debian" || word == "ubuntu" {
				return true
			}
		}
	}
	return false
}
