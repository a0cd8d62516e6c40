// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/host"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/layout"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/process"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/render"
)

// Components lists the daemons of a cluster in the order of their start.
func Components() []string {
	return []string{
		"etcd", "containerd", "kube-apiserver", "kube-controller-manager", "kube-scheduler",
		"kubelet", "kube-proxy", "coredns", "ready-nodes",
	}
}

// machine is what daemons need to know to be started.
type machine struct {
	cluster layout.Cluster
	cgroups host.Cgroups
	// programs holds paths by name, as they were built.
	programs map[string]string
	program  string
	nodes    int
}

func recordFile(c layout.Cluster, name string) string {
	return c.State("processes", name+".json")
}

// daemon describes the component called name.
func (m machine) daemon(name string) (process.Daemon, error) {
	c := m.cluster
	namespace, err := inode(c.NamespacePath())
	if err != nil {
		return process.Daemon{}, err
	}
	d := process.Daemon{
		Name: name, Log: c.Log(name), Record: recordFile(c, name), Cgroups: m.cgroups.Daemons(),
		// Not `ip netns exec`: that mounts another /sys, which has no control groups.
		Enter:   []string{"nsenter", "--net=" + c.NamespacePath(), "--"},
		Depends: namespace,
	}
	kubernetes := filepath.Join(filepath.Dir(m.programs["kubernetes"]), name)
	kubeconfig := func(client string) []string { return []string{c.State("kubeconfigs", client)} }
	switch name {
	case "etcd":
		d.Args = append([]string{m.programs["etcd"]}, render.Etcd(c)...)
	case "containerd":
		d.Enter = append(d.Enter, "unshare", "--mount", "--propagation", "private", "--", "/bin/sh", "-ec", bindScript(c), "sh")
		d.Args = []string{m.programs["containerd"], "--config", c.State("containerd.toml")}
		d.Inputs = []string{c.State("containerd.toml")}
	case "kube-apiserver":
		d.Args = append([]string{kubernetes}, render.APIServer(c)...)
		d.Inputs = []string{c.PKI("ca.crt")}
	case "kube-controller-manager":
		d.Args, d.Inputs = append([]string{kubernetes}, render.ControllerManager(c)...), kubeconfig("controller-manager")
	case "kube-scheduler":
		d.Args, d.Inputs = append([]string{kubernetes}, render.Scheduler(c)...), kubeconfig("scheduler")
	case "kubelet":
		runtime := process.Load(recordFile(c, "containerd"))
		d.Enter = []string{"nsenter", "--net=" + c.NamespacePath(), fmt.Sprintf("--mount=/proc/%d/ns/mnt", runtime.PID), "--"}
		d.Depends += fmt.Sprintf(" %d %d", runtime.PID, runtime.Start)
		d.Args, d.Inputs = append([]string{kubernetes}, render.KubeletArgs(c)...), append(kubeconfig("kubelet"), c.State("kubelet.json"))
	case "kube-proxy":
		d.Args, d.Inputs = append([]string{kubernetes}, render.KubeProxy(c)...), kubeconfig("kube-proxy")
	case "coredns":
		d.Args, d.Inputs = append([]string{m.programs["coredns"]}, render.CoreDNS(c)...), append(kubeconfig("coredns"), c.State("Corefile"))
	case "ready-nodes":
		d.Args = []string{m.program, "--name", c.Name, "ready-nodes", strconv.Itoa(m.nodes - 1)}
	default:
		return process.Daemon{}, fmt.Errorf("start %s: no such component", name)
	}
	return d, nil
}

// bindScript runs in containerd's own mount namespace: nothing that containerd
// or the kubelet mounts is seen on the host, and all of it is gone with them.
// Inside, mounts are shared, as the kubelet wants it.
func bindScript(c layout.Cluster) string {
	lines := []string{"mount --make-rshared /"}
	for _, bind := range c.Binds() {
		lines = append(lines, fmt.Sprintf("mount --bind %s %s", bind.Own, bind.Fixed))
	}
	return strings.Join(append(lines, `exec "$@"`), "\n")
}

func inode(file string) (string, error) {
	info, err := os.Stat(file)
	if err != nil {
		return "", fmt.Errorf("find network namespace: %w", err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", fmt.Errorf("find network namespace: %s has no inode", file)
	}
	return strconv.FormatUint(stat.Ino, 10), nil
}
