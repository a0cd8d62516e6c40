// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package kube

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

// CallTimeout bounds one call that answers with a document. Watches and log
// streams have no such bound: they live for as long as the server lets them.
const CallTimeout = 10 * time.Second

// Client reads and watches pods, and changes them in the few ways that are needed.
type Client struct {
	config     *rest.Config
	core       rest.Interface
	parameters runtime.ParameterCodec
}

// NewClient returns a client for a cluster.
func NewClient(config *rest.Config) (*Client, error) {
	transport, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("set up connection to %s: %w", config.Host, err)
	}
	return newClient(config, transport)
}

func newClient(config *rest.Config, transport *http.Client) (*Client, error) {
	scheme := runtime.NewScheme()
	// Only the core group is known; registering it cannot fail but for a bug in it.
	if err := corev1.AddToScheme(scheme); err != nil {
		return nil, fmt.Errorf("register core/v1: %w", err)
	}
	metav1.AddToGroupVersion(scheme, corev1.SchemeGroupVersion)
	core := rest.CopyConfig(config)
	core.GroupVersion = &corev1.SchemeGroupVersion
	core.APIPath = "/api"
	core.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	core.ContentType = "application/json"
	client, err := rest.RESTClientForConfigAndClient(core, transport)
	if err != nil {
		return nil, fmt.Errorf("set up client for %s: %w", config.Host, err)
	}
	return &Client{config: config, core: client, parameters: runtime.NewParameterCodec(scheme)}, nil
}

// Pod reads a pod from a quorum of the store, never from a cache that may be behind.
// Errors are those of apimachinery's api/errors, wrapped.
func (c *Client) Pod(ctx context.Context, namespace, name string) (*corev1.Pod, error) {
	return get(ctx, c.core.Get().Namespace(namespace).Resource("pods").Name(name), "pod "+namespace+"/"+name, &corev1.Pod{})
}

// ConfigMap reads a ConfigMap from a quorum of the store.
func (c *Client) ConfigMap(ctx context.Context, namespace, name string) (*corev1.ConfigMap, error) {
	return get(ctx, c.core.Get().Namespace(namespace).Resource("configmaps").Name(name), "configmap "+namespace+"/"+name, &corev1.ConfigMap{})
}

// Service reads a Service from a quorum of the store.
func (c *Client) Service(ctx context.Context, namespace, name string) (*corev1.Service, error) {
	return get(ctx, c.core.Get().Namespace(namespace).Resource("services").Name(name), "service "+namespace+"/"+name, &corev1.Service{})
}

// Node reads a node, which takes a right on the whole cluster.
func (c *Client) Node(ctx context.Context, name string) (*corev1.Node, error) {
	return get(ctx, c.core.Get().Resource("nodes").Name(name), "node "+name, &corev1.Node{})
}

// PodURL is where a subresource of a pod is, with what it takes to connect there, for what is no plain request.
func (c *Client) PodURL(namespace, name, subresource string) (*url.URL, *rest.Config) {
	return c.core.Get().Namespace(namespace).Resource("pods").Name(name).SubResource(subresource).URL(), rest.CopyConfig(c.config)
}

// MayConnect asks for a subresource of a pod that is a connection, without asking for one: the error is that of the
// refusal if it is refused. What connects says that in words only.
func (c *Client) MayConnect(ctx context.Context, namespace, name, subresource string) error {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	err := c.core.Post().Namespace(namespace).Resource("pods").Name(name).SubResource(subresource).MaxRetries(0).Do(ctx).Error()
	if apierrors.IsForbidden(err) || apierrors.IsUnauthorized(err) {
		return fmt.Errorf("create pods/%s %s/%s: %w", subresource, namespace, name, err)
	}
	return nil
}

// get reads what is named into found.
func get[T runtime.Object](ctx context.Context, request *rest.Request, what string, found T) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	if err := request.Do(ctx).Into(found); err != nil {
		var none T
		return none, fmt.Errorf("get %s: %w", what, err)
	}
	return found, nil
}

