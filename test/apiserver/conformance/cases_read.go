// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package conformance

import (
	"fmt"
	"net/http"
	"strings"
)

func selectors(s *talk) {
	s.post(pods, pod("a", `,"labels":{"run":"1","role":"driver"}`, gated))
	s.post(pods, pod("b", `,"labels":{"run":"1","role":"executor"}`, nowhere))
	s.post(pods, pod("c", `,"labels":{"run":"2"}`, gated))
	s.patch("merge-patch+json", pods+"/b/status", `{"status":{"phase":"Running"}}`)
	for _, query := range []string{
		"labelSelector=run%3D1", "labelSelector=run%3D1,role%3Ddriver", "labelSelector=run+in+(1,2)", "labelSelector=run+notin+(1)",
		"labelSelector=!role", "labelSelector=run!%3D1", "labelSelector=run%3D%3D2",
		"fieldSelector=metadata.name%3Da", "fieldSelector=metadata.name!%3Da", "fieldSelector=metadata.name%3Dmissing",
		"fieldSelector=metadata.namespace%3D$ns", "fieldSelector=spec.nodeName%3Dno-such-node", "fieldSelector=spec.nodeName%3D",
		"fieldSelector=status.phase%3DPending", "fieldSelector=status.phase!%3DPending", "fieldSelector=spec.restartPolicy%3DAlways",
		"fieldSelector=status.phase%3DPending&labelSelector=run%3D1", "fieldSelector=metadata.name%3Da,metadata.name%3Db",
		"fieldSelector=metadata.uid%3Da", "fieldSelector=spec.image%3Da", "labelSelector=a+b", "labelSelector=-", "fieldSelector=a",
	} {
		s.get(pods + "?" + query)
	}
	s.get(configMaps + "?fieldSelector=data.a%3D1")
	s.get("/apis/batch/v1/namespaces/$ns/jobs?fieldSelector=spec.nodeName%3Da")
	s.get("/api/v1/pods?fieldSelector=metadata.namespace%3D$ns,metadata.name%3Da")
	s.say("events, by what they are about")
	const events = "/api/v1/namespaces/$ns/events"
	for i, name := range []string{"a", "b"} {
		s.post(events, fmt.Sprintf(`{"apiVersion":"v1","kind":"Event","metadata":{"name":"e%d","namespace":"$ns"},"type":"Warning","reason":"Testing",
			"involvedObject":{"kind":"Pod","namespace":"$ns","name":%q,"uid":"u-%s"},"source":{"component":"kubelet"}}`, i, name, name))
	}
	s.get(events + "?fieldSelector=involvedObject.name%3Da")
	s.get(events + "?fieldSelector=involvedObject.uid%3Du-b,involvedObject.kind%3DPod")
	s.get(events + "?fieldSelector=reason%3DTesting,type%3DWarning")
	s.get(events + "?fieldSelector=source%3Dkubelet")
	s.get(events + "?fieldSelector=reason%3DOther")
	s.get(events + "?fieldSelector=nonsense%3DOther")
}

func watching(s *talk) {
	a := s.post(configMaps, configMap("a", `,"labels":{"w":"1","x":"1"}`))
	s.remember("v", a, "metadata", "resourceVersion")
	all := s.watch(configMaps + "?watch=true&labelSelector=w&resourceVersion=$v")
	some := s.watch(configMaps + "?watch=true&labelSelector=x%3D1,w&resourceVersion=$v")
	one := s.watch(configMaps + "?watch=true&fieldSelector=metadata.name%3Da&resourceVersion=$v")
	s.say("created, changed, out of the selection, in again, deleted")
	s.post(configMaps, configMap("b", `,"labels":{"w":"1"}`))
	s.patch("merge-patch+json", configMaps+"/a", `{"data":{"a":"2"}}`)
	s.patch("merge-patch+json", configMaps+"/a", `{"metadata":{"labels":{"x":"2"}}}`)
	s.patch("merge-patch+json", configMaps+"/a", `{"data":{"a":"3"}}`)
	s.patch("merge-patch+json", configMaps+"/a", `{"metadata":{"labels":{"x":"1"}}}`)
	s.delete(configMaps+"/a", "")
	s.say("the first watch: everything")
	all.take(6)
	s.say("the second: by label")
	some.take(4)
	s.say("the third: by name")
	one.take(5)
	all.stop()
	some.stop()
	one.stop()
	s.say("from the start: what is there, as added")
	for _, query := range []string{"", "&resourceVersion=0"} {
		w := s.watch(configMaps + "?watch=true&labelSelector=w" + query)
		w.take(1)
		w.stop()
	}
	s.say("a pod on its way out")
	s.remember("v", s.post(pods, pod("p", `,"finalizers":["example.org/a"]`, nowhere)), "metadata", "resourceVersion")
	w := s.watch(pods + "?watch=true&resourceVersion=$v")
	s.delete(pods+"/p", "")
	s.delete(pods+"/p", `{"gracePeriodSeconds":0}`)
	s.patch("merge-patch+json", pods+"/p", `{"metadata":{"finalizers":null}}`)
	s.post(pods, pod("q", "", gated))
	s.delete(pods+"/q", "")
	s.post(pods, pod("r", "", gated))
	w.take(7)
	w.stop()
}

