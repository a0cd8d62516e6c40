// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/xcom"
)

// plainProductions are the ends that a pod without Spark can show.
func (c *cluster) plainProductions(t *testing.T) []production {
	t.Helper()
	return slices.Concat(
		c.ownEnds(), manyCodes(), c.badStarts(), c.badImages(t), c.placements(t), rejections(c.aNode(t)), takenAway(), c.priorities(t),
	)
}

// script makes the driver run a line of shell.
func script(line string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) { pod.Spec.Containers[0].Command = []string{"/bin/sh", "-c", line} }
}

// each makes one change out of several.
func each(changes ...func(*corev1.Pod)) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		for _, change := range changes {
			change(pod)
		}
	}
}

// limit sets one limit of the driver's container, and asks for no more than that.
func limit(name corev1.ResourceName, quantity string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Spec.Containers[0].Resources.Limits = corev1.ResourceList{name: resource.MustParse(quantity)}
		pod.Spec.Containers[0].Resources.Requests[name] = resource.MustParse(quantity)
	}
}

// beside puts a container that runs a line of shell before the driver's.
func beside(line string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		sidecar := pod.Spec.Containers[0].DeepCopy()
		sidecar.Name, sidecar.Command = "a-sidecar", []string{"/bin/sh", "-c", line}
		pod.Spec.Containers = append([]corev1.Container{*sidecar}, pod.Spec.Containers...)
	}
}

// ownEnds are those the driver's container comes to by itself.
func (c *cluster) ownEnds() []production {
	return []production{
		{end: "sidecar-never-ends", pod: each(script("exit 0"), beside("exec sleep 600"))},
		{end: "sidecar-fails", pod: each(script("sleep 2"), beside("exit 1")), ready: phase(corev1.PodFailed)},
		{end: "renamed-container", pod: each(script("exit 3"), beside("exec sleep 600"), renamed)},
		{end: "finished-then-deleted", pod: each(script("exit 0"), held), act: deleteOnce(phase(corev1.PodSucceeded)), late: true, ready: terminating},
		{end: "sigterm-exit-0", pod: script("trap 'exit 0' TERM; sleep 600 & wait"), act: deleteRunning},
		{end: "oom-container", pod: each(limit("memory", "32Mi"), script("sleep 1; exec python3 -c 'bytearray(1<<30)'"))},
		{end: "oom-child", pod: each(limit("memory", "48Mi"), script("sleep 1; python3 -c 'bytearray(1<<30)'; sleep 1; exit 5"))},
		{end: "oom-child-success", pod: each(limit("memory", "48Mi"), script("sleep 1; python3 -c 'bytearray(1<<30)'; exit 0"))},
		{end: "sigkill", pod: tini("kill -KILL $$$$")},
		{end: "sigabrt", pod: tini("kill -ABRT $$$$")},
		{end: "sigsegv", pod: tini("kill -SEGV $$$$")},
		{end: "sigterm-from-inside", pod: tini("kill -TERM $$$$")},
		{end: "termination-message", pod: script("echo 'no partition 2026-11-21 in table orders' >/dev/termination-log; exit 4")},
	}
}

// manyCodes are exit codes that somebody gave a meaning to.
func manyCodes() []production {
	var all []production
	for _, code := range []int{2, 50, 51, 52, 53, 54, 55, 56, 57, 58, 126, 127, 130, 255} {
		full := !slices.Contains([]int{52, 126, 127}, code)
		all = append(all, production{end: fmt.Sprintf("exit-code-%d", code), pod: script(fmt.Sprintf("exit %d", code)), full: full})
	}
	return all
}

// tini runs a line of shell below a process 1 that passes its end on, as Spark's images do.
func tini(line string) func(*corev1.Pod) {
	return command("/usr/bin/tini", "-s", "--", "/bin/sh", "-c", line)
}

func command(args ...string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) { pod.Spec.Containers[len(pod.Spec.Containers)-1].Command = args }
}

