// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/xcom"
)

// companion creates the pod of an example under examples/companion.
func (c *cluster) companion(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "examples/companion", file))
	if err != nil {
		t.Fatal(err)
	}
	filled := strings.NewReplacer("SUBMITTER_IMAGE", c.submitter[newestSpark], "SENSOR_IMAGE", c.sensor, "namespace: spark\n", "namespace: "+c.namespace+"\n").Replace(string(text))
	pod := &corev1.Pod{}
	if err := yaml.UnmarshalStrict([]byte(filled), pod); err != nil {
		t.Fatal(err)
	}
	c.createPod(t, pod)
	return pod.Name
}

// The sensor beside a launcher waits for its result, and ends as the driver ends.
func TestCompanionDecides(t *testing.T) {
	t.Parallel()
	c := connect(t)
	name := c.companion(t, "decides.yaml")
	if code := c.awaitEnd(t, name, "submitter").ExitCode; code != 0 {
		t.Errorf("the launcher ended with %d", code)
	}
	end := c.endSensor(t, name)
	if got := end.summary(); got != "Failed, exit code 3, of the driver 3" {
		t.Errorf("the sensor says: %s", got)
	}
	if !strings.Contains(end.log, "waiting for the launcher's result") {
		t.Errorf("it did not wait:\n%s", end.log)
	}
}

// A sidecar that only tells is ended by Kubernetes with the launcher, whose code is the pod's outcome.
func TestCompanionTells(t *testing.T) {
	needsFull(t)
	t.Parallel()
	c := connect(t)
	name := c.companion(t, "tells.yaml")
	if code := c.awaitEnd(t, name, "submitter").ExitCode; code != 0 {
		t.Errorf("the launcher ended with %d", code)
	}
	launcher := parse(t, lastLine(c.log(t.Context(), name, "submitter", 0)))
	if launcher.State != xcom.Succeeded {
		t.Errorf("the launcher says %s", launcher.State)
	}
	var pod *corev1.Pod
	c.await(t, time.Minute, "the sidecar to be ended with the launcher", func(ctx context.Context) (bool, error) {
		pod = &corev1.Pod{}
		err := c.core.Get().Namespace(c.namespace).Resource("pods").Name(name).Do(ctx).Into(pod)
		return err == nil && pod.Status.Phase == corev1.PodSucceeded, err
	})
	log := c.log(t.Context(), name, "sensor", 0)
	for _, said := range []string{"waiting for the launcher's result", "metrics are served", "following the driver"} {
		if !strings.Contains(log, said) {
			t.Errorf("the sidecar did not say %q:\n%s", said, log)
		}
	}
}