func watchOptions(s *talk) {
	s.remember("v", s.post(configMaps, configMap("a", `,"labels":{"w":"1"}`)), "metadata", "resourceVersion")
	const base = configMaps + "?watch=true&labelSelector=w&"
	s.say("the server ends it when told to")
	s.watch(base + "timeoutSeconds=1&resourceVersion=$v").end()
	s.watch(base + "timeoutSeconds=1").end()
	s.say("revisions that are none")
	s.watch(base + "resourceVersion=nonsense").end()
	s.watch(base + "resourceVersion=-1").end()
	s.say("initial events, ended by a bookmark")
	w := s.watch(base + "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true")
	w.take(2)
	w.stop()
	w = s.watch(base + "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion=$v")
	w.take(2)
	w.stop()
	w = s.watch(base + "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion=0")
	w.take(2)
	w.stop()
	s.say("combinations that are refused")
	s.watch(base + "sendInitialEvents=true").end()
	s.watch(base + "sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=Exact&resourceVersion=$v").end()
	s.watch(base + "resourceVersionMatch=NotOlderThan&resourceVersion=$v").end()
	s.watch(base + "fieldSelector=nonsense%3D1").end()
	s.watch(base + "sendInitialEvents=false&resourceVersionMatch=NotOlderThan&timeoutSeconds=1").end()
	s.watch(base + "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=1").end()
	s.say("revisions of the future")
	s.watch(base + "resourceVersion=9000000000&timeoutSeconds=1").end()
	s.watch(base + "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion=9000000000").end()
	s.say("one object by its path is a get, with or without watch")
	s.get(configMaps + "/a?watch=true")
}

// tooOld needs a server that has forgotten its first revision; a young one
// may not have.
func tooOld(s *talk) {
	s.post(configMaps, configMap("a", `,"labels":{"w":"1"}`))
	s.watch(configMaps + "?watch=true&labelSelector=w&resourceVersion=1&timeoutSeconds=2").end()
	if !strings.Contains(s.transcript.String(), "ERROR") {
		s.t.Skip("this server remembers its first revision")
	}
}

// tooOldList needs a store that has been compacted, which a young server's has not,
// whatever its watch cache has forgotten.
func tooOldList(s *talk) {
	if a := s.get(configMaps + "?resourceVersion=1&resourceVersionMatch=Exact"); a.status == http.StatusOK {
		s.t.Skip("this server's store remembers its first revision")
	}
}

func chunks(s *talk) {
	for i := range 5 {
		s.do(call{method: "POST", path: configMaps, body: configMap(fmt.Sprintf("a%d", i), `,"labels":{"w":"1"}`), show: code})
	}
	a := s.get(configMaps + "?labelSelector=w&limit=2")
	s.remember("more", a, "metadata", "continue")
	s.remember("rv", a, "metadata", "resourceVersion")
	s.say("what happens in between is not seen")
	s.silently(func() {
		s.post(configMaps, configMap("a9", `,"labels":{"w":"1"}`))
		s.delete(configMaps+"/a3", "")
	})
	a = s.get(configMaps + "?labelSelector=w&limit=2&continue=$more")
	s.remember("more", a, "metadata", "continue")
	s.remember("rv2", s.get(configMaps+"?labelSelector=w&limit=2&continue=$more"), "metadata", "resourceVersion")
	s.get(configMaps + "?labelSelector=w&limit=2&resourceVersion=$rv&resourceVersionMatch=Exact")
	s.say(fmt.Sprintf("the chunks have one revision: %v", s.memory["rv"] == s.memory["rv2"]))
	s.say("without selectors the rest is counted")
	for i := range 3 {
		s.do(call{method: "POST", path: services, body: headless(fmt.Sprintf("s%d", i)), show: code})
	}
	s.get(services + "?limit=1")
	s.get(services + "?limit=3")
	s.get(services + "?limit=0")
	s.say("refused")
	s.get(configMaps + "?limit=1&continue=nonsense")
	s.get(configMaps + "?limit=1&continue=$more&resourceVersion=$rv")
	s.get(configMaps + "?limit=1&continue=$more&resourceVersion=$rv&resourceVersionMatch=Exact")
	s.get(configMaps + "?limit=x")
}

func revisions(s *talk) {
	a := s.post(configMaps, configMap("a", `,"labels":{"w":"1"}`))
	s.remember("v1", a, "metadata", "resourceVersion")
	s.post(configMaps, configMap("b", `,"labels":{"w":"1"}`))
	s.patch("merge-patch+json", configMaps+"/a", `{"data":{"a":"2"}}`)
	s.say("not older than, and exactly")
	s.get(configMaps + "?labelSelector=w&resourceVersion=$v1")
	s.get(configMaps + "?labelSelector=w&resourceVersion=$v1&resourceVersionMatch=NotOlderThan")
	s.get(configMaps + "?labelSelector=w&resourceVersion=$v1&resourceVersionMatch=Exact")
	s.get(configMaps + "/a?resourceVersion=$v1")
	s.do(call{method: "GET", path: configMaps + "/a?resourceVersion=0", show: code})
	s.say("in the future")
	s.get(configMaps + "?labelSelector=w&resourceVersion=9000000000")
	s.get(configMaps + "/a?resourceVersion=9000000000")
	s.get(configMaps + "?resourceVersion=9000000000&resourceVersionMatch=Exact")
	s.say("none, and combinations that are refused")
	s.get(configMaps + "/a?resourceVersion=nonsense")
	s.get(configMaps + "?resourceVersion=nonsense")
	s.get(configMaps + "?resourceVersionMatch=Exact")
	s.get(configMaps + "?resourceVersion=0&resourceVersionMatch=Exact")
	s.get(configMaps + "?resourceVersion=1&resourceVersionMatch=Nonsense")
	s.get(configMaps + "?sendInitialEvents=true")
}
