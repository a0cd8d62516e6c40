// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package script

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/test/apiserver"
)

// standCommand is "stand FILE": makes the objects of the core group that the file holds, and gives pods the status that they have there.
func standCommand(ts *testscript.TestScript, neg bool, args []string) {
	server, ok := ts.Value(serverKey{}).(*apiserver.Server)
	if neg || !ok || len(args) != 1 {
		ts.Fatalf("usage: stand FILE")
	}
	for document := range strings.SplitSeq(ts.ReadFile(args[0]), "\n---\n") {
		var object map[string]any
		ts.Check(yaml.Unmarshal([]byte(document), &object))
		if object["kind"] != "Pod" {
			ts.Check(standOther(ts.Getenv("SERVER"), unstructured.Unstructured{Object: object}))
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

// standOther makes an object that is no pod.
func standOther(server string, object unstructured.Unstructured) error {
	resource, _ := meta.UnsafeGuessKindToResource(object.GroupVersionKind())
	path := server + "/api/v1/"
	if object.GetKind() != "Namespace" {
		path += "namespaces/" + cmp.Or(object.GetNamespace(), "default") + "/"
	}
	_, err := post(path+resource.Resource, object.Object)
	return err
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

// permitCommand is "permit FILE [USER FILE]": everybody may do what the Role in the first file gives, and nothing else; the user what that in the second gives.
func permitCommand(ts *testscript.TestScript, neg bool, args []string) {
	server, ok := ts.Value(serverKey{}).(*apiserver.Server)
	if neg || !ok || len(args) != 1 && len(args) != 3 {
		ts.Fatalf("usage: permit FILE [USER FILE]")
	}
	everybody := readRole(ts, args[0])
	other, user := everybody, ""
	if len(args) == 3 {
		user, other = args[1], readRole(ts, args[2])
	}
	server.SetAuthorize(func(a apiserver.Attributes) bool {
		if user != "" && a.User == user {
			return other.gives(a)
		}
		return everybody.gives(a)
	})
}

// role is what a Role gives.
type role struct {
	Rules []struct{ APIGroups, Resources, Verbs []string }
}

// readRole reads the Role in a file.
func readRole(ts *testscript.TestScript, file string) role {
	var r role
	for document := range strings.SplitSeq(ts.ReadFile(file), "\n---\n") {
		if strings.Contains(document, "kind: Role\n") {
			ts.Check(yaml.Unmarshal([]byte(document), &r))
		}
	}
	return r
}

// gives reports whether a Role gives a right.
func (r role) gives(a apiserver.Attributes) bool {
	for _, rule := range r.Rules {
		resource := strings.TrimSuffix(a.Resource+"/"+a.Subresource, "/")
		if slices.Contains(rule.APIGroups, a.Group) && slices.Contains(rule.Verbs, a.Verb) && slices.Contains(rule.Resources, resource) {
			return true
		}
	}
	return false
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
			// What ends with its answer must have been carried out, not only have been asked for.
			done := r.Verb == "watch" || r.Status != 0
			return done && r.Verb == args[0] && strings.TrimSuffix(r.Resource+"/"+r.Subresource, "/") == args[1]
		}) > 0 {
			return
		}
	}
	ts.Fatalf("nobody asked for %s %s", args[0], args[1])
}
