// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package conformance

import "strings"

func create(s *talk) {
	s.say("an object gets its identity from the server")
	s.do(call{method: "POST", path: configMaps, body: configMap("a", ""), show: whole})
	s.get(configMaps + "/a")
	s.say("a name is taken once")
	s.post(configMaps, configMap("a", ""))
	s.get(configMaps + "/missing")
	s.get(pods + "/missing")
	s.say("what a client may not set is ignored or refused")
	s.post(configMaps, configMap("b", `,"uid":"11111111-1111-4111-8111-111111111111","generation":7,"deletionTimestamp":"2020-01-01T00:00:00Z"`))
	s.post(configMaps, configMap("c", `,"resourceVersion":"5"`))
	s.post(configMaps, configMap("c", `,"namespace":"elsewhere"`))
	s.post(configMaps, `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"d"},"nonsense":1}`)
	s.say("bodies that are not what the path says")
	s.post(configMaps, `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"e"}}`)
	s.post(configMaps, `{"apiVersion":"v2","kind":"ConfigMap","metadata":{"name":"e"}}`)
	s.post(configMaps, `{"metadata":{"name":"e"}}`)
	s.post(configMaps, `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"e"},"data":{"a":1}}`)
	s.post(pods, `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"e"},"spec":{"terminationGracePeriodSeconds":"x"}}`)
	s.say("places that are not there")
	s.post("/api/v1/namespaces/no-such-namespace/configmaps", configMap("a", ""))
	s.post("/api/v1/configmaps", configMap("a", ""))
	s.post(configMaps+"/a", configMap("a", ""))
	s.say("a ServiceAccount that is not there")
	s.post(pods, pod("f", "", `,"serviceAccountName":"nobody"`))
}

func names(s *talk) {
	for _, name := range []string{"Upper", "under_score", "-dash", "a..b", strings.Repeat("x", 254)} {
		s.post(pods, pod(name, "", gated))
	}
	s.post(pods, pod(strings.Repeat("x", 253), "", gated))
	s.post(configMaps, configMap("Upper", ""))
	s.post(services, headless("1digit"))
	s.post(services, headless(strings.Repeat("x", 64)))
	s.say("neither name nor generateName")
	s.post(configMaps, `{"apiVersion":"v1","kind":"ConfigMap"}`)
	s.say("generateName")
	s.post(configMaps, `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"generateName":"gen-"}}`)
	s.post(pods, strings.Replace(pod("x", "", gated), `"name":"x"`, `"generateName":"gen-"`, 1))
	s.say("labels, annotations and finalizers are checked")
	s.post(configMaps, configMap("a", `,"labels":{"a":"not a value"}`))
	s.post(configMaps, configMap("a", `,"labels":{"not a key":"b"}`))
	s.post(configMaps, configMap("a", `,"annotations":{"not a key":"b"}`))
	s.post(configMaps, configMap("a", `,"finalizers":["unqualified"]`))
}

// headless is the body of a Service as Spark makes it for a driver.
func headless(name string) string {
	return `{"apiVersion":"v1","kind":"Service","metadata":{"name":"` + name + `"},"spec":{"clusterIP":"None","ports":[{"port":1}]}}`
}

func update(s *talk) {
	s.remember("v1", s.post(configMaps, configMap("a", "")), "metadata", "resourceVersion")
	s.say("with its revision, then with a stale one")
	s.put(configMaps+"/a", configMap("a", `,"resourceVersion":"$v1","labels":{"x":"1"}`))
	s.put(configMaps+"/a", configMap("a", `,"resourceVersion":"$v1","labels":{"x":"2"}`))
	s.say("without a revision: unconditional")
	s.put(configMaps+"/a", configMap("a", `,"labels":{"x":"3"}`))
	s.say("no change: no new revision")
	s.put(configMaps+"/a", configMap("a", `,"labels":{"x":"3"}`))
	s.say("another UID, another name, no name, nothing there")
	s.put(configMaps+"/a", configMap("a", `,"uid":"11111111-1111-4111-8111-111111111111"`))
	s.put(configMaps+"/a", configMap("b", ""))
	s.put(configMaps+"/a", `{"apiVersion":"v1","kind":"ConfigMap"}`)
	s.put(configMaps+"/missing", configMap("missing", ""))
	s.put(configMaps+"/missing", configMap("missing", `,"uid":"11111111-1111-4111-8111-111111111111"`))
	s.put(configMaps+"/missing", configMap("missing", `,"resourceVersion":"$v1"`))
	s.say("what is the server's stays")
	s.put(configMaps+"/a", configMap("a", `,"creationTimestamp":"2020-01-01T00:00:00Z","deletionTimestamp":"2020-01-01T00:00:00Z","generation":9`))
	s.say("immutable")
	s.put(configMaps+"/a", strings.TrimSuffix(configMap("a", ""), "}")+`,"immutable":true}`)
	s.put(configMaps+"/a", `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"immutable":true,"data":{"a":"2"}}`)
	s.put(configMaps+"/a", configMap("a", `,"labels":{"x":"4"}`))
}

