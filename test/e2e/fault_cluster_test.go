// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

// faultCluster is the name of the cluster whose API server and kubelet are taken
// away: one of its own, so that no other test suffers.
const faultCluster = "sparkctl-faults"

// faultState is where the embedded cluster keeps what it writes; see hack/cluster.
const faultState = "/var/lib/sparkctl-cluster/" + faultCluster

// faults is a namespace on that cluster, with the sensor's published Role, and
// what is needed to do damage to it.
type faults struct {
	*cluster
	config  *rest.Config
	sensor  string // path of the sensor's program
	image   string // the driver's
	folder  string // of files that outlive a subtest
	started time.Time
}

// newFaults brings the cluster up with a second node that is always ready, and
// takes it down after the test unless it was up before.
func newFaults(t *testing.T) *faults {
	t.Helper()
	if os.Getenv("SPARKCTL_CLUSTER_KUBECONFIG") != "" && os.Getenv("SPARKCTL_CLUSTER_NAME") == "" {
		t.Skip("a cluster of somebody's own is not damaged; unset SPARKCTL_CLUSTER_KUBECONFIG to run this on an embedded one")
	}
	f := &faults{folder: t.TempDir(), started: time.Now()}
	if f.embeddedCluster(t.Context(), "status") != nil {
		t.Cleanup(func() {
			if err := f.embeddedCluster(context.Background(), "down"); err != nil {
				t.Errorf("take the cluster down: %v", err)
			}
		})
	}
	f.do(t, "up", "--nodes", "2")
	f.cluster = f.connectAdmin(t)
	f.config = f.adminConfig(t)
	f.sensor = f.buildProgram(t, "./cmd/sensor", "sensor")
	f.image = f.loadDriver(t)
	t.Logf("the cluster is ready after %s", time.Since(f.started).Round(100*time.Millisecond))
	return f
}

// embeddedCluster runs the embedded cluster's program.
func (f *faults) embeddedCluster(ctx context.Context, args ...string) error {
	_, err := f.embeddedOutput(ctx, args...)
	return err
}

func (f *faults) embeddedOutput(ctx context.Context, args ...string) (string, error) {
	command := exec.CommandContext(ctx, "hack/cluster/cluster", append([]string{"--name", faultCluster}, args...)...)
	command.Dir = root
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		err = fmt.Errorf("cluster %s: %w\n%s%s", strings.Join(args, " "), err, stderr.String(), out)
	}
	return strings.TrimSpace(string(out)), err
}

// do does something to the cluster: up, kill COMPONENT, start COMPONENT, ...
func (f *faults) do(t *testing.T, args ...string) {
	t.Helper()
	if err := f.embeddedCluster(t.Context(), args...); err != nil {
		t.Fatal(err)
	}
}

// away ends a component, and has it back at the latest at the end of the test.
func (f *faults) away(t *testing.T, how, component string) {
	t.Helper()
	f.do(t, how, component)
	t.Cleanup(func() {
		if err := f.embeddedCluster(context.Background(), "start", component); err != nil {
			t.Errorf("start %s again: %v", component, err)
		}
	})
}

func (f *faults) adminConfig(t *testing.T) *rest.Config {
	t.Helper()
	kubeconfig := filepath.Join(faultState, "kubeconfig")
	config, err := target{kubeconfig: kubeconfig, context: faultCluster}.config()
	if err != nil {
		t.Fatal(err)
	}
	config.Timeout = 30 * time.Second
	return config
}

// connectAdmin makes the namespace.
func (f *faults) connectAdmin(t *testing.T) *cluster {
	t.Helper()
	config := f.adminConfig(t)
	objects, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	core, err := coreClient(config)
	if err != nil {
		t.Fatal(err)
	}
	made := target{kubeconfig: filepath.Join(faultState, "kubeconfig"), context: faultCluster, embedded: faultCluster}
	c := &cluster{made, fmt.Sprintf("faults-%d", time.Now().UnixNano()), objects, core}
	for _, file := range []string{"namespace.yaml", "sensor.yaml"} {
		c.apply(t, filepath.Join(root, "examples/rbac", file))
	}
	t.Cleanup(func() {
		err := objects.Resource(resources["Namespace"]).Delete(context.Background(), c.namespace, metav1.DeleteOptions{})
		if err != nil {
			t.Errorf("remove the namespace: %v", err)
		}
	})
	c.awaitServiceAccount(t)
	return c
}

// buildProgram builds one of our programs and returns its path.
func (f *faults) buildProgram(t *testing.T, pkg, name string) string {
	t.Helper()
	program := filepath.Join(f.folder, name)
	if err := buildProgram(t.Context(), pkg, program); err != nil {
		t.Fatal(err)
	}
	return program
}

// podFolder is where the kubelet keeps a pod's volumes.
func podFolder(pod *corev1.Pod) string {
	return filepath.Join(faultState, "kubelet/pods", string(pod.UID))
}

// onDisk returns what the container runtime has written of a container's log,
// which is there whether or not anybody can be asked for it.
func (f *faults) onDisk(pod *corev1.Pod) (string, error) {
	pattern := filepath.Join(faultState, "log/pods", fmt.Sprintf("%s_%s_%s", pod.Namespace, pod.Name, pod.UID), "*", "0.log")
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) != 1 {
		return "", errors.Join(err, fmt.Errorf("find the log %s: %d files", pattern, len(files)))
	}
	text, err := os.ReadFile(files[0])
	return string(text), err
}
