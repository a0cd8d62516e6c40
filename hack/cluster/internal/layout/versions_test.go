// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package layout

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestModulesAgreeWithTheVersions(t *testing.T) {
	staging := "v0." + strings.TrimPrefix(KubernetesVersion, "1.")
	tests := []struct {
		name, module, want string
	}{
		{"kubernetes is built from its version", "kubernetes", "k8s.io/kubernetes v" + KubernetesVersion},
		{"its staging modules are of the same release", "kubernetes", "k8s.io/apiserver => k8s.io/apiserver " + staging},
		{"etcd is built from its version", "etcd", "go.etcd.io/etcd/server/v3 v" + EtcdVersion},
		{"coredns is built from its version", "coredns", "github.com/coredns/coredns v" + CoreDNSVersion},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(filepath.Join("..", "..", tt.module, "go.mod"))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(data), tt.want+"\n") {
				t.Errorf("%s/go.mod does not say %q", tt.module, tt.want)
			}
		})
	}
}

func TestDefaultSparkIsOneOfTheVersions(t *testing.T) {
	t.Parallel()
	if !slices.Contains(SparkVersions(), DefaultSpark) {
		t.Errorf("%s is not among %v", DefaultSpark, SparkVersions())
	}
}
