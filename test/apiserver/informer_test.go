// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"go.uber.org/goleak"

	"github.com/sparkctl/sparkctl/test/apiserver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// informer follows one pod by its name, as the sensor does.
func informer(server *apiserver.Server, name string) (cache.SharedIndexInformer, dynamic.ResourceInterface, error) {
	config := &rest.Config{Host: "http://apiserver.test", Transport: server.Transport(), QPS: -1}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, nil, err
	}
	c := client.Resource(pods).Namespace("default")
	selector := "metadata.name=" + name
	return cache.NewSharedIndexInformer(&cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			options.FieldSelector = selector
			return c.List(ctx, options)
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			options.FieldSelector = selector
			return c.Watch(ctx, options)
		},
	}, &unstructured.Unstructured{}, 0, cache.Indexers{}), c, nil
}

func TestAnInformerLivesADayInVirtualTime(t *testing.T) {
	for _, test := range []struct {
		name string
		// disturb is called every ten minutes.
		disturb func(server *apiserver.Server)
	}{
		{name: "healthy", disturb: func(*apiserver.Server) {}},
		{name: "connections are reset", disturb: func(s *apiserver.Server) { s.CutStreams(apiserver.Reset, nil) }},
		{name: "the history is gone", disturb: func(s *apiserver.Server) {
			s.Compact()
			s.CutStreams(apiserver.Expired, nil)
		}},
		{name: "the server is down for two minutes", disturb: func(s *apiserver.Server) {
			s.SetFault(func(*apiserver.Request) apiserver.Action {
				return apiserver.Action{Skip: true, Lose: apiserver.Refused}
			})
			s.CutStreams(apiserver.EOF, nil)
			time.AfterFunc(2*time.Minute, func() { s.SetFault(nil) })
		}},
		{name: "a replica lags behind", disturb: func(s *apiserver.Server) {
			s.FreezeCache()
			s.CutStreams(apiserver.Expired, nil)
			time.AfterFunc(5*time.Minute, s.ThawCache)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := apiserver.New(apiserver.Options{})
				follower, client, err := informer(server, "a")
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan struct{})
				go func() { follower.RunWithContext(ctx); close(done) }()
				if !cache.WaitForCacheSync(ctx.Done(), follower.HasSynced) {
					t.Fatal("no sync")
				}
				for _, name := range []string{"a", "b"} {
					if _, err := client.Create(ctx, pod(name), metav1.CreateOptions{}); err != nil {
						t.Fatal(err)
					}
				}
				for i := range 24 * 6 {
					test.disturb(server)
					time.Sleep(10*time.Minute - time.Second) // a whole number of bookmarks would hide late ones
					server.ChangePod("default", "a", func(p *podType) {
						p.Labels = map[string]string{"round": fmt.Sprint(i)}
					})
					time.Sleep(time.Second)
					checkCache(t, follower, fmt.Sprint(i))
				}
				cancel()
				<-done
				synctest.Wait()
				if n := server.Streams(); n != 0 {
					t.Errorf("%d watches are left open", n)
				}
				t.Logf("%d requests in a day", len(server.Requests()))
			})
		})
	}
}

// checkCache wants the one pod that was asked for, in its newest state.
func checkCache(t *testing.T, follower cache.SharedIndexInformer, round string) {
	t.Helper()
	items := follower.GetStore().List()
	if len(items) != 1 {
		t.Fatalf("round %s: %d pods in the cache", round, len(items))
	}
	o, isObject := items[0].(*unstructured.Unstructured)
	if !isObject || o.GetName() != "a" || o.GetLabels()["round"] != round {
		t.Fatalf("round %s: the cache holds %v", round, items[0])
	}
}

func TestAWatchIsBookmarkedAndEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := apiserver.New(apiserver.Options{})
		_, client, err := informer(server, "a")
		if err != nil {
			t.Fatal(err)
		}
		seconds := int64(150)
		start := time.Now()
		w, err := client.Watch(t.Context(), metav1.ListOptions{AllowWatchBookmarks: true, TimeoutSeconds: &seconds})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for event := range w.ResultChan() {
			got = append(got, fmt.Sprint(event.Type, " after ", time.Since(start)))
		}
		got = append(got, fmt.Sprint("end after ", time.Since(start)))
		want := "[BOOKMARK after 1m0s BOOKMARK after 2m0s BOOKMARK after 2m28s end after 2m30s]"
		if fmt.Sprint(got) != want {
			t.Errorf("got  %v\nwant %v", got, want)
		}
	})
}
