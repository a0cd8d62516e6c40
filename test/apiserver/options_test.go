// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/sparkctl/sparkctl/test/apiserver"
)

func direct(server *apiserver.Server) caller {
	return caller{client: &http.Client{Transport: server.Transport()}, base: "http://apiserver.test"}
}

// status makes a request and wants an HTTP code; the answer must hold the text.
func (c caller) status(t *testing.T, method, path, body string, code int, text string) string {
	t.Helper()
	got, answer, err := c.do(t.Context(), method, path, body)
	if err != nil || got != code || !strings.Contains(answer, text) {
		t.Errorf("%s %s: got %d %s %v, want %d with %q", method, path, got, answer, err, code, text)
	}
	return answer
}

func TestReadsAtZeroCanBeStale(t *testing.T) {
	server := apiserver.New(apiserver.Options{})
	c := direct(server)
	c.create(t, "a")
	server.FreezeCache()
	c.create(t, "b")
	server.Remove("pods", "default", "a")
	c.status(t, "GET", podsPath+"/a?resourceVersion=0", "", 200, `"a"`)
	c.status(t, "GET", podsPath+"/b?resourceVersion=0", "", 404, "not found")
	c.status(t, "GET", podsPath+"/a", "", 404, "not found")
	c.status(t, "GET", podsPath+"?resourceVersion=0", "", 200, `"name":"a"`)
	server.ThawCache()
	c.status(t, "GET", podsPath+"/a?resourceVersion=0", "", 404, "not found")
}

func TestCompactionForgets(t *testing.T) {
	server := apiserver.New(apiserver.Options{})
	c := direct(server)
	c.create(t, "a", "b", "c")
	list := c.status(t, "GET", podsPath+"?limit=1", "", 200, `"continue"`)
	_, rest, _ := strings.Cut(list, `"continue":"`)
	token, _, _ := strings.Cut(rest, `"`)
	version := server.Get("pods", "default", "a").GetResourceVersion()
	server.Remove("pods", "default", "b")
	server.Compact()
	c.status(t, "GET", podsPath+"?watch=true&resourceVersion="+version, "", 200, `"reason":"Expired"`)
	c.status(t, "GET", podsPath+"?resourceVersionMatch=Exact&resourceVersion="+version, "", 410, "too old")
	refused := c.status(t, "GET", podsPath+"?limit=1&continue="+token, "", 410, "The provided continue parameter is too old")
	_, rest, _ = strings.Cut(refused, `"continue":"`)
	token, _, _ = strings.Cut(rest, `"`)
	c.status(t, "GET", podsPath+"?continue="+token, "", 200, `"name":"c"`)
}

func TestHistoryIsLimitedWhenAsked(t *testing.T) {
	server := apiserver.New(apiserver.Options{History: 10})
	c := direct(server)
	c.create(t, "a")
	version := server.Get("pods", "default", "a").GetResourceVersion()
	for i := range 30 {
		server.ChangePod("default", "a", func(p *podType) { p.Labels = map[string]string{"i": fmt.Sprint(i)} })
	}
	c.status(t, "GET", podsPath+"?watch=true&resourceVersion="+version, "", 200, `"reason":"Expired"`)
}

func TestAFailedCreateStaysChargedToTheQuota(t *testing.T) {
	server := apiserver.New(apiserver.Options{ManualGC: true})
	c := direct(server)
	const quotas = "/api/v1/namespaces/default/resourcequotas"
	c.status(t, "POST", quotas, `{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"few"},"spec":{"hard":{"pods":"2"}}}`, 201, "")
	server.CollectGarbage()
	c.create(t, "a")
	c.status(t, "POST", podsPath, podBody, 409, "already exists")
	another := strings.Replace(podBody, `"a"`, `"b"`, 1)
	c.status(t, "POST", podsPath, another, 403, "exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2")
	server.CollectGarbage()
	c.status(t, "POST", podsPath, another, 201, "")
}

func TestGarbageWaitsForItsCollectorWhenAsked(t *testing.T) {
	server := apiserver.New(apiserver.Options{ManualGC: true})
	c := direct(server)
	c.create(t, "a")
	c.status(t, "POST", "/api/v1/namespaces/default/configmaps", fmt.Sprintf(
		`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"a","uid":%q}]}}`,
		server.Get("pods", "default", "a").GetUID()), 201, "")
	server.Remove("pods", "default", "a")
	if server.Get("configmaps", "default", "c") == nil {
		t.Error("the dependent went without a collector")
	}
	if server.CollectGarbage() != 1 || server.Get("configmaps", "default", "c") != nil {
		t.Error("the collector left the dependent")
	}
}

func TestUsersAndRules(t *testing.T) {
	server := apiserver.New(apiserver.Options{
		Users:     map[string]string{"a-token": "alice"},
		Authorize: func(a apiserver.Attributes) bool { return a.User == "alice" && a.Verb == "get" && a.Resource == "pods" },
	})
	c := direct(server)
	c.status(t, "GET", podsPath+"/a", "", 403, `User \"system:anonymous\" cannot get resource \"pods\"`)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.base+podsPath+"/a", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer a-token")
	response, err := c.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusNotFound {
		t.Errorf("alice got %d", response.StatusCode)
	}
	server.SetAuthorize(nil)
	c.status(t, "GET", podsPath+"/a", "", 404, "not found")
}

func TestAdmissionSeesAndChangesObjects(t *testing.T) {
	server := apiserver.New(apiserver.Options{})
	c := direct(server)
	server.SetAdmit(func(_ *apiserver.Request, o *unstructured.Unstructured) error {
		if o.GetName() == "bad" {
			return errors.New("admission webhook \"example.org\" denied the request: no")
		}
		o.SetAnnotations(map[string]string{"example.org/seen": "yes"})
		return nil
	})
	c.status(t, "POST", podsPath, strings.Replace(podBody, `"a"`, `"bad"`, 1), 403, "denied the request: no")
	c.status(t, "POST", podsPath, podBody, 201, "example.org/seen")
}

func TestTheKubeletsPart(t *testing.T) {
	server := apiserver.New(apiserver.Options{})
	c := direct(server)
	gated := strings.Replace(podBody, `"spec":{`, `"spec":{"schedulingGates":[{"name":"example.org/gate"}],`, 1)
	c.status(t, "POST", podsPath, gated, 201, "")
	if server.Schedule("default", "a", "node") || server.Run("default", "a") {
		t.Error("a gated pod was run")
	}
	server.ChangePod("default", "a", func(p *podType) { p.Spec.SchedulingGates = nil })
	if !server.Schedule("default", "a", "node") || !server.Run("default", "a") || server.Run("default", "a") {
		t.Error("a scheduled pod runs once")
	}
	c.status(t, "DELETE", podsPath+"/a", "", 200, `"deletionGracePeriodSeconds":30`)
	watch := podsPath + "?watch=true&timeoutSeconds=1&resourceVersion=" + server.Get("pods", "default", "a").GetResourceVersion()
	if !server.FinishDeletion("default", "a", 143) || server.FinishDeletion("default", "a", 143) {
		t.Error("a terminating pod ends once")
	}
	c.status(t, "GET", watch, "", 200, `"exitCode":143`)
	if got := eventTypes(c.status(t, "GET", watch, "", 200, `"phase":"Failed"`)); got != "MODIFIED MODIFIED DELETED" {
		t.Errorf("events of the end: %s", got)
	}
}
