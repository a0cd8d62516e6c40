// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package forward_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"

	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/internal/kube/forward"
	"github.com/sparkctl/sparkctl/test/apiserver"
)

// world is a pod with a web server, and a forwarder to it.
type world struct {
	t      *testing.T
	server *apiserver.Server
	web    *httptest.Server
	at     string // where the forwarder listens
	told   chan string
}

func inWorld(t *testing.T, handler http.HandlerFunc, test func(w *world)) {
	t.Helper()
	w := &world{t: t, server: apiserver.New(apiserver.Options{}), web: httptest.NewServer(handler), told: make(chan string, 100)}
	api := httptest.NewServer(w.server)
	port := w.makePod(api.URL)
	config := &rest.Config{Host: api.URL, QPS: -1}
	client, err := kube.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	at, to := client.PodURL("default", "a", "portforward")
	f, err := forward.New(to, at, port, func(err error) { w.told <- err.Error() })
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.at = "http://" + listener.Addr().String()
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error)
	go func() { served <- f.Serve(ctx, listener) }()
	test(w)
	stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
	if _, err := w.get(""); err == nil {
		t.Error("it answers when it has ended")
	}
	w.server.CutForwards()
	api.CloseClientConnections()
	api.Close()
	w.web.Close()
}

// makePod makes the running pod that has the web server, and returns that one's port.
func (w *world) makePod(api string) int32 {
	w.t.Helper()
	body := `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"main","image":"spark"}]}}`
	answer, err := http.Post(api+"/api/v1/namespaces/default/pods", "application/json", strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil {
		w.t.Fatal(err)
	}
	address, ok := w.web.Listener.Addr().(*net.TCPAddr)
	if !ok || !w.server.Schedule("default", "a", "node") || !w.server.Run("default", "a") {
		w.t.Fatal("the pod does not run")
	}
	w.server.ChangePod("default", "a", func(pod *corev1.Pod) { pod.Status.PodIP = address.IP.String() })
	return int32(address.Port)
}

// get reads a path over a connection of its own.
func (w *world) get(path string) ([]byte, error) {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get(w.at + path)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(answer.Body)
	return text, errors.Join(err, answer.Body.Close())
}

func TestForwardCarriesManyConnectionsAtATime(t *testing.T) {
	t.Parallel()
	long := bytes.Repeat([]byte("0123456789abcdef"), 20_000)
	inWorld(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, "%s %s", r.URL.Path, long)
	}, func(w *world) {
		var all sync.WaitGroup
		for n := range 20 {
			all.Go(func() {
				path := fmt.Sprintf("/%d", n)
				text, err := w.get(path)
				if err != nil || string(text) != path+" "+string(long) {
					t.Errorf("%s: %d bytes, %v", path, len(text), err)
				}
			})
		}
		all.Wait()
		if len(w.told) > 0 {
			t.Errorf("told %q", <-w.told)
		}
	})
}

func TestForwardComesBackAfterALostConnection(t *testing.T) {
	t.Parallel()
	inWorld(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "here") }, func(w *world) {
		for range 5 {
			text, err := w.get("/")
			for tries := 0; err != nil && tries < 1000; tries++ {
				// A request can be on its way while the loss is noticed; then the next one comes through.
				text, err = w.get("/")
			}
			if err != nil || string(text) != "here" {
				t.Fatalf("%q, %v", text, err)
			}
			if n := w.server.CutForwards(); n != 1 {
				t.Errorf("%d connections to the API server", n)
			}
		}
	})
}

func TestForwardTellsWhyAConnectionIsRefused(t *testing.T) {
	t.Parallel()
	inWorld(t, func(http.ResponseWriter, *http.Request) {}, func(w *world) {
		w.web.Close()
		if _, err := w.get("/"); err == nil {
			t.Error("it answers")
		}
		if said := <-w.told; !strings.Contains(said, "connection refused") {
			t.Errorf("told %q", said)
		}
	})
}

func TestForwardSaysThatThereIsNoSuchPod(t *testing.T) {
	t.Parallel()
	api := httptest.NewServer(apiserver.New(apiserver.Options{}))
	defer api.Close()
	at, err := url.Parse(api.URL + "/api/v1/namespaces/default/pods/nobody/portforward")
	if err != nil {
		t.Fatal(err)
	}
	f, err := forward.New(&rest.Config{Host: api.URL}, at, 4040, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Open(t.Context()); err == nil || !strings.Contains(err.Error(), `pods "nobody" not found`) {
		t.Error(err)
	}
}
