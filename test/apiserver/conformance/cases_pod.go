// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package conformance

import (
	"fmt"
	"net/http"
	"strings"
)

func gates(s *talk) {
	s.do(call{method: "POST", path: pods, body: pod("a", "", gated), show: whole})
	s.say("gates are not added later, neither here nor there")
	s.patch("json-patch+json", pods+"/a", `[{"op":"add","path":"/spec/schedulingGates/-","value":{"name":"example.org/late"}}]`)
	s.patch("merge-patch+json", pods+"/a", `{"spec":{"schedulingGates":[{"name":"example.org/other"}]}}`)
	s.say("taken away under tests")
	s.patch("json-patch+json", pods+"/a", `[{"op":"test","path":"/spec/schedulingGates/0/name","value":"example.org/other"},{"op":"remove","path":"/spec/schedulingGates/0"}]`)
	s.patch("json-patch+json", pods+"/a", `[{"op":"test","path":"/spec/schedulingGates/0/name","value":"example.org/gate"},{"op":"remove","path":"/spec/schedulingGates/0"}]`)
	s.patch("json-patch+json", pods+"/a", `[{"op":"test","path":"/spec/schedulingGates/0/name","value":"example.org/gate"},{"op":"remove","path":"/spec/schedulingGates/0"}]`)
	s.patch("merge-patch+json", pods+"/a", `{"spec":{"schedulingGates":[{"name":"example.org/gate"}]}}`)
	s.say("one of two, in a patch that merges by name")
	s.post(pods, pod("two", "", `,"schedulingGates":[{"name":"example.org/a"},{"name":"example.org/b"}]`))
	s.patch("strategic-merge-patch+json", pods+"/two", `{"spec":{"schedulingGates":[{"name":"example.org/a","$patch":"delete"}]}}`)
	s.do(call{method: "GET", path: pods + "/two", show: whole})
	s.say("gates and nodes exclude each other")
	s.post(pods, pod("b", "", gated+nowhere))
	s.post(pods, pod("b", "", `,"schedulingGates":[{"name":"not a name"}]`))
	s.post(pods, pod("b", "", `,"schedulingGates":[{"name":"example.org/a"},{"name":"example.org/a"}]`))
	s.post(pods, pod("placed", "", nowhere))
	s.patch("merge-patch+json", pods+"/placed", `{"spec":{"schedulingGates":[{"name":"example.org/gate"}]}}`)
	s.say("a gated pod can still be narrowed down")
	s.post(pods, pod("narrow", "", gated))
	s.patch("merge-patch+json", pods+"/narrow", `{"spec":{"nodeSelector":{"a":"b"}}}`)
	s.patch("merge-patch+json", pods+"/narrow", `{"spec":{"nodeSelector":{"a":"c"}}}`)
}

func wholePod(s *talk) {
	s.do(call{method: "POST", path: pods, show: whole, body: `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","labels":{"x":"1"}},"spec":{
		"automountServiceAccountToken":false,"restartPolicy":"Never","nodeName":"no-such-node",
		"initContainers":[{"name":"init","image":"example.org/none"}],
		"volumes":[{"name":"conf","configMap":{"name":"c"}},{"name":"tmp","emptyDir":{}}],
		"containers":[{"name":"main","image":"example.org/none:1","ports":[{"containerPort":4040,"name":"ui"}],
			"env":[{"name":"IP","valueFrom":{"fieldRef":{"fieldPath":"status.podIP"}}}],
			"resources":{"limits":{"memory":"1408Mi"},"requests":{"cpu":"1"}},
			"volumeMounts":[{"name":"conf","mountPath":"/opt/conf"}]}]}}`})
	s.say("guaranteed, and best effort")
	s.do(call{method: "POST", path: pods, show: whole, body: `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"b"},"spec":{
		"automountServiceAccountToken":false,"schedulingGates":[{"name":"example.org/gate"}],
		"containers":[{"name":"main","image":"example.org/none:latest","resources":{"limits":{"memory":"1Gi","cpu":"1"}}}]}}`})
	s.say("what a pod must have")
	s.post(pods, `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"c"}}`)
	s.post(pods, `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"c"},"spec":{"containers":[{}]}}`)
	s.post(pods, `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"c"},"spec":{"containers":[{"name":"x","image":"y"},{"name":"x","image":"y"}]}}`)
	s.post(pods, `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"c"},"spec":{"containers":[{"name":"X","image":"y"}]}}`)
	s.post(pods, `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"c"},"spec":{"restartPolicy":"Sometimes","containers":[{"name":"x","image":"y"}]}}`)
}