func status(s *talk) {
	s.post(pods, pod("a", "", gated))
	s.say("the status is not written through the main path, nor the rest through /status")
	s.patch("merge-patch+json", pods+"/a", `{"status":{"phase":"Running"},"metadata":{"labels":{"main":"1"}}}`)
	s.patch("merge-patch+json", pods+"/a/status", `{"status":{"phase":"Running"},"spec":{"activeDeadlineSeconds":5},"metadata":{"labels":{"status":"1"}}}`)
	s.do(call{method: "GET", path: pods + "/a/status"})
	s.say("conditions are merged by type")
	s.do(call{
		method: "PATCH", path: pods + "/a/status", kind: "application/strategic-merge-patch+json", show: whole,
		body: `{"status":{"conditions":[{"type":"PodScheduled","status":"True"},{"type":"Ready","status":"False"}]}}`,
	})
	s.put(pods+"/a/status", pod("a", "", ""))
	s.get(configMaps + "/a/status")
	s.patch("merge-patch+json", pods+"/missing/status", `{"status":{"phase":"Running"}}`)
}

func jsonPatch(s *talk) {
	const kind = "json-patch+json"
	a := s.post(configMaps, configMap("a", `,"labels":{"x":"1"},"annotations":{"example.org/k":"v"}`))
	s.remember("uid", a, "metadata", "uid")
	s.remember("v1", a, "metadata", "resourceVersion")
	path := configMaps + "/a"
	s.say("all tests pass")
	s.patch(kind, path, `[{"op":"test","path":"/metadata/uid","value":"$uid"},{"op":"test","path":"/metadata/resourceVersion","value":"$v1"},`+
		`{"op":"replace","path":"/metadata/labels/x","value":"2"},{"op":"add","path":"/data/b","value":"2"}]`)
	s.say("a test fails: nothing is done")
	s.patch(kind, path, `[{"op":"test","path":"/metadata/uid","value":"other"},{"op":"remove","path":"/data"}]`)
	s.patch(kind, path, `[{"op":"replace","path":"/metadata/labels/x","value":"3"},{"op":"test","path":"/metadata/resourceVersion","value":"$v1"}]`)
	s.patch(kind, path, `[{"op":"test","path":"/metadata/annotations/example.org~1k","value":"v"},{"op":"test","path":"/data/missing","value":null}]`)
	s.patch(kind, path, `[{"op":"test","path":"/data/missing","value":"x"}]`)
	s.patch(kind, path, `[{"op":"test","path":"/nowhere/missing","value":"x"}]`)
	s.patch(kind, path, `[{"op":"test","path":"/nowhere/0/name","value":"x"}]`)
	s.get(path)
	s.say("paths that are not there")
	s.patch(kind, path, `[{"op":"remove","path":"/data/missing"}]`)
	s.patch(kind, path, `[{"op":"remove","path":"/nowhere/missing"}]`)
	s.patch(kind, path, `[{"op":"replace","path":"/data/missing","value":"x"}]`)
	s.patch(kind, path, `[{"op":"replace","path":"/nowhere/missing","value":"x"}]`)
	s.patch(kind, path, `[{"op":"add","path":"/nowhere/missing","value":"x"}]`)
	s.say("lists")
	s.patch(kind, path, `[{"op":"add","path":"/metadata/finalizers","value":["example.org/a"]},{"op":"add","path":"/metadata/finalizers/0","value":"example.org/b"},{"op":"add","path":"/metadata/finalizers/-","value":"example.org/c"}]`)
	s.patch(kind, path, `[{"op":"test","path":"/metadata/finalizers/5","value":"example.org/a"}]`)
	s.patch(kind, path, `[{"op":"remove","path":"/metadata/finalizers/5"}]`)
	s.patch(kind, path, `[{"op":"add","path":"/metadata/finalizers/9","value":"example.org/d"}]`)
	s.patch(kind, path, `[{"op":"test","path":"/metadata/finalizers","value":["example.org/b","example.org/a","example.org/c"]},{"op":"remove","path":"/metadata/finalizers"}]`)
	s.patch(kind, path, `[{"op":"move","from":"/data/a","path":"/data/m"},{"op":"copy","from":"/data/b","path":"/data/c"}]`)
	s.patch(kind, path, `[{"op":"move","from":"/data/missing","path":"/data/m"}]`)
	s.patch(kind, path, `[{"op":"copy","from":"/data/missing","path":"/data/m"}]`)
	s.say("patches that are none")
	s.patch(kind, path, `[{"op":"burn","path":"/data/a"}]`)
	s.patch(kind, path, `{"data":{"a":"2"}}`)
	s.patch(kind, path, `not json`)
	s.patch("nonsense", path, `{}`)
	s.say("identity cannot be patched")
	s.patch(kind, path, `[{"op":"replace","path":"/metadata/uid","value":"other"}]`)
	s.patch(kind, path, `[{"op":"replace","path":"/metadata/name","value":"b"}]`)
	s.patch(kind, path, `[{"op":"replace","path":"/metadata/resourceVersion","value":"$v1"}]`)
	s.patch(kind, configMaps+"/missing", `[{"op":"test","path":"/metadata/uid","value":"$uid"}]`)
}

