// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"context"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/internal/driver"
)

// kubeletRestarted restarts the kubelet while the driver runs.
func kubeletRestarted(t *testing.T, f *faults) {
	t.Helper()
	d := f.driver(t, "kubelet-restarted")
	w := f.follow(t, d, how{})
	f.away(t, "kill", "kubelet")
	d.written(t, 20)
	f.do(t, "start", "kubelet")
	w.copies(t, 40)
	since := d.end(t, 14)
	w.endsWhole(t, exited("Failed, exit code 14, of the driver 14"), since)
}

// kubeletDownAtTheEnd lets the driver end while nobody on the node notices.
func kubeletDownAtTheEnd(t *testing.T, f *faults) {
	t.Helper()
	d := f.driver(t, "kubelet-down")
	w := f.follow(t, d, how{})
	f.away(t, "stop", "kubelet")
	d.end(t, 12)
	f.do(t, "start", "kubelet")
	since := time.Now()
	w.endsWhole(t, exited("Failed, exit code 12, of the driver 12"), since)
}

// nodeLost stops the kubelet for good: the node is called lost after 20 s and its pods are
// deleted 10 s later, and nobody confirms that they are gone.
func nodeLost(t *testing.T, f *faults) {
	t.Helper()
	d := f.driver(t, "node-lost")
	w := f.follow(t, d, how{})
	f.away(t, "stop", "kubelet")
	f.await(t, patience, "the driver to be deleted for its node", func(ctx context.Context) (bool, error) {
		pod, err := f.pod(ctx, d.pod.Name)
		if err != nil || pod.DeletionTimestamp == nil {
			return false, err
		}
		condition := driver.Condition(pod, corev1.DisruptionTarget)
		return condition != nil && condition.Status == corev1.ConditionTrue, nil
	})
	since := time.Now()
	want{"Lost, exit code 83, of the driver none", "node", "DeletionByTaintManager", "may still be running"}.check(t, w.ends(t), since)
}
