// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package conformance

import "fmt"

// bookmarks needs a server that has seen a change of the kind since it started.
func bookmarks(s *talk) {
	s.remember("v", s.post(pods, pod("a", "", gated)), "metadata", "resourceVersion")
	const base = pods + "?watch=true&fieldSelector=metadata.name%3Da&timeoutSeconds=4&resourceVersion=$v"
	s.say("two seconds before its end a watch that asked for bookmarks gets one, whatever it had to tell")
	asked := s.watch(base + "&allowWatchBookmarks=true")
	s.say("another did not ask")
	silent := s.watch(base)
	asked.end()
	silent.end()
}

// events are what scheduler and kubelet report about one pod.
func events(s *talk) {
	const path = "/api/v1/namespaces/$ns/events"
	event := func(name, pod, reason string) string {
		return fmt.Sprintf(`{"apiVersion":"v1","kind":"Event","metadata":{"name":%q,"namespace":"$ns"},"type":"Warning","reason":%q,"message":"m","count":1,
			"involvedObject":{"kind":"Pod","namespace":"$ns","name":%q,"uid":"u-%s"},"source":{"component":"kubelet"}}`, name, reason, pod, pod)
	}
	a := s.post(path, event("a1", "a", "FailedMount"))
	s.remember("v", a, "metadata", "resourceVersion")
	s.say("a watch of the events about one pod: one is new, one is counted up, one is about another pod")
	w := s.watch(path + "?watch=true&resourceVersion=$v&fieldSelector=involvedObject.uid%3Du-a,involvedObject.kind%3DPod")
	s.post(path, event("b1", "b", "FailedMount"))
	s.post(path, event("a2", "a", "FailedScheduling"))
	s.patch("strategic-merge-patch+json", path+"/a1", `{"count":2}`)
	s.delete(path+"/a2", "")
	w.take(3)
	w.stop()
	s.say("the events left about one pod, by UID and by name")
	s.do(call{method: "GET", path: path + "?fieldSelector=involvedObject.uid%3Du-a&limit=500", show: brief})
	s.do(call{method: "GET", path: path + "?fieldSelector=involvedObject.name%3Da,involvedObject.namespace%3D$ns", show: brief})
	s.do(call{method: "GET", path: path + "?fieldSelector=involvedObject.uid%3Dnobody", show: brief})
	s.say("an event has to be about its own namespace")
	s.post(path, `{"apiVersion":"v1","kind":"Event","metadata":{"name":"c1","namespace":"$ns"},"involvedObject":{"kind":"Pod","namespace":"default","name":"c"}}`)
}

// nodes are of no namespace. One that is made by hand has no kubelet and stays NotReady.
func nodes(s *talk) {
	const path = "/api/v1/nodes"
	s.get(path + "/$ns-missing")
	s.t.Cleanup(func() { s.sendDetached("DELETE", path+"/$ns").Body.Close() })
	s.do(call{method: "POST", path: path, body: `{"apiVersion":"v1","kind":"Node","metadata":{"name":"$ns"},"spec":{"unschedulable":true}}`, show: code})
	s.do(call{method: "GET", path: path + "/$ns", show: code})
	s.get(path + "?fieldSelector=metadata.name%3D$ns")
	s.get("/api/v1/namespaces/$ns/nodes/$ns")
	s.do(call{method: "DELETE", path: path + "/$ns", show: code})
	s.get(path + "/$ns")
}
