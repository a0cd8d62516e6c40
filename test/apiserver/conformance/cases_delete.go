// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package conformance

import (
	"fmt"
	"net/http"
)

func deletion(s *talk) {
	a := s.post(configMaps, configMap("a", ""))
	s.remember("uid", a, "metadata", "uid")
	s.remember("v1", a, "metadata", "resourceVersion")
	s.patch("merge-patch+json", configMaps+"/a", `{"data":{"b":"2"}}`)
	s.say("preconditions that do not hold")
	s.delete(configMaps+"/a", `{"kind":"DeleteOptions","apiVersion":"v1","preconditions":{"uid":"11111111-1111-4111-8111-111111111111"}}`)
	s.delete(configMaps+"/a", `{"preconditions":{"resourceVersion":"$v1"}}`)
	s.delete(configMaps+"/a", `{"preconditions":{"uid":"$uid","resourceVersion":"$v1"}}`)
	s.say("one that holds; this kind answers a Status")
	s.delete(configMaps+"/a", `{"preconditions":{"uid":"$uid"}}`)
	s.delete(configMaps+"/a", `{"preconditions":{"uid":"$uid"}}`)
	s.delete(configMaps+"/a", "")
	s.say("a pod: preconditions first, then the grace period")
	p := s.post(pods, pod("p", "", nowhere))
	s.remember("pod", p, "metadata", "uid")
	s.delete(pods+"/p", `{"preconditions":{"uid":"$uid"},"gracePeriodSeconds":0}`)
	s.delete(pods+"/p", `{"preconditions":{"uid":"$pod","resourceVersion":"1"},"gracePeriodSeconds":0}`)
	s.get(pods + "/p")
	s.delete(pods+"/p", `{"preconditions":{"uid":"$pod"},"gracePeriodSeconds":0}`)
	s.get(pods + "/p")
	s.say("the same name again is another object")
	s.remember("second", s.post(pods, pod("p", "", gated)), "metadata", "uid")
	s.delete(pods+"/p", `{"preconditions":{"uid":"$pod"}}`)
	s.delete(pods+"/p", `{"preconditions":{"uid":"$second"}}`)
	s.say("options that are none")
	s.post(configMaps, configMap("a", ""))
	s.delete(configMaps+"/a", `not json`)
	s.delete(configMaps+"/a", `{"propagationPolicy":"Nonsense"}`)
	s.delete(configMaps+"/a", `{"propagationPolicy":"Orphan","orphanDependents":true}`)
	s.delete(configMaps+"/a?gracePeriodSeconds=x", "")
	s.delete(configMaps+"/a?propagationPolicy=Background&gracePeriodSeconds=30", "")
}

func graceful(s *talk) {
	s.say("a pod that was never scheduled goes at once")
	s.post(pods, pod("unscheduled", "", gated))
	s.delete(pods+"/unscheduled", "")
	s.get(pods + "/unscheduled")
	s.say("one that was waits for its kubelet")
	s.remember("uid", s.post(pods, pod("a", "", nowhere)), "metadata", "uid")
	s.delete(pods+"/a", "")
	s.get(pods + "/a")
	s.say("again: nothing changes; its name is still taken")
	s.delete(pods+"/a", "")
	s.delete(pods+"/a", `{"gracePeriodSeconds":60}`)
	s.post(pods, pod("a", "", gated))
	s.say("the period can be shortened")
	s.delete(pods+"/a", `{"gracePeriodSeconds":20}`)
	s.delete(pods+"/a", `{"gracePeriodSeconds":-5}`)
	s.say("it can be changed meanwhile, but not kept by a new finalizer")
	s.patch("merge-patch+json", pods+"/a", `{"metadata":{"labels":{"x":"1"}}}`)
	s.patch("merge-patch+json", pods+"/a", `{"metadata":{"finalizers":["example.org/a"]}}`)
	s.patch("merge-patch+json", pods+"/a", `{"metadata":{"deletionTimestamp":null,"deletionGracePeriodSeconds":null}}`)
	s.patch("merge-patch+json", pods+"/a/status", `{"status":{"phase":"Failed"}}`)
	s.say("the kubelet's last word")
	s.delete(pods+"/a", `{"gracePeriodSeconds":0,"preconditions":{"uid":"$uid"}}`)
	s.get(pods + "/a")
	s.say("an ended pod goes at once")
	s.post(pods, pod("ended", "", nowhere))
	s.patch("merge-patch+json", pods+"/ended/status", `{"status":{"phase":"Succeeded"}}`)
	s.delete(pods+"/ended", "")
	s.get(pods + "/ended")
	s.say("the pod's own period, and a period in the query")
	s.post(pods, pod("own", "", nowhere+`,"terminationGracePeriodSeconds":7`))
	s.delete(pods+"/own", "")
	s.post(pods, pod("query", "", nowhere))
	s.delete(pods+"/query?gracePeriodSeconds=9", "")
	s.post(pods, pod("negative", "", nowhere))
	s.delete(pods+"/negative", `{"gracePeriodSeconds":-1}`)
}

