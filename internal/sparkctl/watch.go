// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"context"
	"log/slog"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/tools/cache"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
	"github.com/sparkctl/sparkctl/sensor"
	"github.com/sparkctl/sparkctl/xcom"
)

// executorLabels select the executors of an application.
func executorLabels(application string) labels.Set {
	return labels.Set{driver.LabelSelector: application, driver.LabelRole: "executor"}
}

// watchPods shows note every version of the pods with these labels, the last one as gone, until ctx ends; the channel is
// closed when nothing more comes. A reflector tries again by itself for as long as the API server is away: that is
// told by who follows the driver.
func (l *looking) watchPods(ctx context.Context, namespace string, with labels.Set, note func(pod *corev1.Pod, gone bool)) <-chan struct{} {
	source := l.client.WatchPods(namespace, with, func(error) {})
	informer := cache.NewSharedIndexInformerWithOptions(source, &corev1.Pod{}, cache.SharedIndexInformerOptions{})
	tell := func(obj any, gone bool) {
		if last, unknown := obj.(cache.DeletedFinalStateUnknown); unknown {
			obj = last.Obj
		}
		if pod, ok := obj.(*corev1.Pod); ok {
			note(pod, gone)
		}
	}
	// Both fail only on an informer that has been started.
	_ = informer.SetWatchErrorHandlerWithContext(func(context.Context, *cache.Reflector, error) {})
	_, _ = informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(obj any) { tell(obj, false) },
		UpdateFunc: func(_, obj any) { tell(obj, false) },
		DeleteFunc: func(obj any) { tell(obj, true) },
	})
	done := make(chan struct{})
	go func() {
		defer close(done)
		informer.RunWithContext(ctx)
	}()
	return done
}

// followed is what the following of a driver came to.
type followed struct {
	pod     *corev1.Pod
	verdict sensor.Verdict
	// err is why it ended before the driver.
	err error
}

// blind says that a driver could not be followed to its end, nil if it was.
func (f followed) blind() error {
	if f.verdict.ExitCode != xcom.ExitBlind {
		return nil
	}
	cause := f.verdict.Cause
	return problem.New(xcom.ExitBlind, cause.Category, cause.Reason, view.Advice(cause.Hint), "follow driver: %s", cause.Message)
}

// end follows a driver until it has ended, or ctx has; changed is told of every version of its pod and may be nil.
func (l *looking) end(ctx context.Context, log *slog.Logger, pod *corev1.Pod, apiTimeout time.Duration, changed func(*corev1.Pod, sensor.Verdict)) <-chan followed {
	done := make(chan followed, 1)
	follower := sensor.Follower{
		Pods: l.client, Clues: l.client, APITimeout: apiTimeout, Log: log, Changed: changed,
		Target: sensor.Target{Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID},
	}
	go func() {
		last, verdict, err := follower.Follow(ctx)
		done <- followed{last, verdict, err}
	}()
	return done
}