func podUpdate(s *talk) {
	s.post(pods, pod("a", "", gated))
	const kind = "strategic-merge-patch+json"
	s.patch(kind, pods+"/a", `{"spec":{"containers":[{"name":"main","image":"example.org/none:2"}]}}`)
	s.patch(kind, pods+"/a", `{"spec":{"activeDeadlineSeconds":60}}`)
	s.say("nothing else")
	for _, change := range []string{
		`{"spec":{"containers":[{"name":"second","image":"example.org/none:2"}]}}`,
		`{"spec":{"activeDeadlineSeconds":90}}`,
		`{"spec":{"activeDeadlineSeconds":null}}`,
	} {
		s.patch(kind, pods+"/a", change)
	}
	for _, change := range []string{
		`{"spec":{"containers":[{"name":"main","command":["x"]}]}}`,
		`{"spec":{"nodeName":"elsewhere"}}`,
		`{"spec":{"restartPolicy":"Never"}}`,
		`{"spec":{"serviceAccountName":"other"}}`,
		`{"spec":{"terminationGracePeriodSeconds":5}}`,
	} {
		s.do(call{method: "PATCH", path: pods + "/a", body: change, kind: "application/" + kind, show: code})
	}
	s.say("tolerations can be added")
	s.patch("json-patch+json", pods+"/a", `[{"op":"add","path":"/spec/tolerations/-","value":{"key":"a","operator":"Exists"}}]`)
	s.patch("json-patch+json", pods+"/a", `[{"op":"remove","path":"/spec/tolerations/0"}]`)
}

func quota(s *talk) {
	const quotas = "/api/v1/namespaces/$ns/resourcequotas"
	s.post(quotas, `{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"few"},"spec":{"hard":{"pods":"1"}}}`)
	s.until(quotas+"/few", "the quota is in force", func(a answer) bool {
		status, _ := a.object["status"].(map[string]any)
		return status["hard"] != nil
	})
	s.post(pods, pod("a", "", gated))
	s.post(pods, pod("b", "", gated))
	s.say("before the name is looked at, and in a dry run as well")
	s.post(pods, pod("a", "", gated))
	s.post(pods+"?dryRun=All", pod("b", "", gated))
	s.say("after the validation")
	s.post(pods, pod("Upper", "", gated))
	s.say("other kinds are free")
	s.do(call{method: "POST", path: configMaps, body: configMap("a", ""), show: code})
	s.say("room again")
	s.delete(pods+"/a", "")
	s.until(quotas+"/few", "the room is given back", func(a answer) bool {
		return strings.Contains(a.raw, `"used":{"pods":"0"}`)
	})
	s.post(pods, pod("b", "", gated))
	s.say("a quota on memory wants it named")
	s.post(quotas, `{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"memory"},"spec":{"hard":{"requests.memory":"1Gi","limits.cpu":"1"}}}`)
	s.until(quotas+"/memory", "the quota is in force", func(a answer) bool {
		status, _ := a.object["status"].(map[string]any)
		return status["hard"] != nil
	})
	s.delete(quotas+"/few", "")
	s.until(quotas+"/few", "the first is gone", gone)
	s.post(pods, pod("c", "", gated))
}

func eviction(s *talk) {
	const body = `{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"a"}}`
	s.post(pods, pod("a", "", nowhere))
	s.post(pods+"/a/eviction", `{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"a"},"deleteOptions":{"preconditions":{"uid":"11111111-1111-4111-8111-111111111111"}}}`)
	s.post(pods+"/a/eviction", body)
	s.do(call{method: "GET", path: pods + "/a", show: whole})
	s.post(pods+"/missing/eviction", strings.Replace(body, `"a"`, `"missing"`, 1))
}

