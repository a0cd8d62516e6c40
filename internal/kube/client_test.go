// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package kube_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/test/apiserver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// cluster is a double of the API server and a client for it.
type cluster struct {
	*kube.Client
	t      *testing.T
	server *apiserver.Server
	config *rest.Config
}

// inCluster runs a test in virtual time.
func inCluster(t *testing.T, test func(c *cluster)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server := apiserver.New(apiserver.Options{})
		config := &rest.Config{Host: "http://apiserver.test", Transport: server.Transport(), QPS: -1}
		client, err := kube.NewClient(config)
		if err != nil {
			t.Fatal(err)
		}
		test(&cluster{client, t, server, config})
	})
}

// makePod makes a running pod with one container, "main".
func (c *cluster) makePod(name string) types.UID {
	c.t.Helper()
	pods, err := dynamic.NewForConfig(c.config)
	if err != nil {
		c.t.Fatal(err)
	}
	pod := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": name},
		"spec": map[string]any{"containers": []any{map[string]any{"name": "main", "image": "spark"}}},
	}}
	made, err := pods.Resource(corev1.SchemeGroupVersion.WithResource("pods")).Namespace("default").Create(c.t.Context(), pod, metav1.CreateOptions{})
	if err != nil {
		c.t.Fatal(err)
	}
	if !c.server.Schedule("default", name, "node") || !c.server.Run("default", name) {
		c.t.Fatalf("pod %s does not run", name)
	}
	return made.GetUID()
}

func TestPod(t *testing.T) {
	t.Parallel()
	inCluster(t, func(c *cluster) {
		uid := c.makePod("a")
		pod, err := c.Pod(c.t.Context(), "default", "a")
		if err != nil || pod.UID != uid || pod.Status.Phase != corev1.PodRunning {
			t.Errorf("%v, %v", pod, err)
		}
		_, err = c.Pod(c.t.Context(), "default", "b")
		if !apierrors.IsNotFound(err) || err.Error() != `get pod default/b: pods "b" not found` {
			t.Error(err)
		}
		for _, r := range c.server.Requests() {
			if r.Verb == "get" && len(r.Query["resourceVersion"]) > 0 {
				t.Errorf("read from a cache: %v", r.Query)
			}
		}
	})
}

func TestACallWithoutAnAnswerEnds(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(*cluster) error{
		"a read":   func(c *cluster) error { _, err := c.Pod(c.t.Context(), "default", "a"); return err },
		"a delete": func(c *cluster) error { return c.DeletePod(c.t.Context(), "default", "a", "uid") },
		"a list": func(c *cluster) error {
			_, err := cache.ToListerWatcherWithContext(c.WatchPod("default", "a", func(error) {})).ListWithContext(c.t.Context(), metav1.ListOptions{})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inCluster(t, func(c *cluster) {
				c.server.SetFault(func(*apiserver.Request) apiserver.Action {
					return apiserver.Action{Skip: true, Lose: apiserver.Silence}
				})
				start := time.Now()
				if err := call(c); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != kube.CallTimeout {
					t.Errorf("%v after %s", err, time.Since(start))
				}
			})
		})
	}
}

func TestDeletePodDeletesTheOneOfThatUID(t *testing.T) {
	t.Parallel()
	inCluster(t, func(c *cluster) {
		uid := c.makePod("a")
		if err := c.DeletePod(c.t.Context(), "default", "a", "another"); !apierrors.IsConflict(err) {
			t.Errorf("another UID: %v", err)
		}
		if pod, err := c.Pod(c.t.Context(), "default", "a"); err != nil || pod.DeletionTimestamp != nil {
			t.Errorf("it is gone, or going: %v, %v", pod, err)
		}
		if err := c.DeletePod(c.t.Context(), "default", "a", uid); err != nil {
			t.Error(err)
		}
		pod, err := c.Pod(c.t.Context(), "default", "a")
		if err != nil || pod.DeletionTimestamp == nil || *pod.DeletionGracePeriodSeconds != 30 {
			t.Errorf("it has not the grace of its own: %v, %v", pod, err)
		}
		if err := c.DeletePod(c.t.Context(), "default", "b", uid); !apierrors.IsNotFound(err) {
			t.Errorf("no such pod: %v", err)
		}
	})
}

func TestWatchPodSeesOnePodOnly(t *testing.T) {
	t.Parallel()
	inCluster(t, func(c *cluster) {
		c.makePod("a")
		c.makePod("b")
		watcher := cache.ToListerWatcherWithContext(c.WatchPod("default", "a", func(err error) { t.Errorf("the watch failed: %v", err) }))
		listed, err := watcher.ListWithContext(c.t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		list, ok := listed.(*corev1.PodList)
		if !ok || len(list.Items) != 1 || list.Items[0].Name != "a" {
			t.Fatalf("listed %v", listed)
		}
		w, err := watcher.WatchWithContext(c.t.Context(), metav1.ListOptions{ResourceVersion: list.ResourceVersion})
		if err != nil {
			t.Fatal(err)
		}
		defer w.Stop()
		c.makePod("c")
		c.server.Terminate("default", "b", "main", 0)
		c.server.Terminate("default", "a", "main", 3)
		c.server.Remove("pods", "default", "a")
		for event := range w.ResultChan() {
			if pod, ok := event.Object.(*corev1.Pod); !ok || pod.Name != "a" {
				t.Errorf("saw %s %v", event.Type, event.Object)
			}
			if event.Type == watch.Deleted {
				return
			}
		}
		t.Error("the end was not seen")
	})
}

func TestWatchPodTellsThatItCouldNotBeOpened(t *testing.T) {
	t.Parallel()
	inCluster(t, func(c *cluster) {
		c.server.SetFault(func(*apiserver.Request) apiserver.Action {
			return apiserver.Action{Skip: true, Lose: apiserver.Refused}
		})
		failed := 0
		watcher := cache.ToListerWatcherWithContext(c.WatchPod("default", "a", func(error) { failed++ }))
		if _, err := watcher.WatchWithContext(c.t.Context(), metav1.ListOptions{}); err == nil || failed != 1 {
			t.Errorf("%v, told %d times", err, failed)
		}
	})
}

func TestPodLog(t *testing.T) {
	t.Parallel()
	inCluster(t, func(c *cluster) {
		c.makePod("a")
		c.server.AppendLog("default", "a", "main", "one\ntwo\n")
		stream, err := c.PodLog(c.t.Context(), "default", "a", &corev1.PodLogOptions{Container: "main", Follow: true})
		if err != nil {
			t.Fatal(err)
		}
		// A day without a word is no reason to end a stream.
		time.AfterFunc(24*time.Hour, func() {
			c.server.AppendLog("default", "a", "main", "three\n")
			c.server.Terminate("default", "a", "main", 0)
		})
		text, err := io.ReadAll(stream)
		if err != nil || string(text) != "one\ntwo\nthree\n" {
			t.Errorf("%q, %v", text, err)
		}
		if err := stream.Close(); err != nil {
			t.Error(err)
		}
		if _, err := c.PodLog(c.t.Context(), "default", "b", &corev1.PodLogOptions{}); !apierrors.IsNotFound(err) {
			t.Errorf("no such pod: %v", err)
		}
	})
}