func finalizers(s *talk) {
	const kept = `,"finalizers":["example.org/a","example.org/b"]`
	s.post(configMaps, configMap("a", kept))
	s.delete(configMaps+"/a", "")
	s.say("deleted again: nothing changes")
	s.delete(configMaps+"/a", "")
	s.post(configMaps, configMap("a", ""))
	s.patch("json-patch+json", configMaps+"/a", `[{"op":"remove","path":"/metadata/finalizers/0"}]`)
	s.say("the last finalizer goes and the object with it")
	s.patch("json-patch+json", configMaps+"/a", `[{"op":"remove","path":"/metadata/finalizers/0"}]`)
	s.get(configMaps + "/a")
	s.say("a gated pod, and one on a node")
	s.post(pods, pod("gated", kept, gated))
	s.delete(pods+"/gated", "")
	s.patch("merge-patch+json", pods+"/gated", `{"metadata":{"finalizers":["example.org/b","example.org/c"]}}`)
	s.patch("merge-patch+json", pods+"/gated", `{"metadata":{"finalizers":null}}`)
	s.get(pods + "/gated")
	s.post(pods, pod("placed", kept, nowhere))
	s.delete(pods+"/placed", "")
	s.say("without its finalizers it still waits for the kubelet")
	s.patch("merge-patch+json", pods+"/placed", `{"metadata":{"finalizers":null}}`)
	s.get(pods + "/placed")
	s.delete(pods+"/placed", `{"gracePeriodSeconds":0}`)
	s.say("a force delete does not go past a finalizer")
	s.post(pods, pod("forced", kept, nowhere))
	s.delete(pods+"/forced", `{"gracePeriodSeconds":0}`)
	s.delete(pods+"/forced", `{"gracePeriodSeconds":0}`)
	s.patch("merge-patch+json", pods+"/forced", `{"metadata":{"finalizers":null}}`)
	s.get(pods + "/forced")
}

// ownedBy is extra metadata.
func ownedBy(name, uid, extra string) string {
	return `,"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"` + name + `","uid":"$` + uid + `"` + extra + `}]`
}

