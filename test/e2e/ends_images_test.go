// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/driver"
)

// registryProgram answers as an image registry does.
//
//go:embed registry.py
var registryProgram string

// badImages are images that cannot be had, or that need a second try.
func (c *cluster) badImages(t *testing.T) []production {
	t.Helper()
	registry := c.registry(t)
	image := func(name string) func(*corev1.Pod) {
		return func(pod *corev1.Pod) {
			pod.Spec.Containers[0].Image, pod.Spec.Containers[0].Command = registry+"/"+name, nil
		}
	}
	pulling := waits("ErrImagePull", "ImagePullBackOff")
	return []production{
		{end: "image-not-found", pod: image("none/spark:4.0.5"), flags: quick, ready: pulling},
		{end: "image-unauthorized", pod: image("private/spark:4.0.5"), flags: quick, ready: pulling},
		{end: "image-of-another-platform", pod: image("foreign/spark:4.0.5"), flags: quick, ready: pulling},
		{end: "image-registry-down", pod: func(pod *corev1.Pod) { pod.Spec.Containers[0].Image = "127.0.0.1:9/spark:4.0.5" }, flags: []string{"--pending-timeout=45s"}, ready: pulling, full: true},
		{end: "image-comes-late", pod: image("late/program:1"), flags: []string{"--pending-timeout=4m"}},
		{end: "image-without-command", pod: image("bare/program:1"), flags: quick, ready: waits("CreateContainerError")},
		{end: "run-as-root", pod: each(image("bare/program:1"), command("/program"), func(pod *corev1.Pod) {
			pod.Spec.SecurityContext.RunAsUser = nil
		}), flags: quick, ready: waits("CreateContainerConfigError"), full: true},
		{end: "image-name-invalid", pod: func(pod *corev1.Pod) { pod.Spec.Containers[0].Image = "Spark:4.0.5:latest" }, ready: waits("InvalidImageName")},
		{end: "image-never-pull", pod: func(pod *corev1.Pod) {
			pod.Spec.Containers[0].Image = "localhost/spark:not-on-this-node"
			pod.Spec.Containers[0].ImagePullPolicy = corev1.PullNever
		}, ready: waits("ErrImageNeverPull")},
	}
}

// registry runs an image registry as a pod on the node's own network, because every container runtime trusts
// 127.0.0.1 without TLS, and returns its address there. Its namespace is one that allows the node's network.
func (c *cluster) registry(t *testing.T) string {
	t.Helper()
	inside := c.unrestricted(t, "-node")
	container := restricted(corev1.Container{
		Name: driver.DefaultContainer, Image: c.submitter[newestSpark],
		Command: []string{"python3", "-u", "-c", registryProgram},
	}, "1m", "32Mi")
	pod := inside.newPod("registry", "default", &sparkUser, container)
	pod.Spec.HostNetwork = true
	grace := int64(1)
	pod.Spec.TerminationGracePeriodSeconds = &grace
	inside.createPod(t, pod)
	inside.awaitRunning(t, "registry")
	address := ""
	inside.await(t, time.Minute, "the registry to tell its address", func(ctx context.Context) (bool, error) {
		for line := range strings.SplitSeq(inside.log(ctx, "registry", driver.DefaultContainer, 0), "\n") {
			if port, ok := strings.CutPrefix(line, "port "); ok {
				address = fmt.Sprintf("127.0.0.1:%s", port)
			}
		}
		return address != "", nil
	})
	return address
}