func mergePatch(s *talk) {
	const merge, strategic = "merge-patch+json", "strategic-merge-patch+json"
	s.remember("v1", s.post(pods, pod("a", `,"labels":{"x":"1","y":"1"},"finalizers":["example.org/a"]`, gated)), "metadata", "resourceVersion")
	path := pods + "/a"
	s.patch(merge, path, `{"metadata":{"labels":{"x":null,"z":"1"}}}`)
	s.say("no change: no new revision")
	s.patch(merge, path, `{"metadata":{"labels":{"z":"1"}}}`)
	s.say("a revision in the patch is a precondition, and so is a UID")
	s.patch(merge, path, `{"metadata":{"resourceVersion":"$v1","labels":{"x":"2"}}}`)
	s.patch(merge, path, `{"metadata":{"uid":"11111111-1111-4111-8111-111111111111","labels":{"x":"2"}}}`)
	s.say("lists: replaced by a merge patch, merged by a strategic one")
	s.patch(merge, path, `{"metadata":{"finalizers":["example.org/b"]}}`)
	s.patch(strategic, path, `{"metadata":{"finalizers":["example.org/c"],"labels":{"z":null}}}`)
	s.patch(strategic, path, `{"metadata":{"$deleteFromPrimitiveList/finalizers":["example.org/b","example.org/c"]}}`)
	s.patch(merge, path, `not json`)
	s.patch(strategic, path, `not json`)
	s.patch(merge, pods+"/missing", `{}`)
	s.patch(strategic, pods+"/missing", `{}`)
}

func apply(s *talk) {
	const kind = "apply-patch+yaml"
	path := configMaps + "/a"
	s.patch(kind, path, configMap("a", ""))
	s.patch(kind, path+"?fieldManager=one", configMap("a", `,"labels":{"x":"1"}`))
	s.say("the same again: no new revision")
	s.patch(kind, path+"?fieldManager=one", configMap("a", `,"labels":{"x":"1"}`))
	s.say("more fields, and one of somebody else")
	s.patch(kind, path+"?fieldManager=one&force=true", `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","labels":{"x":"1"}},"data":{"a":"1","b":"2"}}`)
	s.patch(kind, path+"?fieldManager=two&force=true", `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"c":"3"}}`)
	s.patch(kind, path+"?fieldManager=two&force=true", `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b"},"data":{"c":"3"}}`)
	s.patch(kind, path+"?fieldManager=two&force=true", `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","uid":"11111111-1111-4111-8111-111111111111"}}`)
	s.patch(kind, path+"?fieldManager=two&force=true", `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","managedFields":[{"manager":"x"}]}}`)
	s.say("a pod, by its name in the path alone")
	s.patch(kind, pods+"/p?fieldManager=one&force=true", strings.Replace(pod("p", "", gated), `"metadata":{"name":"p"}`, `"metadata":{"labels":{"x":"1"}}`, 1))
	s.patch(kind, pods+"/p?fieldManager=one&force=true", pod("p", `,"labels":{"x":"2"}`, gated))
	s.patch(kind, pods+"/q/status?fieldManager=one&force=true", pod("q", "", gated))
}
