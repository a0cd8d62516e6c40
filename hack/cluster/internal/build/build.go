// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package build builds the cluster's programs from their Go modules, each once
// for its version and the content of its module.
package build

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/sparkctl/sparkctl/hack/cluster/internal/host"
	"github.com/sparkctl/sparkctl/hack/cluster/internal/layout"
)

// Program is something to build.
type Program struct {
	Name    string
	Version string
	// Folder of the package, below the source folder.
	Folder string
	// Stamp holds -X settings of the linker, name=value.
	Stamp []string
	// Links are further names under which the program is called.
	Links []string
	// Note tells how long it takes the first time.
	Note string
}

// Programs returns everything that is built for a cluster.
func Programs() []Program {
	return []Program{
		{
			Name: "kubernetes", Version: layout.KubernetesVersion, Folder: "kubernetes",
			Stamp: kubernetesStamp(layout.KubernetesVersion),
			Links: []string{"kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kubelet", "kubectl"},
			Note:  "this takes 5 to 10 minutes on two processors, the first time only",
		},
		{Name: "etcd", Version: layout.EtcdVersion, Folder: "etcd", Note: "this takes half a minute, the first time only"},
		{Name: "coredns", Version: layout.CoreDNSVersion, Folder: "coredns", Note: "this takes a minute, the first time only"},
		{Name: "pause", Version: "1", Folder: "pause"},
	}
}

// kubernetesStamp makes the programs report their version; without it the API
// server says v0.0.0-master+$Format:%H$.
func kubernetesStamp(version string) []string {
	parts := strings.SplitN(version, ".", 3)
	var stamp []string
	for _, path := range []string{"k8s.io/component-base/version", "k8s.io/client-go/pkg/version"} {
		stamp = append(stamp,
			path+".gitVersion=v"+version, path+".gitMajor="+parts[0], path+".gitMinor="+parts[1],
			path+".gitTreeState=clean", path+".gitCommit=", path+".buildDate=1970-01-01T00:00:00Z")
	}
	return stamp
}

// Binary returns the path of the built program, or of one of its links.
func (p Program) Binary(cache layout.Cache, digest, name string) string {
	return cache.Bin(fmt.Sprintf("%s-%s-%s", p.Name, p.Version, digest), name)
}

// Digest is that of the program's sources, its go.mod and go.sum included.
func (p Program) Digest(source string) (string, error) {
	h := sha256.New()
	root := filepath.Join(source, p.Folder)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(h, "%s %d\n", filepath.Base(path), len(data))
		_, _ = h.Write(data)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("read sources of %s: %w", p.Name, err)
	}
	_, _ = fmt.Fprintf(h, "%q\n", p.Stamp)
	return hex.EncodeToString(h.Sum(nil))[:12], nil
}

// Find returns the path of the program, and whether the cache holds it.
func (p Program) Find(source string, cache layout.Cache) (path string, found bool, err error) {
	digest, err := p.Digest(source)
	if err != nil {
		return "", false, err
	}
	path = p.Binary(cache, digest, p.Name)
	_, err = os.Stat(path)
	return path, err == nil, nil
}

// Build builds the program unless another run just did.
func (p Program) Build(ctx context.Context, source string, cache layout.Cache) error {
	release, err := host.Lock(ctx, cache.Lock("build-"+p.Name), nil)
	if err != nil {
		return err
	}
	defer release()
	binary, found, err := p.Find(source, cache)
	if err != nil || found {
		return err
	}
	folder := filepath.Dir(binary)
	fresh := folder + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("remove half-built %s: %w", p.Name, err)
	}
	_ = os.Remove(cache.Log("build-" + p.Name))
	job := host.Job{
		Dir: filepath.Join(source, p.Folder),
		Log: cache.Log("build-" + p.Name),
		// Without cgo no C compiler is needed and the program runs in any image.
		Env:  []string{"CGO_ENABLED=0", "GOFLAGS=-mod=readonly", "GOWORK=off"},
		Args: []string{"go", "build", "-trimpath", "-buildvcs=false", "-ldflags", ldflags(p.Stamp), "-o", filepath.Join(fresh, p.Name), "."},
	}
	if err := job.Run(ctx); err != nil {
		return err
	}
	for _, link := range p.Links {
		if err := os.Symlink(p.Name, filepath.Join(fresh, link)); err != nil {
			return fmt.Errorf("link %s: %w", link, err)
		}
	}
	if err := os.Rename(fresh, folder); err != nil {
		return fmt.Errorf("keep %s: %w", p.Name, err)
	}
	return nil
}

func ldflags(stamp []string) string {
	return strings.Join(append([]string{"-s -w"}, stamp...), " -X ")
}
