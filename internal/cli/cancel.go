// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/sensor"
	"github.com/sparkctl/sparkctl/xcom"
)

// leastGrace is what the end gets when the grace after SIGTERM is used up before it begins: enough to
// delete the driver and to write that down.
const leastGrace = 5 * time.Second

// cancel ends a following that was asked to end: the driver is killed or left, and the result says which.
func (f *following) cancel(ctx context.Context, pod *corev1.Pod) xcom.ExitCode {
	until := askedAt(ctx).Add(f.flags.grace)
	if least := time.Now().Add(leastGrace); until.Before(least) {
		until = least
	}
	ctx, stop := context.WithDeadline(context.WithoutCancel(ctx), until)
	defer stop()
	kill, why := f.onCancel.Kills(f.own.read(ctx, f.client))
	if pod == nil && kill {
		pod = f.named(ctx)
	}
	r := f.outbox.latest()
	r.Cause = &xcom.Cause{Category: xcom.CategoryCancelled, Reason: "Left", Message: "the driver was left as it is: " + why}
	if pod == nil || !kill {
		f.outbox.put(r)
		f.log.Info(r.Cause.Message)
		return xcom.ExitCancelled
	}
	f.log.Info("killing the driver: "+why, "pod", pod.Name)
	if err := f.kill(ctx, pod); err != nil {
		r.Cause.Message = fmt.Sprintf("the driver was to be killed (%s), and that failed: %v", why, err)
		r.Cause.Hint = fmt.Sprintf("delete it: kubectl delete pod -n %s %s", pod.Namespace, pod.Name) + missing(err, "delete on pods")
		f.outbox.put(r)
		f.log.Error(r.Cause.Message)
		return xcom.ExitCancelled
	}
	r.State = xcom.Cancelled
	r.Cause = &xcom.Cause{Category: xcom.CategoryCancelled, Reason: "Killed", Message: "the driver was killed: " + why}
	f.outbox.put(r)
	return f.awaitKilled(ctx, pod.UID, r)
}

// kill asks for the driver's end until it is heard. A driver that is gone, or whose name another pod has
// by now, needs no kill.
func (f *following) kill(ctx context.Context, pod *corev1.Pod) error {
	for {
		err := f.client.DeletePod(ctx, pod.Namespace, pod.Name, pod.UID)
		switch {
		case err == nil, apierrors.IsNotFound(err), apierrors.IsConflict(err):
			return nil
		case apierrors.IsForbidden(err), apierrors.IsUnauthorized(err):
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Second):
		}
	}
}

// named is the driver that was never read: as much of it as a delete needs.
func (f *following) named(ctx context.Context) *corev1.Pod {
	if f.target.UID != "" {
		return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: f.target.Namespace, Name: f.target.Name, UID: f.target.UID}}
	}
	pod, err := f.client.Pod(ctx, f.target.Namespace, f.target.Name)
	if err != nil {
		return nil
	}
	return pod
}

// awaitKilled waits for the end of a driver that was killed, which may have been faster than the kill.
func (f *following) awaitKilled(ctx context.Context, uid types.UID, r xcom.Result) xcom.ExitCode {
	f.target.UID = uid
	follower := sensor.Follower{Pods: f.client, Target: f.target, APITimeout: f.flags.grace, Log: f.log, Criteria: sensor.Criteria{Container: f.container}}
	pod, verdict, err := follower.Follow(ctx)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		f.log.Warn("the driver had not ended when the grace period was over", "grace_period", f.flags.grace.String())
	case err == nil && (verdict.State == xcom.Failed || verdict.State == xcom.Succeeded && verdict.Cause == nil):
		// Lost, and a success with a deletion before it, are our own doing.
		f.outbox.put(f.result(pod, verdict))
		f.log.Info("the driver had ended before it was killed", verdictAttrs(verdict)...)
		return verdict.ExitCode
	case err == nil && pod != nil:
		r = sensor.Describe(r, pod, f.container)
		r.ExitCode = verdict.DriverCode
		f.outbox.put(r)
		f.log.Info("the driver has ended")
	}
	return xcom.ExitCancelled
}

// ownPod is the pod this process runs in, if it does.
type ownPod struct {
	namespace, name string
	uid             string // empty until it is known
}

// read returns the own pod, nil when it cannot be read or there is none.
func (p ownPod) read(ctx context.Context, client *kube.Client) *corev1.Pod {
	if p.name == "" {
		return nil
	}
	ctx, stop := context.WithTimeout(ctx, 3*time.Second)
	defer stop()
	pod, err := client.Pod(ctx, p.namespace, p.name)
	if err != nil {
		return nil
	}
	return pod
}
