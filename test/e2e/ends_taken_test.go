// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/sparkctl/sparkctl/xcom"
)

// nobody is the UID of no pod.
const nobody = "00000000-0000-0000-0000-000000000000"

// sleeps is a driver that runs until it is ended, and ends on SIGTERM as a JVM does.
var sleeps = command("/usr/bin/tini", "-s", "--", "/bin/sleep", "600")

// takenAway are drivers that somebody or something ends from outside.
func takenAway() []production {
	return []production{
		{end: "deleted-pending", pod: nowhere, act: func(ctx context.Context, f *followed) error {
			if err := f.awaitTold(ctx, xcom.Pending); err != nil {
				return err
			}
			return f.delete(ctx, -1)
		}},
		{end: "deleted-running", pod: sleeps, act: deleteRunning},
		{end: "force-deleted", pod: sleeps, act: func(ctx context.Context, f *followed) error {
			if err := f.awaitTold(ctx, xcom.Running); err != nil {
				return err
			}
			return f.delete(ctx, 0)
		}},
		{end: "replaced", pod: sleeps, act: replace, late: true},
		{end: "never-seen", flags: []string{"--uid=" + nobody}},
		{end: "deleted-before-sensor", pod: script("exit 0"), act: deleteUnseen, late: true},
		{end: "deadline-exceeded", pod: each(sleeps, deadline(2)), ready: phase(corev1.PodFailed)},
		{end: "deadline-exceeded-pending", pod: each(deadline(4), variable(&corev1.EnvVarSource{ConfigMapKeyRef: &corev1.ConfigMapKeySelector{
			LocalObjectReference: corev1.LocalObjectReference{Name: "no-such-map"}, Key: "mode",
		}})), ready: phase(corev1.PodFailed)},
		{end: "running-too-long", pod: sleeps, flags: []string{"--running-timeout=3s"}, ready: phase(corev1.PodRunning)},
		{end: "evicted-by-api", pod: sleeps, act: evict},
		{end: "emptydir-over-limit", pod: each(script("head -c 8000000 /dev/zero >/given/data; exec tini -s -- sleep 600"), volume(corev1.VolumeSource{
			EmptyDir: &corev1.EmptyDirVolumeSource{SizeLimit: quantity("1Mi")},
		})), ready: phase(corev1.PodFailed)},
		{
			end: "storage-over-limit",
			pod: each(script("head -c 8000000 /dev/zero >/tmp/data; exec tini -s -- sleep 600"), limit(corev1.ResourceEphemeralStorage, "1Mi")), ready: phase(corev1.PodFailed),
		},
	}
}

func deadline(seconds int64) func(*corev1.Pod) {
	return func(pod *corev1.Pod) { pod.Spec.ActiveDeadlineSeconds = &seconds }
}

// deleteOnce deletes the pod when it is as told.
func deleteOnce(ready func(*corev1.Pod) bool) func(context.Context, *followed) error {
	return func(ctx context.Context, f *followed) error {
		if err := f.await(ctx, ready); err != nil {
			return err
		}
		if err := f.delete(ctx, -1); err != nil {
			return err
		}
		return f.await(ctx, terminating)
	}
}

// delete asks for the pod's end, with its own grace when grace is negative.
func (f *followed) delete(ctx context.Context, grace int64) error {
	request := f.core.Delete().Namespace(f.namespace).Resource("pods").Name(f.name)
	if grace >= 0 {
		request = request.Body(&metav1.DeleteOptions{
			TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "DeleteOptions"}, GracePeriodSeconds: &grace,
		})
	}
	if err := request.Do(ctx).Error(); err != nil {
		return fmt.Errorf("delete pod %s: %w", f.name, err)
	}
	return nil
}

// deleteUnseen deletes the pod after its end, before a sensor has seen it.
func deleteUnseen(ctx context.Context, f *followed) error {
	if err := f.await(ctx, phase(corev1.PodSucceeded)); err != nil {
		return err
	}
	if err := f.delete(ctx, 0); err != nil {
		return err
	}
	for ctx.Err() == nil && !f.pods.isGone(f.uid) {
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	f.unseen = true
	return ctx.Err()
}

// replace removes the pod by force and makes another one of its name.
func replace(ctx context.Context, f *followed) error {
	if err := f.await(ctx, phase(corev1.PodRunning)); err != nil {
		return err
	}
	if err := f.delete(ctx, 0); err != nil {
		return err
	}
	pod := f.plainDriver(f.name, "exec sleep 600")
	for {
		err := f.core.Post().Namespace(f.namespace).Resource("pods").Body(pod).Do(ctx).Error()
		if err == nil {
			return nil
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("create a pod in the other's place: %w", err)
		}
	}
}

// evict asks the eviction API for the pod's end, as draining a node does.
func evict(ctx context.Context, f *followed) error {
	if err := f.awaitTold(ctx, xcom.Running); err != nil {
		return err
	}
	body := fmt.Appendf(nil, `{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":%q}}`, f.name)
	err := f.core.Post().Namespace(f.namespace).Resource("pods").Name(f.name).SubResource("eviction").
		SetHeader("Content-Type", "application/json").Body(body).Do(ctx).Error()
	if err != nil {
		return fmt.Errorf("evict pod %s: %w", f.name, err)
	}
	return nil
}