func logs(s *talk) {
	s.get(pods + "/missing/log")
	s.post(pods, pod("a", "", gated))
	s.say("never scheduled: an empty log")
	s.get(pods + "/a/log")
	s.get(pods + "/a/log?container=main&follow=true")
	s.get(pods + "/a/log?container=other")
	s.post(pods, `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"b"},"spec":{"schedulingGates":[{"name":"example.org/gate"}],
		"initContainers":[{"name":"init","image":"example.org/none"}],
		"containers":[{"name":"x","image":"example.org/none"},{"name":"y","image":"example.org/none"}]}}`)
	s.get(pods + "/b/log")
	s.get(pods + "/b/log?container=init")
	s.get(pods + "/a/log?tailLines=-1")
	s.get(pods + "/a/log?sinceTime=yesterday")
	s.get(pods + "/a/log?sinceSeconds=1&sinceTime=2020-01-01T00:00:00Z")
	s.get(pods + "/a/log?limitBytes=0")
}

func access(s *talk) {
	as := map[string]string{"Impersonate-User": "nobody-in-particular"}
	try := func(method, path, body string) {
		s.do(call{method: method, path: path, body: body, header: as})
	}
	try("GET", pods+"/a", "")
	try("GET", pods, "")
	try("GET", pods+"?fieldSelector=metadata.name=a", "")
	try("GET", pods+"?watch=true", "")
	try("GET", "/api/v1/pods", "")
	try("GET", "/api/v1/nodes/a", "")
	try("GET", pods+"/a/log", "")
	try("POST", pods, pod("a", "", gated))
	try("PUT", pods+"/a", pod("a", "", gated))
	try("PATCH", pods+"/a/status", `{}`)
	try("DELETE", pods+"/a", "")
	try("DELETE", pods, "")
	try("GET", "/api/v1/namespaces/$ns", "")
	try("GET", "/apis/batch/v1/namespaces/$ns/jobs/a", "")
	try("GET", "/apis/example.org/v1/namespaces/$ns/things/a", "")
	try("GET", "/metrics", "")
	s.say("what may I do")
	const reviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
	const body = `{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"namespace":"$ns","verb":"create","resource":"pods"}}}`
	for _, header := range []map[string]string{nil, {"Impersonate-User": "nobody-in-particular", "Impersonate-Group": "system:authenticated"}} {
		a := s.do(call{method: "POST", path: reviews, body: body, show: code, header: header})
		status, _ := a.object["status"].(map[string]any)
		s.say(fmt.Sprintf("allowed: %v", status["allowed"]))
	}
	s.say("what may another do")
	a := s.do(call{
		method: "POST", path: "/apis/authorization.k8s.io/v1/namespaces/$ns/localsubjectaccessreviews", show: code,
		body: `{"apiVersion":"authorization.k8s.io/v1","kind":"LocalSubjectAccessReview","metadata":{"namespace":"$ns"},"spec":{"user":"system:serviceaccount:$ns:default","groups":["system:authenticated"],"resourceAttributes":{"namespace":"$ns","verb":"create","resource":"pods"}}}`,
	})
	status, _ := a.object["status"].(map[string]any)
	s.say(fmt.Sprintf("allowed: %v", status["allowed"]))
}

func tokens(s *talk) {
	s.do(call{method: "GET", path: pods, header: map[string]string{"Authorization": "Bearer nonsense"}})
	s.do(call{method: "GET", path: "/version", header: map[string]string{"Authorization": "Bearer nonsense"}, show: brief})
}

func paths(s *talk) {
	s.get("/api/v1/namespaces/$ns/things")
	s.get("/apis/example.org/v1/namespaces/$ns/things")
	s.get("/api/v2/namespaces/$ns/pods")
	s.get(pods + "/a/nonsense")
	s.get("/nonsense")
	s.do(call{method: "PUT", path: pods})
	s.do(call{method: "PATCH", path: pods, body: `{}`})
	s.get("/readyz")
	s.get("/livez")
	s.do(call{method: "GET", path: "/version", show: code})
	s.do(call{method: "GET", path: "/api", show: code})
	s.do(call{method: "GET", path: "/apis", show: code})
	a := s.do(call{method: "GET", path: "/api/v1", show: code})
	resources, _ := a.object["resources"].([]any)
	for _, name := range []string{"configmaps", "namespaces", "pods"} {
		for _, r := range resources {
			if m, _ := r.(map[string]any); m["name"] == name {
				s.say(fmt.Sprintf("%v: %v, namespaced %v", name, m["kind"], m["namespaced"]))
			}
		}
	}
	s.do(call{method: http.MethodHead, path: pods, show: code})
}
