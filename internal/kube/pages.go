// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package kube

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// pageSize is how many pods are read at a time: what kubectl reads at a time too.
const pageSize = 500

// EachPod reads the pods that selector selects, in chunks, and shows each to visit, so that no more than a chunk of them
// is in memory. They come without metadata.managedFields. An empty namespace means all. The answer is that of one moment, unless the
// reading took so long that the server has forgotten that moment: then the rest is of a later one, as the server offers it.
func (c *Client) EachPod(ctx context.Context, namespace, selector string, visit func(*corev1.Pod)) error {
	err := inChunks(selector, func(options metav1.ListOptions) (string, error) { return c.podPage(ctx, namespace, options, visit) })
	if err != nil {
		return fmt.Errorf("list pods: %w", err)
	}
	return nil
}

// EachEvent is EachPod for the events of a namespace.
func (c *Client) EachEvent(ctx context.Context, namespace string, visit func(*corev1.Event)) error {
	return inChunks("", func(options metav1.ListOptions) (string, error) {
		events := &corev1.EventList{}
		if err := c.list(ctx, "events", namespace, options, events); err != nil {
			return "", err
		}
		for i := range events.Items {
			visit(&events.Items[i])
		}
		return events.Continue, nil
	})
}

// inChunks has chunk after chunk read; read returns where the next one begins, empty after the last.
func inChunks(selector string, read func(metav1.ListOptions) (next string, err error)) error {
	options := metav1.ListOptions{LabelSelector: selector, Limit: pageSize}
	for {
		next, err := read(options)
		if later := laterMoment(err); later != "" && later != options.Continue {
			options.Continue = later
			continue
		}
		if err != nil {
			return err
		}
		if options.Continue = next; next == "" {
			return nil
		}
	}
}

// podPage reads one chunk and returns where the next begins; empty after the last. The server is asked for protobuf, which is smaller
// and read several times faster than JSON; one that does not have it, or a proxy before it, may send JSON.
func (c *Client) podPage(ctx context.Context, namespace string, options metav1.ListOptions, visit func(*corev1.Pod)) (next string, err error) {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	stream, err := c.core.Get().Namespace(namespace).Resource("pods").VersionedParams(&options, c.parameters).
		SetHeader("Accept", runtime.ContentTypeProtobuf+","+runtime.ContentTypeJSON).Stream(ctx)
	if err != nil {
		return "", err
	}
	defer func() { _ = stream.Close() }()
	answer := bufio.NewReader(stream)
	if isProtobuf(answer) {
		return readPods(answer, visit)
	}
	pods := &corev1.PodList{}
	if err := json.NewDecoder(answer).Decode(pods); err != nil {
		return "", fmt.Errorf("read pods: %w", err)
	}
	for i := range pods.Items {
		pods.Items[i].ManagedFields = nil
		visit(&pods.Items[i])
	}
	return pods.Continue, nil
}

// Namespaces lists the names of namespaces, at most as many as are read at a time. It takes a right on the whole cluster.
func (c *Client) Namespaces(ctx context.Context) ([]string, error) {
	found := &corev1.NamespaceList{}
	if err := c.list(ctx, "namespaces", "", metav1.ListOptions{Limit: pageSize}, found); err != nil {
		return nil, err
	}
	names := make([]string, len(found.Items))
	for i := range found.Items {
		names[i] = found.Items[i].Name
	}
	return names, nil
}

// laterMoment is where a list goes on whose moment the server has forgotten (410, metav1.StatusReasonExpired); empty when err is no such answer.
func laterMoment(err error) string {
	status := apierrors.APIStatus(nil)
	if !apierrors.IsResourceExpired(err) || !errors.As(err, &status) {
		return ""
	}
	return status.Status().Continue
}
