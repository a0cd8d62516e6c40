// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package script

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tools are the programs that are not ours and that a test can run as they are. The last two are PowerShell's, and have stand-ins.
var tools = []string{"cat", "command", "dirname", "export", "ln", "mkdir", "printf", "sed", "source", "Out-String", "Invoke-Expression"}

// elsewhere says which file runs the commands of other programs that the pages show, by the words with which they begin and the text
// by which that file runs the same; and why there is none, where there is none.
var elsewhere = []struct{ command, file, text, why string }{
	{command: "make demo", file: "test/e2e/readme_test.go", text: `readmeBlock(t, string(text), "make demo ")`},
	{command: "make test", file: ".ci/run", text: "make test"},
	{command: "make check", file: ".ci/run", text: "make check"},
	{command: "make e2e-full", why: "the whole matrix of versions takes hours; its suites are those of make e2e"},
	{command: "make e2e", file: ".ci/run", text: "make e2e"},
	{command: "make images", file: "hack/e2e.sh", text: `part "images" hack/images.sh`},
	{command: "make generate", file: "hack/verify.sh", text: "make --no-print-directory generate"},
	{command: "make man", file: "test/script/testdata/ctl_man.txtar", text: "exec exits 0 sparkctl man out/man1"},
	{command: "make sparkctl-all", file: "hack/check.sh", text: "hack/systems.sh compile"},
	{command: "make build", file: "test/e2e/readme_test.go", text: `readmeBlock(t, string(text), "kubectl create namespace jobs")`},
	{command: "make fmt", file: "hack/check.sh", text: "hack/lint.sh"},
	{command: "make bench", why: "it takes an hour and judges nothing: docs/benchmarks.md is made by it"},
	{command: "make golden", why: "a JVM for each of more than a thousand recordings; one version of them is compared anew by make e2e"},
	{command: "make help", why: "it prints the comments in the Makefile"},
	{command: "hack/golden.sh", why: "as make golden"},
	{command: ".ci/run", why: "it is what runs all of this"},
	{command: "hack/cluster/cluster up", file: "hack/e2e.sh", text: `hack/cluster/cluster --name "$SPARKCTL_CLUSTER_NAME" up`},
	{command: "hack/cluster/cluster down", file: "hack/e2e.sh", text: `hack/cluster/cluster --name "$SPARKCTL_CLUSTER_NAME" down`},
	{command: "hack/cluster/cluster kubeconfig", file: "hack/target.sh", text: "target_cluster kubeconfig"},
	{command: "hack/cluster/cluster kubectl", file: "hack/target.sh", text: `hack/cluster/cluster" --name "$TARGET_EMBEDDED" kubectl`},
	{command: "hack/cluster/cluster spark-image", file: "hack/target.sh", text: "target_cluster spark-image"},
	{command: "hack/cluster/cluster spark-home", file: "test/e2e/run_process_test.go", text: `"hack/cluster/cluster", "spark-home"`},
	{command: "kubectl apply", file: "hack/demo.sh", text: "target_kubectl apply -f -"},
	{command: "kubectl create namespace", file: "test/e2e/readme_test.go", text: `readmeBlock(t, string(text), "kubectl create namespace jobs")`},
	{command: "kubectl create rolebinding", why: "the end-to-end tests bind Roles to service accounts, by what sparkctl rbac prints"},
	{command: "kubectl -n spark create configmap", file: "hack/demo.sh", text: "kube create configmap"},
	{command: "kubectl -n spark create token airflow", file: "test/airflow/run", text: "create token airflow"},
	{command: "kubectl get pods", file: "hack/demo.sh", text: "kube get pods"},
	{command: "kubectl ARGS...", file: "hack/target.sh", text: `hack/cluster/cluster" --name "$TARGET_EMBEDDED" kubectl`},
	{command: "kubectl --help", file: "test/bench/list.go", text: `b.kubectl, "--help"`},
	{
		command: "go build -trimpath -tags nethttpomithttp2 -ldflags -s -w", file: "hack/images.sh",
		text: `go build -trimpath -tags nethttpomithttp2 -ldflags "-s -w"`,
	},
	{command: "docker build", why: "no Docker is needed anywhere here: hack/images.sh builds the same files with buildah"},
	{command: "podman build", why: "as docker build"},
	{command: "buildah bud", file: "hack/images.sh", text: "bud --isolation chroot"},
	{command: "go test", file: "hack/test.sh", text: "go test"},
	{command: "git diff", why: "nothing of ours"},
}

// runElsewhere says whether something else runs a command, and complains where nothing is named, or does not run it.
func runElsewhere(t *testing.T, where, command string) string {
	t.Helper()
	if targets, makes := strings.CutPrefix(command, "make "); makes {
		first, rest, more := strings.Cut(targets, " ")
		contains(t, "Makefile", "\n"+first+":")
		if command = "make " + first; more {
			runElsewhere(t, where, "make "+rest)
		}
	}
	for _, e := range elsewhere {
		switch {
		case command != e.command && !strings.HasPrefix(command, e.command+" "):
			continue
		case e.file == "":
			return nowhere
		}
		contains(t, e.file, e.text)
		return somewhere
	}
	t.Errorf("%s: nothing is said to run %s", where, command)
	return nowhere
}

func TestEveryCommandIsRunElsewhereOrThereIsAReason(t *testing.T) {
	t.Parallel()
	for _, e := range elsewhere {
		if (e.file == "") == (e.why == "") || (e.file == "") != (e.text == "") {
			t.Errorf("%s: either a file and how it runs it, or why there is none", e.command)
		}
	}
}

// contains complains about a file of the repository that does not hold a text.
func contains(t *testing.T, file, text string) {
	t.Helper()
	found, err := os.ReadFile(filepath.Join(root, file))
	if err != nil || !strings.Contains(string(found), text) {
		t.Errorf("%s does not hold %q: %v", file, text, err)
	}
}
