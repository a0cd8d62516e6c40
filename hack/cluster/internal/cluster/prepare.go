// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/host"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/image"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/layout"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/pki"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/render"
)

// prepare makes the network, control groups, folders, keys and configuration.
func (m *Manager) prepare(ctx context.Context, c layout.Cluster, pause string) (host.Cgroups, error) {
	var cgroups host.Cgroups
	err := m.Progress.Do(ctx, "network, control groups, keys and configuration", "", func(ctx context.Context) error {
		if err := host.MakeNetwork(ctx, c); err != nil {
			return err
		}
		var err error
		if cgroups, err = host.FindCgroups(c.CgroupRoot()); err != nil {
			return err
		}
		if err := cgroups.Make(); err != nil {
			return err
		}
		if err := makeFolders(c); err != nil {
			return err
		}
		if err := pki.Ensure(c, m.Now()); err != nil {
			return err
		}
		if err := writeKubeconfigs(c); err != nil {
			return err
		}
		return writeConfiguration(c, cgroups.Unified, pause)
	})
	return cgroups, err
}

func makeFolders(c layout.Cluster) error {
	folders := []string{c.State("log", "pods"), c.State("volume-plugins"), c.State("logs")}
	for _, bind := range c.Binds() {
		folders = append(folders, bind.Own, bind.Fixed)
	}
	for _, folder := range folders {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return fmt.Errorf("make folder: %w", err)
		}
	}
	return nil
}

func writeKubeconfigs(c layout.Cluster) error {
	authority, err := os.ReadFile(c.PKI("ca.crt"))
	if err != nil {
		return fmt.Errorf("read cluster's authority: %w", err)
	}
	for client := range pki.Clients(c) {
		certificate, err := os.ReadFile(c.PKI(client + ".crt"))
		if err != nil {
			return fmt.Errorf("read certificate: %w", err)
		}
		key, err := os.ReadFile(c.PKI(client + ".key"))
		if err != nil {
			return fmt.Errorf("read key: %w", err)
		}
		name, file := client, c.State("kubeconfigs", client)
		if client == "admin" {
			name, file = c.Name, c.Kubeconfig()
		}
		data, err := render.Kubeconfig(name, c.Server(), authority, certificate, key)
		if err != nil {
			return err
		}
		if err := host.WriteFile(file, data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func writeConfiguration(c layout.Cluster, unified bool, pause string) error {
	cni, err := host.CNIFolder()
	if err != nil {
		return err
	}
	made, err := pauseImage(pause)
	if err != nil {
		return err
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return fmt.Errorf("read own capabilities: %w", err)
	}
	h := render.Host{
		CgroupV2: unified, OOMScores: hasCapability(string(status), capSysResource), CNIFolder: cni, PauseImage: made.Reference("pause"),
	}
	kubelet, err := render.Kubelet(c, h)
	if err != nil {
		return err
	}
	network, err := render.CNI(c)
	if err != nil {
		return err
	}
	files := map[string][]byte{
		"kubelet.json":                        kubelet,
		"containerd.toml":                     render.Containerd(c, h),
		"cni-conf/10-" + c.Name + ".conflist": network,
		"Corefile":                            render.Corefile(c),
		"resolv.conf":                         render.ResolvConf(c),
	}
	for name, data := range files {
		if err := host.WriteFile(c.State(filepath.FromSlash(name)), data, 0o644); err != nil {
			return err
		}
	}
	return writeImage(made, c.State("pause.tar"))
}

// capSysResource is the number of CAP_SYS_RESOURCE.
const capSysResource = 24

// hasCapability reads the text of /proc/self/status.
func hasCapability(status string, number uint) bool {
	for line := range strings.Lines(status) {
		if value, ok := strings.CutPrefix(line, "CapEff:"); ok {
			set, err := strconv.ParseUint(strings.TrimSpace(value), 16, 64)
			return err == nil && set&(1<<number) != 0
		}
	}
	return false
}

// pauseImage is the image of the sandbox: one static program.
func pauseImage(program string) (image.Image, error) {
	layer, err := image.FileLayer("pause", program)
	if err != nil {
		return image.Image{}, err
	}
	config, err := json.Marshal(map[string]any{
		"architecture": runtime.GOARCH,
		"os":           "linux",
		"config":       map[string]any{"Entrypoint": []string{"/pause"}, "User": "65535:65535"},
		"rootfs":       map[string]any{"type": "layers", "diff_ids": []string{layer.Digest}},
	})
	if err != nil {
		return image.Image{}, fmt.Errorf("encode image configuration: %w", err)
	}
	return image.Image{Name: "localhost/sparkctl/pause", Config: config, Layers: []image.Layer{layer}}, nil
}

func writeImage(i image.Image, file string) error {
	f, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("make image archive: %w", err)
	}
	defer func() { _ = f.Close() }()
	return i.WriteDocker(io.Writer(f))
}
