// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package kube

import (
	"context"
	"errors"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// pageSize is how many pods are read at a time: what kubectl reads at a time too.
const pageSize = 500

// EachPod reads the pods that selector selects, in chunks, and shows each to visit, so that no more than a chunk of them
// is in memory. An empty namespace means all. The answer is that of one moment, unless the reading took so long that the
// server has forgotten that moment: then the rest is of a later one, as the server offers it.
func (c *Client) EachPod(ctx context.Context, namespace, selector string, visit func(*corev1.Pod)) error {
	pods := &corev1.PodList{}
	return c.each(ctx, "pods", namespace, selector, pods, func() {
		for i := range pods.Items {
			visit(&pods.Items[i])
		}
		*pods = corev1.PodList{}
	})
}

// EachEvent is EachPod for the events of a namespace.
func (c *Client) EachEvent(ctx context.Context, namespace string, visit func(*corev1.Event)) error {
	events := &corev1.EventList{}
	return c.each(ctx, "events", namespace, "", events, func() {
		for i := range events.Items {
			visit(&events.Items[i])
		}
		*events = corev1.EventList{}
	})
}

// each reads objects in chunks into found, and has each chunk taken out of it.
func (c *Client) each(ctx context.Context, resource, namespace, selector string, found interface {
	runtime.Object
	metav1.ListInterface
}, take func(),
) error {
	options := metav1.ListOptions{LabelSelector: selector, Limit: pageSize}
	for {
		err := c.list(ctx, resource, namespace, options, found)
		if next := laterMoment(err); next != "" && next != options.Continue {
			options.Continue = next
			continue
		}
		if err != nil {
			return err
		}
		options.Continue = found.GetContinue()
		take()
		if options.Continue == "" {
			return nil
		}
	}
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
