// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package main

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/sparkctl/sparkctl/internal/kube"
)

// driverContainer is the name that Spark gives a driver's container.
const driverContainer = "spark-kubernetes-driver"

// bench is a cluster to measure on. Each client has connections of its own.
type bench struct {
	options
	server string
	admin  *rest.RESTClient
	poller *kube.Client
}

func connect(o options) (*bench, error) {
	config, err := o.as("admin")
	if err != nil {
		return nil, err
	}
	scheme := runtime.NewScheme()
	if err := corev1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	metav1.AddToGroupVersion(scheme, corev1.SchemeGroupVersion)
	config.APIPath, config.GroupVersion = "/api", &corev1.SchemeGroupVersion
	config.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	admin, err := rest.RESTClientFor(config)
	if err != nil {
		return nil, err
	}
	polling, err := o.as("poller")
	if err != nil {
		return nil, err
	}
	poller, err := kube.NewClient(polling)
	if err != nil {
		return nil, err
	}
	return &bench{o, config.Host, admin, poller}, nil
}

// as is the configuration of a client with an identity's rights.
func (o options) as(identity string) (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", filepath.Join(o.identities, identity))
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig: %w", err)
	}
	config.QPS = -1
	return config, nil
}

// ends is when things were first seen, by the name of the pod.
type ends struct {
	mu sync.Mutex
	at map[string]time.Time
}

// note keeps the first time.
func (e *ends) note(pod string, at time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.at == nil {
		e.at = map[string]time.Time{}
	}
	if e.at[pod].IsZero() {
		e.at[pod] = at
	}
}

func (e *ends) get(pod string) (time.Time, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	at, ok := e.at[pod]
	return at, ok
}

// watchEnds notes when a watch of its own over all drivers shows each one's container terminated:
// the moment that everybody else is measured from. It returns once the watch is open.
func (b *bench) watchEnds(ctx context.Context, seen *ends, failed chan<- error) error {
	path := "/api/v1/namespaces/" + b.namespace + "/pods"
	w, err := b.admin.Get().AbsPath(path).Param("watch", "true").Param("labelSelector", "spark-role=driver").
		Param("timeoutSeconds", "7200").Watch(ctx)
	if err != nil {
		return fmt.Errorf("watch the drivers: %w", err)
	}
	go func() {
		for event := range w.ResultChan() {
			if pod, ok := event.Object.(*corev1.Pod); ok && terminated(pod) {
				seen.note(pod.Name, time.Now())
			}
		}
		if ctx.Err() == nil {
			failed <- fmt.Errorf("the watch that times are taken from has ended")
		}
	}()
	return nil
}

func terminated(pod *corev1.Pod) bool {
	for _, s := range pod.Status.ContainerStatuses {
		if s.Name == driverContainer {
			return s.State.Terminated != nil
		}
	}
	return false
}

// poll is the common pattern: read the pod every 2 s until it has ended. done is nil for one that goes on until ctx ends.
func (b *bench) poll(ctx context.Context, pod string, done *ends) {
	const interval = 2 * time.Second
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		// A read that fails is tried again at the next tick, as pollers do.
		if found, err := b.poller.Pod(ctx, b.namespace, pod); err == nil && done != nil && terminated(found) {
			done.note(pod, time.Now())
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
