// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package script

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	corev1 "k8s.io/api/core/v1"

	"github.com/sparkctl/sparkctl/test/apiserver"
)

// webUIsKey is where a script's environment keeps the web UIs of its drivers by their pods.
type webUIsKey struct{}

// webUICommand is "webui POD": lets a driver in the namespace default serve a page; or "webui POD down": no more.
func webUICommand(ts *testscript.TestScript, neg bool, args []string) {
	server, ok := ts.Value(serverKey{}).(*apiserver.Server)
	all, kept := ts.Value(webUIsKey{}).(map[string]*httptest.Server)
	if neg || !ok || !kept || len(args) == 0 || len(args) > 2 {
		ts.Fatalf("usage: webui POD [down]")
	}
	if len(args) == 2 {
		web := all[args[0]]
		if web == nil {
			ts.Fatalf("%s has no web UI", args[0])
		}
		web.CloseClientConnections()
		web.Close()
		return
	}
	web, err := serveWebUI(ts.Defer, server, "default", args[0])
	ts.Check(err)
	all[args[0]] = web
	ts.Setenv("WEBUI", web.URL)
}

// serveWebUI lets a driver serve a page until it is cleaned up.
func serveWebUI(cleanUp func(func()), server *apiserver.Server, namespace, driver string) (*httptest.Server, error) {
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s of the web UI of %s\n", r.URL.Path, driver)
	}))
	cleanUp(web.Close)
	address, ok := web.Listener.Addr().(*net.TCPAddr)
	if !ok {
		return nil, fmt.Errorf("no TCP: %v", web.Listener.Addr())
	}
	if !server.ChangePod(namespace, driver, func(pod *corev1.Pod) {
		pod.Status.PodIP = address.IP.String()
		pod.Spec.Containers[0].Ports = []corev1.ContainerPort{{Name: "spark-ui", ContainerPort: int32(address.Port)}}
	}) {
		return nil, fmt.Errorf("there is no pod %s", driver)
	}
	return web, nil
}

// fetchCommand is "fetch FILE PATH": prints what the server answers whose URL the file holds, after some tries if need be: a
// request can be on its way while a lost connection is noticed. "! fetch" is that it does not answer at once.
func fetchCommand(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: fetch FILE PATH")
	}
	client := http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	url := strings.TrimSpace(ts.ReadFile(args[0])) + args[1]
	answer, err := client.Get(url)
	for tries := 0; err != nil && !neg && tries < 1000; tries++ {
		answer, err = client.Get(url)
	}
	if err != nil {
		if !neg {
			ts.Fatalf("fetch: %v", err)
		}
		return
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	ts.Check(err)
	if neg {
		ts.Fatalf("it answers %s", text)
	}
	fmt.Fprint(ts.Stdout(), string(text))
}