// renamed gives the driver's container another name, as a pod template can.
func renamed(pod *corev1.Pod) {
	driverContainer := &pod.Spec.Containers[len(pod.Spec.Containers)-1]
	driverContainer.Name = "spark"
	driverContainer.Env = append(driverContainer.Env, corev1.EnvVar{Name: driver.EnvApplicationID, Value: pod.Labels[driver.LabelSelector]})
}

// held keeps the pod when it is deleted. Its namespace cannot end before it does.
func held(pod *corev1.Pod) { pod.Finalizers = append(pod.Finalizers, finalizer) }

// badStarts are drivers that never start, or not for long.
func (c *cluster) badStarts() []production {
	return []production{
		{end: "missing-secret-key", pod: variable(&corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
			LocalObjectReference: corev1.LocalObjectReference{Name: "warehouse"}, Key: "password",
		}}), act: createSecret("warehouse"), flags: quick, ready: waits("CreateContainerConfigError")},
		{end: "missing-secret", pod: variable(&corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
			LocalObjectReference: corev1.LocalObjectReference{Name: "no-such-secret"}, Key: "password",
		}}), flags: quick, ready: waits("CreateContainerConfigError")},
		{end: "missing-configmap", pod: variable(&corev1.EnvVarSource{ConfigMapKeyRef: &corev1.ConfigMapKeySelector{
			LocalObjectReference: corev1.LocalObjectReference{Name: "no-such-map"}, Key: "mode",
		}}), flags: quick, ready: waits("CreateContainerConfigError")},
		{end: "missing-configmap-volume", pod: volume(corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: "no-such-map"},
		}}), flags: quick},
		{end: "missing-secret-volume", pod: volume(corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "no-such-secret"}}), flags: quick},
		{end: "missing-pvc", pod: volume(corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{
			ClaimName: "no-such-claim",
		}}), flags: quick},
		{end: "unbound-pvc", pod: volume(corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{
			ClaimName: "orders",
		}}), act: createClaim("orders"), flags: []string{"--pending-timeout=12s"}, full: true},
		{end: "recursive-read-only", pod: each(volume(corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}), func(pod *corev1.Pod) {
			all := corev1.RecursiveReadOnlyEnabled
			mounts := pod.Spec.Containers[0].VolumeMounts
			mounts[len(mounts)-1].ReadOnly, mounts[len(mounts)-1].RecursiveReadOnly = true, &all
		}), flags: quick, ready: waits("CreateContainerConfigError"), full: true},
		{end: "bad-entrypoint", pod: command("/opt/no-such-program")},
		{end: "not-executable", pod: command("/etc/hostname")},
		{end: "exec-format", pod: each(program("not a program"), command("/program/run"))},
		{end: "bad-working-directory", pod: func(pod *corev1.Pod) { pod.Spec.Containers[0].WorkingDir = "/etc/hostname" }, flags: quick, ready: driverEnded},
		{end: "init-container-fails", pod: initContainer("echo 'no route to the metastore' >&2; exit 4"), ready: phase(corev1.PodFailed)},
		{end: "init-container-oom", pod: each(initContainer("sleep 1; exec python3 -c 'bytearray(1<<30)'"), func(pod *corev1.Pod) {
			pod.Spec.InitContainers[0].Resources.Limits = corev1.ResourceList{"memory": resource.MustParse("32Mi")}
		}), ready: phase(corev1.PodFailed)},
		{end: "init-container-hangs", pod: initContainer("exec sleep 600"), act: func(ctx context.Context, f *followed) error {
			return f.await(ctx, func(pod *corev1.Pod) bool {
				return len(pod.Status.InitContainerStatuses) > 0 && pod.Status.InitContainerStatuses[0].State.Running != nil
			})
		}, late: true, flags: []string{"--pending-timeout=8s"}},
		{end: "post-start-hook-fails", pod: func(pod *corev1.Pod) {
			pod.Spec.Containers[0].Command = []string{"/bin/sleep", "600"}
			pod.Spec.Containers[0].Lifecycle = &corev1.Lifecycle{PostStart: &corev1.LifecycleHandler{
				Exec: &corev1.ExecAction{Command: []string{"/bin/sh", "-c", "echo no; exit 9"}},
			}}
		}, ready: driverEnded},
	}
}