func owners(s *talk) {
	s.remember("owner", s.post(configMaps, configMap("owner", "")), "metadata", "uid")
	s.remember("other", s.post(configMaps, configMap("other", "")), "metadata", "uid")
	s.post(configMaps, configMap("child", ownedBy("owner", "owner", "")))
	s.post(configMaps, configMap("grandchild-to-be", ""))
	s.post(configMaps, configMap("shared", `,"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"owner","uid":"$owner"},{"apiVersion":"v1","kind":"ConfigMap","name":"other","uid":"$other"}]`))
	s.post(pods, pod("pod", ownedBy("owner", "owner", ""), gated))
	s.say("the owner goes, then what it alone owned")
	s.delete(configMaps+"/owner", "")
	s.until(configMaps+"/child", "the child is gone", gone)
	s.until(pods+"/pod", "the pod is gone", gone)
	s.get(configMaps + "/other")
	s.say("owned from birth by something that is not there")
	s.post(configMaps, configMap("orphan", ownedBy("owner", "owner", "")))
	s.until(configMaps+"/orphan", "the orphan is gone", gone)
	s.say("the same name with another UID is not the owner")
	s.post(configMaps, configMap("owner", ""))
	s.post(configMaps, configMap("impostor", ownedBy("owner", "owner", "")))
	s.until(configMaps+"/impostor", "the impostor's child is gone", gone)
	s.say("foreground: the owner waits for those that block it")
	s.remember("front", s.post(configMaps, configMap("front", "")), "metadata", "uid")
	s.post(configMaps, configMap("block", ownedBy("front", "front", `,"blockOwnerDeletion":true`)))
	s.delete(configMaps+"/front", `{"propagationPolicy":"Foreground"}`)
	s.until(configMaps+"/front", "the owner is gone", gone)
	s.get(configMaps + "/block")
	s.say("orphan: the dependents stay, without their owner")
	s.remember("back", s.post(configMaps, configMap("back", "")), "metadata", "uid")
	s.post(configMaps, configMap("left", ownedBy("back", "back", "")))
	s.delete(configMaps+"/back", `{"propagationPolicy":"Orphan"}`)
	s.until(configMaps+"/back", "the owner is gone", gone)
	s.do(call{method: "GET", path: configMaps + "/left", show: code})
}

func collection(s *talk) {
	for i := range 4 {
		s.post(configMaps, configMap(fmt.Sprintf("a%d", i), fmt.Sprintf(`,"labels":{"half":"%d"}`, i%2)))
	}
	s.delete(configMaps+"?labelSelector=half=0", "")
	s.get(configMaps + "?labelSelector=half")
	s.delete(configMaps+"?fieldSelector=metadata.name=a1", "")
	s.get(configMaps + "?labelSelector=half")
	s.post(pods, pod("placed", "", nowhere))
	s.post(pods, pod("gated", "", gated))
	s.delete(pods, `{"gracePeriodSeconds":5}`)
	s.get(pods)
	s.delete("/api/v1/pods", "")
	s.delete(configMaps+"?labelSelector=a+b+c", "")
}

func namespaces(s *talk) {
	const path = "/api/v1/namespaces/$ns-2"
	s.do(call{method: "POST", path: "/api/v1/namespaces", body: `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"$ns-2"}}`, show: whole})
	s.until(path+"/serviceaccounts/default", "the ServiceAccount is there", func(a answer) bool { return a.status == http.StatusOK })
	s.post(path+"/configmaps", configMap("kept", `,"finalizers":["example.org/a"]`))
	s.post(path+"/configmaps", configMap("a", ""))
	s.delete(path, "")
	s.until(path+"/configmaps/a", "the content is gone", gone)
	s.say("nothing new in a namespace that is going")
	s.post(path+"/configmaps", configMap("b", ""))
	s.patch("merge-patch+json", path+"/configmaps/kept", `{"metadata":{"finalizers":null}}`)
	s.until(path, "the namespace is gone", gone)
	s.post(path+"/configmaps", configMap("b", ""))
	s.post("/api/v1/namespaces", `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"not.a.label"}}`)
}

func dryRun(s *talk) {
	s.post(configMaps+"?dryRun=All", configMap("a", ""))
	s.get(configMaps + "/a")
	s.post(configMaps, configMap("a", ""))
	s.post(configMaps+"?dryRun=All", configMap("a", ""))
	s.patch("merge-patch+json", configMaps+"/a?dryRun=All", `{"data":{"b":"2"}}`)
	s.delete(configMaps+"/a?dryRun=All", "")
	s.delete(configMaps+"/a", `{"dryRun":["All"]}`)
	s.get(configMaps + "/a")
	s.post(configMaps+"?dryRun=Some", configMap("b", ""))
}
