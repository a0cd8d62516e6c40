// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// A cluster that the user names is used in the place of the embedded one: here
// it is a second embedded cluster, of which the demo knows no more than of any.
func TestDemoUsesTheClusterThatIsNamed(t *testing.T) {
	needsFull(t)
	const name = "sparkctl-named"
	program := []string{"hack/cluster/cluster", "--name", name}
	run := func(ctx context.Context, env []string, args ...string) (string, error) {
		command := exec.CommandContext(ctx, args[0], args[1:]...)
		command.Dir, command.Env = root, append(os.Environ(), env...)
		var stderr bytes.Buffer
		command.Stderr = &stderr
		out, err := command.Output()
		if err != nil {
			t.Logf("%s\n%s%s", strings.Join(args, " "), stderr.String(), out)
		}
		return strings.TrimSpace(string(out)), err
	}
	t.Cleanup(func() {
		if _, err := run(context.Background(), nil, append(program, "down")...); err != nil {
			t.Errorf("take the second cluster down: %v", err)
		}
	})
	if _, err := run(t.Context(), nil, append(program, "up")...); err != nil {
		t.Fatal(err)
	}
	kubeconfig, err := run(t.Context(), nil, append(program, "kubeconfig")...)
	if err != nil {
		t.Fatal(err)
	}

	_, err = run(t.Context(), []string{"SPARKCTL_CLUSTER_KUBECONFIG=" + kubeconfig, "SPARKCTL_CLUSTER_CONTEXT="}, "hack/demo.sh")
	if err == nil {
		t.Error("a kubeconfig without a context was accepted")
	}
	out, err := run(t.Context(), []string{
		"SPARKCTL_CLUSTER_KUBECONFIG=" + kubeconfig,
		"SPARKCTL_CLUSTER_CONTEXT=" + name,
		"SPARKCTL_CLUSTER_LOAD=" + strings.Join(append(program, "load"), " "),
	}, "hack/demo.sh")
	if err != nil {
		t.Fatal(err)
	}
	if want := "kubectl --kubeconfig " + kubeconfig + " --context " + name; !strings.Contains(out, want) {
		t.Errorf("the demo does not say %q:\n%s", want, out)
	}
	pods, err := run(t.Context(), nil, append(program, "kubectl", "-n", "sparkctl-demo", "get", "pods", "-o", "name")...)
	if err != nil || !strings.Contains(pods, "pod/pi-sensor") {
		t.Errorf("the demo's pods are not in the named cluster: %s, %v", pods, err)
	}
}
