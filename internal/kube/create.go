// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
)

// Object is one of any kind. Its apiVersion and kind must be set: they say where the API server keeps it.
type Object interface {
	runtime.Object
	metav1.Object
}

// Create makes object in namespace, and returns the metadata that it has there. It is sent once: whatever the answer is, what became
// of an unanswered call is the caller's to find out. Errors are those of apimachinery's api/errors, wrapped.
func (c *Client) Create(ctx context.Context, namespace string, object Object) (metav1.ObjectMeta, error) {
	return c.create(ctx, namespace, object, c.at("POST", namespace, object))
}

// DryRun is a client whose Create has the API server do everything but keep the object.
type DryRun struct{ *Client }

// Create is that of [Client], with dryRun=All.
func (d DryRun) Create(ctx context.Context, namespace string, object Object) (metav1.ObjectMeta, error) {
	return d.create(ctx, namespace, object, d.at("POST", namespace, object).Param("dryRun", metav1.DryRunAll))
}

func (c *Client) create(ctx context.Context, namespace string, object Object, request *rest.Request) (metav1.ObjectMeta, error) {
	body, err := json.Marshal(object)
	if err != nil {
		return metav1.ObjectMeta{}, fmt.Errorf("write %s: %w", named(namespace, object), err)
	}
	made, err := metadata(ctx, request.SetHeader("Content-Type", runtime.ContentTypeJSON).Body(body))
	if err != nil {
		return made, fmt.Errorf("create %s: %w", named(namespace, object), err)
	}
	return made, nil
}

// Metadata reads the metadata of what stands in namespace under object's kind and name, from a quorum of the store.
func (c *Client) Metadata(ctx context.Context, namespace string, object Object) (metav1.ObjectMeta, error) {
	found, err := metadata(ctx, c.at("GET", namespace, object).Name(object.GetName()))
	if err != nil {
		return found, fmt.Errorf("get %s: %w", named(namespace, object), err)
	}
	return found, nil
}

// Read reads what stands in namespace under object's kind and name into an object of any kind, from a quorum of the store.
func (c *Client) Read(ctx context.Context, namespace string, object Object) (*unstructured.Unstructured, error) {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	answer := c.at("GET", namespace, object).Name(object.GetName()).Do(ctx)
	text, err := answer.Raw()
	if said := answer.Error(); said != nil {
		err = said
	}
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", named(namespace, object), err)
	}
	found := &unstructured.Unstructured{}
	if err := json.Unmarshal(text, &found.Object); err != nil {
		return nil, fmt.Errorf("get %s: read answer: %w", named(namespace, object), err)
	}
	return found, nil
}

// MetadataList reads the metadata of the objects of kind's that have these labels, from a quorum of the store.
func (c *Client) MetadataList(ctx context.Context, namespace string, kind Object, with labels.Set) ([]metav1.ObjectMeta, error) {
	var list struct {
		Items []struct {
			Metadata metav1.ObjectMeta `json:"metadata"`
		} `json:"items"`
	}
	if _, err := read(ctx, c.at("GET", namespace, kind).Param("labelSelector", with.String()), &list); err != nil {
		return nil, fmt.Errorf("list objects of kind %s: %w", kind.GetObjectKind().GroupVersionKind().Kind, err)
	}
	var found []metav1.ObjectMeta
	for _, item := range list.Items {
		found = append(found, item.Metadata)
	}
	return found, nil
}

// Own gives the object of that UID an owner. It does nothing, and the answer is 422, if another object has its name by now.
func (c *Client) Own(ctx context.Context, namespace string, object Object, uid types.UID, owner metav1.OwnerReference) error {
	body, err := json.Marshal([]any{
		operation{Op: "test", Path: "/metadata/uid", Value: string(uid)},
		map[string]any{"op": "add", "path": "/metadata/ownerReferences", "value": []metav1.OwnerReference{owner}},
	})
	if err != nil {
		return fmt.Errorf("write patch of %s: %w", named(namespace, object), err)
	}
	request := c.at("PATCH", namespace, object).Name(object.GetName()).SetHeader("Content-Type", string(types.JSONPatchType)).Body(body)
	if _, err := metadata(ctx, request); err != nil {
		return fmt.Errorf("patch %s: %w", named(namespace, object), err)
	}
	return nil
}

// Remove asks for the end of the object of that UID, and of no other that may bear its name by now.
func (c *Client) Remove(ctx context.Context, namespace string, object Object, uid types.UID) error {
	options := metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &uid}}
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	if err := c.at("DELETE", namespace, object).Name(object.GetName()).Body(&options).Do(ctx).Error(); err != nil {
		return fmt.Errorf("delete %s: %w", named(namespace, object), err)
	}
	return nil
}

// at begins a request for objects of that kind. A kind's place in a URL is its plural in lower case, as kubectl guesses it.
func (c *Client) at(verb, namespace string, object Object) *rest.Request {
	kind := object.GetObjectKind().GroupVersionKind()
	resource, _ := meta.UnsafeGuessKindToResource(kind)
	path := []string{"/api", kind.Version}
	if kind.Group != "" {
		path = []string{"/apis", kind.Group, kind.Version}
	}
	request := c.core.Verb(verb).MaxRetries(0).AbsPath(path...).Resource(resource.Resource)
	if namespace == "" {
		// Of no namespace, or of all of them.
		return request
	}
	return request.Namespace(namespace)
}

// metadata sends a request and reads of its answer the metadata alone.
func metadata(ctx context.Context, request *rest.Request) (metav1.ObjectMeta, error) {
	var of struct {
		Metadata metav1.ObjectMeta `json:"metadata"`
	}
	text, err := read(ctx, request, &of)
	if err != nil {
		return metav1.ObjectMeta{}, err
	}
	if of.Metadata.UID == "" {
		return metav1.ObjectMeta{}, fmt.Errorf("read answer: it is no object of the API: %.80q", text)
	}
	return of.Metadata, nil
}

// named is an object in an error: its kind and name.
func named(namespace string, object Object) string {
	return strings.ToLower(object.GetObjectKind().GroupVersionKind().Kind) + " " + namespace + "/" + object.GetName()
}

// read sends a request and reads its answer into what it is to hold, by no codec: this client knows no kinds but those of the core group.
func read(ctx context.Context, request *rest.Request, into any) (text []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	answer := request.Do(ctx)
	if err := answer.Error(); err != nil {
		return nil, err
	}
	if text, err = answer.Raw(); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	return text, nil
}