func variable(source *corev1.EnvVarSource) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Spec.Containers[0].Env = append(pod.Spec.Containers[0].Env, corev1.EnvVar{Name: "FROM_ELSEWHERE", ValueFrom: source})
	}
}

func volume(source corev1.VolumeSource) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Spec.Volumes = append(pod.Spec.Volumes, corev1.Volume{Name: "given", VolumeSource: source})
		pod.Spec.Containers[0].VolumeMounts = append(pod.Spec.Containers[0].VolumeMounts, corev1.VolumeMount{Name: "given", MountPath: "/given"})
	}
}

// program puts a file /program/run that may be executed into the driver's container, by the pod's own annotation.
func program(text string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Annotations = map[string]string{"program": text}
		mode := int32(0o555)
		pod.Spec.Volumes = append(pod.Spec.Volumes, corev1.Volume{Name: "program", VolumeSource: corev1.VolumeSource{
			DownwardAPI: &corev1.DownwardAPIVolumeSource{DefaultMode: &mode, Items: []corev1.DownwardAPIVolumeFile{{
				Path: "run", FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.annotations['program']"},
			}}},
		}})
		pod.Spec.Containers[0].VolumeMounts = append(pod.Spec.Containers[0].VolumeMounts, corev1.VolumeMount{Name: "program", MountPath: "/program"})
	}
}

func initContainer(line string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		first := pod.Spec.Containers[0].DeepCopy()
		first.Name, first.Command = "fetch", []string{"/bin/sh", "-c", line}
		pod.Spec.InitContainers = []corev1.Container{*first}
	}
}

// createSecret makes a Secret with another key than the one that is asked for.
func createSecret(name string) func(context.Context, *followed) error {
	return func(ctx context.Context, f *followed) error {
		body := fmt.Appendf(nil, `{"apiVersion":"v1","kind":"Secret","metadata":{"name":%q},"stringData":{"user":"etl"}}`, name)
		return f.core.Post().Namespace(f.namespace).Resource("secrets").SetHeader("Content-Type", "application/json").Body(body).Do(ctx).Error()
	}
}

// createClaim makes a volume claim that no storage class provides for.
func createClaim(name string) func(context.Context, *followed) error {
	return func(ctx context.Context, f *followed) error {
		body := fmt.Appendf(nil, `{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":%q},
			"spec":{"storageClassName":"","accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}`, name)
		return f.core.Post().Namespace(f.namespace).Resource("persistentvolumeclaims").SetHeader("Content-Type", "application/json").Body(body).Do(ctx).Error()
	}
}

// phase is when the pod is in that phase.
func phase(is corev1.PodPhase) func(*corev1.Pod) bool {
	return func(pod *corev1.Pod) bool { return pod.Status.Phase == is }
}

func terminating(pod *corev1.Pod) bool { return pod.DeletionTimestamp != nil }

// waits is when the driver's container waits for that reason.
func waits(reasons ...string) func(*corev1.Pod) bool {
	return func(pod *corev1.Pod) bool {
		status := driver.Status(pod, driver.Container(pod, ""))
		return status != nil && status.State.Waiting != nil && slices.Contains(reasons, status.State.Waiting.Reason)
	}
}

// driverEnded is when the driver's container has ended.
func driverEnded(pod *corev1.Pod) bool {
	status := driver.Status(pod, driver.Container(pod, ""))
	return status != nil && status.State.Terminated != nil
}

// deleteRunning deletes the pod once the sensor has told that it runs.
func deleteRunning(ctx context.Context, f *followed) error {
	if err := f.awaitTold(ctx, xcom.Running); err != nil {
		return err
	}
	return f.delete(ctx, -1)
}
