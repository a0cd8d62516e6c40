// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/submitter/native"
	"github.com/sparkctl/sparkctl/test/apiserver"
	"github.com/sparkctl/sparkctl/xcom"
)

// podGroups are what Volcano schedules by.
var podGroups = apiserver.Resource{Group: "scheduling.volcano.sh", Version: "v1beta1", Name: "podgroups", Kind: "PodGroup"}

const volcano = "spark.kubernetes.driver.pod.featureSteps=org.apache.spark.deploy.k8s.features.VolcanoFeatureStep"

// planOf is a plan with these settings.
func planOf(t *testing.T, confs ...string) submitter.Plan {
	t.Helper()
	argv := []string{"--class", "org.example.Etl", "--conf", "spark.kubernetes.container.image=spark:4.0.5"}
	for _, conf := range confs {
		argv = append(argv, "--conf", conf)
	}
	app, err := submitter.ParseArguments(append(argv, "local:///etl.jar"))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := submitter.NewPlan(app, submitter.Run{Key: "etl", Generation: "1", Attempt: 1}, submitter.Surroundings{
		DefaultNamespace: "default", Server: "http://apiserver.test",
		Launcher: submitter.Launcher{Namespace: "default", Pod: "launcher", UID: "u-1", Start: time.Unix(1, 0)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// engineFor is the engine with a client of the server.
func engineFor(t *testing.T, server *apiserver.Server, log *strings.Builder) native.Engine {
	t.Helper()
	client, err := kube.NewClient(&rest.Config{Host: "http://apiserver.test", Transport: server.Transport(), QPS: -1})
	if err != nil {
		t.Fatal(err)
	}
	return native.Engine{
		API: client, Build: native.Builder(native.Version{Major: 4, Minor: 0, Patch: 5}, native.Launcher{User: "alice"}), APITimeout: time.Minute,
		Log: slog.New(slog.NewTextHandler(log, nil)),
	}
}

// standing is what stands in the namespace, with whom it is owned by.
func standing(server *apiserver.Server) []string {
	owners := map[string]string{}
	var all []string
	for _, resource := range []string{"pods", podGroups.Name, "services", "configmaps"} {
		for _, object := range server.All(resource, "default") {
			owners[string(object.GetUID())] = object.GetKind()
			owned := "nobody's"
			if refs := object.GetOwnerReferences(); len(refs) == 1 && refs[0].Controller != nil && *refs[0].Controller {
				owned = "a " + owners[string(refs[0].UID)] + "'s"
			}
			all = append(all, object.GetKind()+", "+owned)
		}
	}
	return all
}

// whole is what stands after a submission with a PodGroup.
var whole = []string{"Pod, nobody's", "PodGroup, a Pod's", "Service, a Pod's", "ConfigMap, a Pod's"}

func TestObjectsAreMadeInSparksOrder(t *testing.T) {
	t.Parallel()
	server := apiserver.New(apiserver.Options{Resources: []apiserver.Resource{podGroups}})
	var log strings.Builder
	if _, err := engineFor(t, server, &log).Submit(t.Context(), planOf(t, volcano)); err != nil {
		t.Fatal(err)
	}
	var requests []string
	for _, r := range server.Requests() {
		requests = append(requests, r.Verb+" "+r.Resource)
	}
	want := []string{"create podgroups", "create pods", "patch podgroups", "create services", "create configmaps"}
	if diff := cmp.Diff(want, requests); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(whole, standing(server)); diff != "" {
		t.Errorf("what stands (-want +got):\n%s", diff)
	}
	pod := server.All("pods", "default")[0]
	if pod.GetAnnotations()[driver.AnnotationRunKey] != "etl" || !strings.Contains(fmt.Sprint(pod.Object["spec"]), driver.GateSubmission) {
		t.Errorf("the driver is not known as ours, or not held back: %v", pod.Object)
	}
}

// Whatever becomes of any one request or its answer, in the end every object is there once, owned by the pod.
func TestNoLostAnswerLosesOrDoublesAnObject(t *testing.T) {
	t.Parallel()
	for name, action := range map[string]apiserver.Action{
		"is lost on the way":                     {Skip: true, Lose: apiserver.Reset},
		"is carried out, and the answer is lost": {Lose: apiserver.EOF},
		"is carried out and never answered":      {Lose: apiserver.Silence},
		"is answered by halves":                  {Lose: apiserver.Midway},
		"is answered by half a document":         {Lose: apiserver.Truncated},
		"is carried out twice":                   {Twice: true},
		"finds the server unavailable":           {Skip: true, Answer: apiserver.Unavailable()},
		"is carried out and answered by a 500":   {Answer: apiserver.InternalError("etcdserver: request timed out")},
		"is carried out and answered by a 504":   {Answer: apiserver.GatewayTimeout()},
		"is throttled":                           {Skip: true, Answer: apiserver.TooManyRequests(30 * time.Second)},
		"is answered by a proxy":                 {Skip: true, Page: &apiserver.Page{Code: 403, Body: "<html>who are you?</html>"}},
		"is answered by another server":          {Skip: true, Page: &apiserver.Page{Code: 404, Type: "text/plain", Body: "404 page not found"}},
		"is answered by a portal":                {Skip: true, Page: &apiserver.Page{Code: 200, Body: "<html>welcome</html>"}},
	} {
		for number := 1; number <= 5; number++ {
			t.Run(fmt.Sprintf("request %d %s", number, name), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var count atomic.Int32
					server := apiserver.New(apiserver.Options{Resources: []apiserver.Resource{podGroups}, Fault: func(*apiserver.Request) apiserver.Action {
						if int(count.Add(1)) == number {
							return action
						}
						return apiserver.Action{}
					}})
					var log strings.Builder
					if _, err := engineFor(t, server, &log).Submit(t.Context(), planOf(t, volcano)); err != nil {
						t.Fatalf("%v\n%s", err, log.String())
					}
					if diff := cmp.Diff(whole, standing(server)); diff != "" {
						t.Errorf("what stands (-want +got):\n%s", diff)
					}
				})
			})
		}
	}
}

// A request that comes late, after its repetition, changes nothing.
func TestALateCreateFindsItsRepetition(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := apiserver.New(apiserver.Options{})
		server.SetFault(func(r *apiserver.Request) apiserver.Action {
			if r.Number == 1 {
				return apiserver.Action{Hold: true, Lose: apiserver.Reset}
			}
			return apiserver.Action{}
		})
		var log strings.Builder
		if _, err := engineFor(t, server, &log).Submit(t.Context(), planOf(t)); err != nil {
			t.Fatal(err)
		}
		server.Release(1)
		synctest.Wait()
		if diff := cmp.Diff([]string{"Pod, nobody's", "Service, a Pod's", "ConfigMap, a Pod's"}, standing(server)); diff != "" {
			t.Errorf("what stands (-want +got):\n%s", diff)
		}
	})
}

func TestAnEngineThatIsAskedToStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := apiserver.New(apiserver.Options{Fault: func(r *apiserver.Request) apiserver.Action {
			return apiserver.Action{Lose: map[string]apiserver.Loss{"services": apiserver.Reset}[r.Resource], Skip: r.Resource == "services"}
		}})
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(10*time.Second, func() { cancel(errors.New("the grace is over")) })
		start := time.Now()
		var log strings.Builder
		_, err := engineFor(t, server, &log).Submit(ctx, planOf(t))
		var stopped *problem.Error
		if !errors.As(err, &stopped) || stopped.Code != xcom.ExitCancelled || !strings.Contains(err.Error(), "the grace is over") {
			t.Errorf("ended with %v", err)
		}
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("ended after %s", took)
		}
		if diff := cmp.Diff([]string{"Pod, nobody's"}, standing(server)); diff != "" {
			t.Errorf("what the protocol is to remove (-want +got):\n%s", diff)
		}
	})
}

func TestAnAPIServerThatStaysAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := apiserver.New(apiserver.Options{Fault: func(*apiserver.Request) apiserver.Action { return apiserver.Action{Skip: true, Lose: apiserver.Reset} }})
		start := time.Now()
		var log strings.Builder
		_, err := engineFor(t, server, &log).Submit(t.Context(), planOf(t))
		var away *problem.Error
		if !errors.As(err, &away) || away.Code != xcom.ExitRetry || away.Cause.Reason != "Unreachable" {
			t.Errorf("ended with %v", err)
		}
		if took := time.Since(start); took < time.Minute || took > time.Minute+10*time.Second {
			t.Errorf("gave up after %s", took)
		}
		if !slices.Contains(strings.Fields(log.String()), "giving_up_after=1m0s") {
			t.Errorf("the log does not say how long is waited:\n%s", log.String())
		}
	})
}
