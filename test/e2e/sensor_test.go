// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/xcom"
)

// sensorPod is a pod of the sensor image.
func (c *cluster) sensorPod(name string, env map[string]string) *corev1.Pod {
	container := restricted(corev1.Container{Name: "sensor", Image: c.sensor}, "10m", "32Mi")
	for key, value := range env {
		container.Env = append(container.Env, corev1.EnvVar{Name: key, Value: value})
	}
	yes := true
	container.SecurityContext.ReadOnlyRootFilesystem = &yes
	return c.newPod(name, "spark-sensor", nil, container)
}

// endSensor waits for a sensor pod's end.
func (c *cluster) endSensor(t *testing.T, name string) ended {
	t.Helper()
	terminated := c.awaitEnd(t, name, "sensor")
	log := c.log(t.Context(), name, "sensor", 0)
	last := lastLine(log)
	checkDocument(t, last+"\n", xcom.DefaultBytes)
	return ended{int(terminated.ExitCode), parse(t, last), last, log}
}

// hostSensor runs the sensor as a process of this machine, as a user with a
// kubeconfig does, to its end.
func (c *cluster) hostSensor(t *testing.T, stdin string, args ...string) ended {
	t.Helper()
	program, err := filepath.Abs(filepath.Join(root, "dist/bin/sensor"))
	if err != nil {
		t.Fatal(err)
	}
	args = append([]string{"--kubeconfig=" + c.kubeconfig, "--context=" + c.context}, args...)
	command := exec.CommandContext(t.Context(), program, args...)
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	command.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err = command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("run %s: %v", program, err)
	}
	last := lastLine(stdout.String())
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("sensor %s\n%s%s", strings.Join(args, " "), stderr.String(), stdout.String())
		}
	})
	checkDocument(t, last+"\n", xcom.DefaultBytes)
	return ended{command.ProcessState.ExitCode(), parse(t, last), last, stderr.String()}
}
