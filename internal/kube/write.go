// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/sparkctl/sparkctl/internal/driver"
)

// DeletePod asks for the end of the pod with that UID, and of no other that may bear
// its name by now. The pod's own grace period applies.
func (c *Client) DeletePod(ctx context.Context, namespace, name string, uid types.UID) error {
	return c.EndPod(ctx, namespace, name, uid, Ending{})
}

// DeletePodVersion removes the pod with that UID if nothing has changed of it since that version.
func (c *Client) DeletePodVersion(ctx context.Context, namespace, name string, uid types.UID, version string) error {
	return c.delete(ctx, namespace, name, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &uid, ResourceVersion: &version}})
}

// Ending says how a pod is ended. Its zero value ends it as the pod itself says.
type Ending struct {
	// Grace is how many seconds the pod may take (DeleteOptions.gracePeriodSeconds); nil leaves that to the pod. With 0
	// it is removed from the API at once, whatever lives on where no kubelet answers.
	Grace *int64
	// DryRun has the server check rights, preconditions and admission, and change nothing.
	DryRun bool
}

// EndPod asks for the end of the pod with that UID, and of no other that may bear its name by now.
func (c *Client) EndPod(ctx context.Context, namespace, name string, uid types.UID, how Ending) error {
	options := metav1.DeleteOptions{GracePeriodSeconds: how.Grace, Preconditions: &metav1.Preconditions{UID: &uid}}
	if how.DryRun {
		options.DryRun = []string{metav1.DryRunAll}
	}
	return c.delete(ctx, namespace, name, options)
}

// ForgetPod removes the pod with that UID from the API at once. Its processes may live on where no kubelet answers.
func (c *Client) ForgetPod(ctx context.Context, namespace, name string, uid types.UID) error {
	now := int64(0)
	return c.EndPod(ctx, namespace, name, uid, Ending{Grace: &now})
}

func (c *Client) delete(ctx context.Context, namespace, name string, options metav1.DeleteOptions) error {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	err := c.core.Delete().Namespace(namespace).Resource("pods").Name(name).Body(&options).Do(ctx).Error()
	if err != nil {
		return fmt.Errorf("delete pod %s/%s: %w", namespace, name, err)
	}
	return nil
}

// operation is one of a JSON patch (RFC 6902).
type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value string `json:"value,omitempty"`
}

// RemoveGate takes the scheduling gate at that index off the pod, and returns the pod as it is then. It does nothing,
// and the answer is 422, unless the pod has still this UID and this version, and the gate this name. A gate that was taken off leaves no
// trace in Kubernetes: at is written beside it, into an annotation of its own.
func (c *Client) RemoveGate(ctx context.Context, pod *corev1.Pod, index int, at time.Time) (*corev1.Pod, error) {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	gate := fmt.Sprintf("/spec/schedulingGates/%d", index)
	operations := []operation{
		{Op: "test", Path: "/metadata/uid", Value: string(pod.UID)},
		{Op: "test", Path: "/metadata/resourceVersion", Value: pod.ResourceVersion},
		{Op: "test", Path: gate + "/name", Value: pod.Spec.SchedulingGates[index].Name},
		{Op: "remove", Path: gate},
	}
	if len(pod.Annotations) > 0 { // nothing can be added to what is not there
		path := "/metadata/annotations/" + strings.ReplaceAll(driver.AnnotationSubmitted, "/", "~1")
		operations = append(operations, operation{Op: "add", Path: path, Value: at.UTC().Format(time.RFC3339Nano)})
	}
	patch, err := json.Marshal(operations)
	if err != nil {
		return nil, fmt.Errorf("write patch of pod %s/%s: %w", pod.Namespace, pod.Name, err)
	}
	patched := &corev1.Pod{}
	err = c.core.Patch(types.JSONPatchType).Namespace(pod.Namespace).Resource("pods").Name(pod.Name).Body(patch).Do(ctx).Into(patched)
	if err != nil {
		return nil, fmt.Errorf("patch pod %s/%s: %w", pod.Namespace, pod.Name, err)
	}
	return patched, nil
}
