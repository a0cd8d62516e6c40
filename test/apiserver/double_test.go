// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver_test

import (
	"context"
	"net/http/httptest"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/sparkctl/sparkctl/test/apiserver"
)

type podType = corev1.Pod

var pods = schema.GroupVersionResource{Version: "v1", Resource: "pods"}

func pod(name string, gates ...string) *unstructured.Unstructured {
	spec := map[string]any{"containers": []any{map[string]any{"name": "main", "image": "example.org/none"}}}
	var list []any
	for _, gate := range gates {
		list = append(list, map[string]any{"name": gate})
	}
	if list != nil {
		spec["schedulingGates"] = list
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": name}, "spec": spec,
	}}
}

func client(t *testing.T, config *rest.Config) dynamic.ResourceInterface {
	t.Helper()
	config.QPS = -1
	c, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return c.Resource(pods).Namespace("default")
}

func TestSmoke(t *testing.T) {
	server := apiserver.New(apiserver.Options{})
	web := httptest.NewServer(server)
	defer web.Close()
	for name, config := range map[string]*rest.Config{
		"socket":    {Host: web.URL},
		"transport": {Host: "http://apiserver.test", Transport: server.Transport()},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			c := client(t, config)
			made, err := c.Create(ctx, pod("a"+name, "sparkctl.dev/submission"), metav1.CreateOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Create(ctx, pod("a"+name), metav1.CreateOptions{}); !apierrors.IsAlreadyExists(err) {
				t.Fatal(err)
			}
			watch, err := c.Watch(ctx, metav1.ListOptions{ResourceVersion: made.GetResourceVersion(), FieldSelector: "metadata.name=a" + name})
			if err != nil {
				t.Fatal(err)
			}
			defer watch.Stop()
			patch := `[{"op":"test","path":"/metadata/uid","value":"` + string(made.GetUID()) + `"},{"op":"test","path":"/spec/schedulingGates/0/name","value":"sparkctl.dev/submission"},{"op":"remove","path":"/spec/schedulingGates/0"}]`
			if _, err := c.Patch(ctx, made.GetName(), types.JSONPatchType, []byte(patch), metav1.PatchOptions{}); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Patch(ctx, made.GetName(), types.JSONPatchType, []byte(patch), metav1.PatchOptions{}); !apierrors.IsInvalid(err) {
				t.Fatal(err)
			}
			if !server.Schedule("default", made.GetName(), "node") || !server.Run("default", made.GetName()) || !server.Terminate("default", made.GetName(), "main", 3) {
				t.Fatal("kubelet steps")
			}
			for _, want := range []string{"Pending", "Pending", "Running", "Failed"} {
				event := <-watch.ResultChan()
				o, isObject := event.Object.(*unstructured.Unstructured)
				if !isObject {
					t.Fatal(event)
				}
				if phase, _, _ := unstructured.NestedString(o.Object, "status", "phase"); phase != want {
					t.Fatal(phase, want)
				}
			}
			if err := c.Delete(ctx, made.GetName(), metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions(string(made.GetUID()))}); err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"MODIFIED", "DELETED"} { // marked, then removed
				if event := <-watch.ResultChan(); string(event.Type) != want {
					t.Fatal(event)
				}
			}
		})
	}
}
