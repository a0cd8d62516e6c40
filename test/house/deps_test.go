// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package house

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/sparkctl/sparkctl"

// layers orders our packages: one may import those of a lower layer and of its
// own. A package belongs to the longest path that is a prefix of its own.
var layers = map[string]int{
	"cmd":                4,
	"internal/cli":       3,
	"internal/sparkctl":  3,
	"sensor":             2,
	"submitter":          2,
	"xcom":               0,
	"internal/driver":    0,
	"internal/exception": 0,
	"internal/kube":      0,
	"internal/metrics":   0,
	"internal/rbac":      0,
	"internal/lines":     0,
	"internal/secret":    0,
	"internal/spelling":  0,
	"internal/pattern":   0,
	"internal/problem":   0,
}

// programs are for developers: they may import anything of ours, and nothing
// of the product imports them.
var programs = []string{"test", "tools", "hack", "images", "examples"}

// dependencies are the modules the root go.mod may name directly, at most 12,
// each with its reason.
var dependencies = map[string]string{
	"k8s.io/api":                      "the types of pods and events",
	"k8s.io/apimachinery":             "object metadata, API errors, patches",
	"k8s.io/client-go":                "REST and dynamic clients, informers, kubeconfig",
	"github.com/spf13/cobra":          "the command line",
	"github.com/spf13/pflag":          "cobra's flags, by their own name",
	"go.uber.org/zap":                 "logs of the programs, built in internal/cli",
	"github.com/tidwall/gjson":        "reading JSON that others wrote",
	"k8s.io/klog/v2":                  "keeping what client-go logs out of ours",
	"sigs.k8s.io/yaml":                "reading manifests and templates",
	"github.com/google/go-cmp":        "tests: comparing whole values",
	"github.com/rogpeppe/go-internal": "unified diffs; tests: scripts that run the programs",
	"go.uber.org/goleak":              "tests: no goroutine is left behind",
	"pgregory.net/rapid":              "tests: properties",
}

type listedPackage struct {
	ImportPath string
	Name       string
	Imports    []string
}

func TestPackagesImportOnlyTheirOwnLayerAndTheOnesBelow(t *testing.T) {
	t.Parallel()
	for _, pkg := range goList(t, "./...") {
		from := ours(pkg.ImportPath)
		if isProgram(from) {
			continue
		}
		layer, ok := layerOf(from)
		if !ok {
			t.Errorf("%s is in no layer: add it to the table in deps_test.go, or move it", from)
			continue
		}
		for _, imported := range pkg.Imports {
			if imported != module && !strings.HasPrefix(imported, module+"/") {
				continue
			}
			to := ours(imported)
			toLayer, ok := layerOf(to)
			switch {
			case isProgram(to) || !ok:
				t.Errorf("%s imports %s, which is not part of the product", from, to)
			case toLayer > layer:
				t.Errorf("%s imports %s, which is above it", from, to)
			case within(from, "xcom") && !within(to, "xcom"):
				t.Errorf("%s imports %s: xcom imports none of ours", from, to)
			}
		}
	}
}

func TestLibrariesKnowNoCommandLineAndBuildNoLogger(t *testing.T) {
	t.Parallel()
	banned := []string{"github.com/spf13/", "go.uber.org/zap", "flag", "log", "k8s.io/klog"}
	for _, pkg := range goList(t, "./...") {
		from := ours(pkg.ImportPath)
		if layer, ok := layerOf(from); !ok || layer > layers["submitter"] {
			continue
		}
		for _, imported := range pkg.Imports {
			for _, name := range banned {
				if imported == strings.TrimSuffix(name, "/") || strings.HasPrefix(imported, strings.TrimSuffix(name, "/")+"/") && imported != "log/slog" {
					t.Errorf("%s imports %s: pass in what it needs from internal/cli", from, imported)
				}
			}
		}
	}
}

// The typed clientset links every API group: it doubles the size of the
// binaries and the memory of one that follows a single pod.
func TestProgramsDoNotLinkTheTypedClientset(t *testing.T) {
	t.Parallel()
	for _, pkg := range goList(t, "-deps", "./cmd/...") {
		for _, imported := range pkg.Imports {
			if within(imported, "k8s.io/client-go/kubernetes") && !within(pkg.ImportPath, "k8s.io/client-go/kubernetes") {
				t.Errorf("%s imports %s: use the clients of internal/kube", pkg.ImportPath, imported)
			}
		}
	}
}

func TestDirectDependenciesAreFewAndNamed(t *testing.T) {
	t.Parallel()
	var goMod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal(goCommand(t, "mod", "edit", "-json"), &goMod); err != nil {
		t.Fatal(err)
	}
	direct := 0
	for _, require := range goMod.Require {
		if require.Indirect {
			continue
		}
		direct++
		if dependencies[require.Path] == "" {
			t.Errorf("go.mod requires %s directly: do without, or name it and its reason in deps_test.go", require.Path)
		}
	}
	if direct > 12 {
		t.Errorf("go.mod requires %d modules directly, more than 12", direct)
	}
}

func layerOf(pkg string) (int, bool) {
	for path := pkg; path != ""; {
		if layer, ok := layers[path]; ok {
			return layer, true
		}
		slash := strings.LastIndexByte(path, '/')
		if slash < 0 {
			break
		}
		path = path[:slash]
	}
	return 0, false
}

func isProgram(pkg string) bool {
	return slices.ContainsFunc(programs, func(root string) bool { return within(pkg, root) })
}

// within tells whether a package is root or lies below it.
func within(pkg, root string) bool {
	return pkg == root || strings.HasPrefix(pkg, root+"/")
}

// ours is an import path without the module's own.
func ours(importPath string) string {
	return strings.TrimPrefix(strings.TrimPrefix(importPath, module), "/")
}

// goList lists packages; one that does not compile is listed all the same,
// because the compiler says more about it than this test could.
func goList(t *testing.T, args ...string) []listedPackage {
	t.Helper()
	out := goCommand(t, append([]string{"list", "-e", "-json=ImportPath,Name,Imports"}, args...)...)
	var packages []listedPackage
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var pkg listedPackage
		err := decoder.Decode(&pkg)
		if errors.Is(err, io.EOF) {
			return packages
		}
		if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, pkg)
	}
}

func goCommand(t *testing.T, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return out
}
