// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package kube_test

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/test/apiserver"
)

// manyPods is a server with 1200 pods of two namespaces.
func manyPods(t *testing.T) (*apiserver.Server, *kube.Client) {
	t.Helper()
	server := apiserver.New(apiserver.Options{Namespaces: []string{"jobs", "other"}})
	client, err := kube.NewClient(&rest.Config{Host: "http://apiserver.test", Transport: server.Transport(), QPS: -1})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1200 {
		namespace := "jobs"
		if i%10 == 9 {
			namespace = "other"
		}
		pod := &corev1.Pod{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("pod-%04d", i), Labels: map[string]string{"odd": strconv.Itoa(i % 2)}},
			Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "i"}}},
		}
		if _, err := client.Create(t.Context(), namespace, pod); err != nil {
			t.Fatal(err)
		}
	}
	server.ForgetRequests()
	return server, client
}

// onlyJSON is what a proxy makes of calls that knows no protobuf.
type onlyJSON struct{ next http.RoundTripper }

func (o onlyJSON) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Accept", "application/json")
	return o.next.RoundTrip(r)
}

func TestEachPod(t *testing.T) {
	server, client := manyPods(t)
	t.Run("reads every pod once, in chunks", func(t *testing.T) { readInChunks(t, server, client) })
	t.Run("takes JSON from a server that has nothing else", func(t *testing.T) {
		plain, err := kube.NewClient(&rest.Config{Host: "http://apiserver.test", Transport: onlyJSON{server.Transport()}, QPS: -1})
		if err != nil {
			t.Fatal(err)
		}
		readInChunks(t, server, plain)
	})
	t.Run("goes on when the server has forgotten where it began", func(t *testing.T) { readForgotten(t, server, client) })
	t.Run("tells what the server refuses", func(t *testing.T) {
		server.SetAuthorize(func(apiserver.Attributes) bool { return false })
		if err := client.EachPod(t.Context(), "jobs", "", func(*corev1.Pod) {}); !apierrors.IsForbidden(err) {
			t.Errorf("error is %v", err)
		}
	})
}

func readInChunks(t *testing.T, server *apiserver.Server, client *kube.Client) {
	t.Helper()
	for _, test := range []struct {
		namespace, selector string
		pods, requests      int
	}{
		{"jobs", "", 1080, 3},
		{"", "", 1200, 3},
		{"other", "odd=1", 120, 1},
		{"other", "odd=0", 0, 1},
		{"", "odd=1", 600, 2},
	} {
		server.ForgetRequests()
		seen := map[string]int{}
		if err := client.EachPod(t.Context(), test.namespace, test.selector, func(pod *corev1.Pod) { seen[pod.Namespace+"/"+pod.Name]++ }); err != nil {
			t.Fatal(err)
		}
		for name, times := range seen {
			if times != 1 {
				t.Errorf("%q %q: %s came %d times", test.namespace, test.selector, name, times)
			}
		}
		if len(seen) != test.pods || len(server.Requests()) != test.requests {
			t.Errorf("%q %q: %d pods with %d requests, want %d with %d", test.namespace, test.selector, len(seen), len(server.Requests()), test.pods, test.requests)
		}
	}
}

func readForgotten(t *testing.T, server *apiserver.Server, client *kube.Client) {
	t.Helper()
	server.ForgetRequests()
	seen := map[string]int{}
	err := client.EachPod(t.Context(), "jobs", "", func(pod *corev1.Pod) {
		if len(seen) == 0 {
			// Something changes, and what was before is compacted away.
			server.Remove("pods", "jobs", "pod-1198")
			server.Compact()
		}
		seen[pod.Name]++
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) != 1079 || seen["pod-0000"] != 1 || seen["pod-1197"] != 1 {
		t.Errorf("saw %d pods", len(seen))
	}
	if requests := len(server.Requests()); requests != 4 {
		t.Errorf("%d requests, want three chunks and the one that was refused", requests)
	}
}
