// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/internal/rbac"
	"github.com/sparkctl/sparkctl/sensor"
	"github.com/sparkctl/sparkctl/test/apiserver"
	"github.com/sparkctl/sparkctl/xcom"
)

// Whatever verb the Role lacks, a sentence of ours in the log or in the result names it and its resource; the
// driver's end is told all the same, where it can be seen.
func TestEveryMissingVerbIsNamed(t *testing.T) {
	t.Parallel()
	for _, missing := range rbac.Needs() {
		for name, logs := range map[string]bool{"": true, ", and the log is not followed": false} {
			t.Run("without "+missing.Verb+" "+missing.Resource+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					code, said := followWithout(t, missing, logs)
					want := map[string]xcom.ExitCode{"get pods": xcom.ExitBlind, "delete pods": xcom.ExitCancelled}[missing.Verb+" "+missing.Resource]
					if want == xcom.ExitOK {
						want = 3
					}
					if code != want {
						t.Errorf("exit code %d, want %d", code, want)
					}
					named := regexp.MustCompile(`\bverbs? (?:\w+, |\w+ and )*` + missing.Verb + `(?:, \w+| and \w+)* on ` + missing.Resource + `(?:[^\w/]|$)`)
					if !named.MatchString(said) {
						t.Errorf("nothing names it in:\n%s", said)
					}
				})
			})
		}
	}
}

// followWithout follows a driver that takes a while to start, runs for a while and exits with code 3, with every right but
// one, and returns the exit code and what was said. Without the right to delete it is cancelled before the driver's end.
func followWithout(t *testing.T, missing rbac.Need, logs bool) (code xcom.ExitCode, said string) {
	t.Helper()
	server := apiserver.New(apiserver.Options{Authorize: func(a apiserver.Attributes) bool {
		resource := a.Resource
		if a.Subresource != "" {
			resource += "/" + a.Subresource
		}
		return a.Verb != missing.Verb || resource != missing.Resource
	}})
	config := &rest.Config{Host: "http://apiserver.test", Transport: server.Transport(), QPS: -1}
	if missing.Resource == "pods/proxy" {
		config.Wrap(func(next http.RoundTripper) http.RoundTripper { return noProxy{next} })
	}
	client, err := kube.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	makeDriver(t, config)

	var text bytes.Buffer
	stderr := &screen{w: &text}
	log, err := newLog(stderr, "sensor", "text")
	if err != nil {
		t.Fatal(err)
	}
	env := Env{Stderr: stderr, Stdout: &text, Getenv: func(string) string { return "" }}
	base := xcom.Result{Schema: xcom.Schema, State: xcom.Unknown, PodName: "etl", Namespace: "default"}
	box := &outbox{maxBytes: xcom.DefaultBytes, stdout: &text, log: log, last: base}
	f := &following{
		env: env, log: log, outbox: box, client: client, base: base, onCancel: sensor.CancelKill,
		flags:  followFlags{logs: logs, heartbeat: time.Minute, apiTimeout: time.Hour, grace: 25 * time.Second},
		target: sensor.Target{Namespace: "default", Name: "etl"},
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var life sync.WaitGroup
	defer life.Wait()
	life.Go(func() {
		time.Sleep(20 * time.Second)
		server.Schedule("default", "etl", "node-1")
		server.Run("default", "etl")
		time.Sleep(10 * time.Minute)
		if missing.Verb == "delete" {
			cancel()
		}
		server.Terminate("default", "etl", driver.DefaultContainer, 3)
	})
	code = f.run(ctx)
	box.finish()
	return code, text.String() + Sentence(box.latest())
}

// noProxy refuses what the double does not know: to be a proxy.
type noProxy struct{ http.RoundTripper }

func (p noProxy) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.Contains(r.URL.Path, "/proxy/") {
		return p.RoundTripper.RoundTrip(r)
	}
	answer := httptest.NewRecorder()
	answer.Header().Set("Content-Type", "application/json")
	answer.WriteHeader(http.StatusForbidden)
	_, err := answer.WriteString(`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,"message":"pods \"etl:4040\" is forbidden"}`)
	return answer.Result(), err
}

// makeDriver makes a driver pod.
func makeDriver(t *testing.T, config *rest.Config) {
	t.Helper()
	objects, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	pod := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Pod",
		"metadata": map[string]any{"name": "etl", "labels": map[string]any{driver.LabelSelector: "spark-1"}},
		"spec":     map[string]any{"containers": []any{map[string]any{"name": driver.DefaultContainer, "image": "spark"}}},
	}}
	if _, err := objects.Resource(corev1.SchemeGroupVersion.WithResource("pods")).Namespace("default").Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}