// Pods lists the pods with these labels from a quorum of the store, never from a cache that may be behind; if since is not empty, as they
// stood at that resourceVersion or later, which a cache can answer at once: a consistent list waits for the cache to be
// told how far the store is, up to 100 ms (Kubernetes 1.31, ConsistentListFromCache). An API server that is not as far as
// since for some seconds answers with an error, which is given at once.
func (c *Client) Pods(ctx context.Context, namespace string, with labels.Set, since string) ([]corev1.Pod, error) {
	options := metav1.ListOptions{LabelSelector: with.String(), ResourceVersion: since}
	if since != "" {
		options.ResourceVersionMatch = metav1.ResourceVersionMatchNotOlderThan
	}
	pods := &corev1.PodList{}
	err := c.list(ctx, "pods", namespace, options, pods)
	return pods.Items, err
}

// maxEvents bounds an answer: Kubernetes aggregates the events about one object to far fewer.
const maxEvents = 200

// Events returns the events about the object with that UID.
func (c *Client) Events(ctx context.Context, namespace string, uid types.UID) ([]corev1.Event, error) {
	events := &corev1.EventList{}
	about := fields.OneTermEqualSelector("involvedObject.uid", string(uid)).String()
	err := c.list(ctx, "events", namespace, metav1.ListOptions{FieldSelector: about, Limit: maxEvents}, events)
	return events.Items, err
}

// list reads objects into found.
func (c *Client) list(ctx context.Context, resource, namespace string, options metav1.ListOptions, found runtime.Object) error {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	request := c.core.Get().Namespace(namespace).Resource(resource).VersionedParams(&options, c.parameters)
	if options.ResourceVersionMatch != "" {
		// A cache that is behind is not asked again and again, for seconds each time: the store can be.
		request.MaxRetries(0)
	}
	if err := request.Do(ctx).Into(found); err != nil {
		return fmt.Errorf("list %s: %w", resource, err)
	}
	return nil
}

// PodLog opens a pod's log. The stream ends when the container has ended, and also when a
// connection between does; it is never the sign of an end.
func (c *Client) PodLog(ctx context.Context, namespace, name string, options *corev1.PodLogOptions) (io.ReadCloser, error) {
	stream, err := c.core.Get().Namespace(namespace).Resource("pods").Name(name).SubResource("log").
		VersionedParams(options, c.parameters).Stream(ctx)
	if err != nil {
		return nil, fmt.Errorf("open log of pod %s/%s: %w", namespace, name, err)
	}
	return stream, nil
}

// plainListWatch is listed and then watched. The newer way, a watch that starts with what
// there is, saves memory on long lists only, and never ends where a proxy or an older server takes
// the request and does not send the bookmark that closes the start.
type plainListWatch struct{ *cache.ListWatch }

// IsWatchListSemanticsUnSupported is how a reflector asks (client-go's util/watchlist).
func (plainListWatch) IsWatchListSemanticsUnSupported() bool { return true }

// WatchPod returns what a reflector needs to list and watch the one pod of that name. failed is
// called when a watch cannot be opened or ends at once: a reflector keeps both to itself.
func (c *Client) WatchPod(namespace, name string, failed func(error)) cache.ListerWatcher {
	return c.watching("pods", namespace, metav1.ListOptions{FieldSelector: fields.OneTermEqualSelector("metadata.name", name).String()}, &corev1.PodList{}, failed)
}

// WatchPods is WatchPod for the pods with these labels.
func (c *Client) WatchPods(namespace string, with labels.Set, failed func(error)) cache.ListerWatcher {
	return c.watching("pods", namespace, metav1.ListOptions{LabelSelector: with.String()}, &corev1.PodList{}, failed)
}

// WatchEvents is WatchPod for the events of a namespace.
func (c *Client) WatchEvents(namespace string, failed func(error)) cache.ListerWatcher {
	return c.watching("events", namespace, metav1.ListOptions{}, &corev1.EventList{}, failed)
}

// watching lists and watches the objects of a resource that what selects; list is of their type.
func (c *Client) watching(resource, namespace string, what metav1.ListOptions, list runtime.Object, failed func(error)) cache.ListerWatcher {
	request := func(options metav1.ListOptions) *rest.Request {
		options.FieldSelector, options.LabelSelector = what.FieldSelector, what.LabelSelector
		return c.core.Get().Namespace(namespace).Resource(resource).VersionedParams(&options, c.parameters)
	}
	return plainListWatch{&cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			ctx, cancel := context.WithTimeout(ctx, CallTimeout)
			defer cancel()
			found := list.DeepCopyObject()
			err := request(options).Do(ctx).Into(found)
			return found, err
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			options.Watch = true
			return opened(ctx, request(options).Watch, failed)
		},
	}}
}
