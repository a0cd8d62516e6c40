// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package script

import (
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/test/apiserver"
)

// standCommand is "stand FILE": makes the Namespaces, Events and Pods that the file holds, and gives the pods the status that they have there.
func standCommand(ts *testscript.TestScript, neg bool, args []string) {
	server, ok := ts.Value(serverKey{}).(*apiserver.Server)
	if neg || !ok || len(args) != 1 {
		ts.Fatalf("usage: stand FILE")
	}
	for document := range strings.SplitSeq(ts.ReadFile(args[0]), "\n---\n") {
		var object map[string]any
		ts.Check(yaml.Unmarshal([]byte(document), &object))
		if object["kind"] == "Namespace" {
			_, err := post(ts.Getenv("SERVER")+"/api/v1/namespaces", object)
			ts.Check(err)
			continue
		}
		if object["kind"] == "Event" {
			_, err := post(ts.Getenv("SERVER")+"/api/v1/namespaces/default/events", object)
			ts.Check(err)
			continue
		}
		var pod corev1.Pod
		ts.Check(yaml.UnmarshalStrict([]byte(document), &pod))
		if pod.Namespace == "" {
			pod.Namespace = "default"
		}
		_, err := post(ts.Getenv("SERVER")+"/api/v1/namespaces/"+pod.Namespace+"/pods", object)
		ts.Check(err)
		if !server.ChangePod(pod.Namespace, pod.Name, func(made *corev1.Pod) {
			made.Status = pod.Status
			if pod.Spec.NodeName != "" {
				made.Spec.NodeName = pod.Spec.NodeName
			}
		}) {
			ts.Fatalf("pod %s was not made", pod.Name)
		}
	}
}

// denyCommand is "deny [RESOURCE...]": nobody may read these any more, and everybody the others.
func denyCommand(ts *testscript.TestScript, neg bool, args []string) {
	server, ok := ts.Value(serverKey{}).(*apiserver.Server)
	if neg || !ok {
		ts.Fatalf("usage: deny [RESOURCE...]")
	}
	server.SetAuthorize(func(a apiserver.Attributes) bool {
		return !slices.Contains(args, strings.TrimSuffix(a.Resource+"/"+a.Subresource, "/"))
	})
}

// permitCommand is "permit FILE": everybody may do what the Role in the file gives, and nothing else.
func permitCommand(ts *testscript.TestScript, neg bool, args []string) {
	server, ok := ts.Value(serverKey{}).(*apiserver.Server)
	if neg || !ok || len(args) != 1 {
		ts.Fatalf("usage: permit FILE")
	}
	var role struct {
		Rules []struct{ Resources, Verbs []string }
	}
	ts.Check(yaml.Unmarshal([]byte(ts.ReadFile(args[0])), &role))
	server.SetAuthorize(func(a apiserver.Attributes) bool {
		for _, rule := range role.Rules {
			if slices.Contains(rule.Verbs, a.Verb) && slices.Contains(rule.Resources, strings.TrimSuffix(a.Resource+"/"+a.Subresource, "/")) {
				return true
			}
		}
		return false
	})
}

// eventCommand is "event POD TYPE REASON MESSAGE": the kubelet tells something of a pod in the namespace default.
func eventCommand(ts *testscript.TestScript, neg bool, args []string) {
	server, ok := ts.Value(serverKey{}).(*apiserver.Server)
	if neg || !ok || len(args) != 4 {
		ts.Fatalf("usage: event POD TYPE REASON MESSAGE")
	}
	if !server.Report("default", args[0], "kubelet", args[1], args[2], args[3]) {
		ts.Fatalf("there is no pod %s", args[0])
	}
}

// awaitsCommand is "awaits VERB RESOURCE": until somebody has asked for that since "requests" was called last.
func awaitsCommand(ts *testscript.TestScript, neg bool, args []string) {
	server, ok := ts.Value(serverKey{}).(*apiserver.Server)
	if neg || !ok || len(args) != 2 {
		ts.Fatalf("usage: awaits VERB RESOURCE")
	}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if server.Count(func(r apiserver.Request) bool {
			return r.Verb == args[0] && strings.TrimSuffix(r.Resource+"/"+r.Subresource, "/") == args[1]
		}) > 0 {
			return
		}
	}
	ts.Fatalf("nobody asked for %s %s", args[0], args[1])
}
