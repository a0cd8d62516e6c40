// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package conformance

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
)

// encodings asks for protobuf, alone and beside JSON.
func encodings(s *talk) {
	s.post(pods, pod("a", `,"labels":{"run":"1"}`, gated))
	s.post(pods, pod("b", `,"labels":{"run":"1"}`, gated))
	const protobuf, json = "application/vnd.kubernetes.protobuf", "application/json"
	for _, accept := range []string{protobuf, protobuf + "," + json, json + "," + protobuf, "*/*"} {
		s.encoded(accept, pods)
	}
	s.encoded(protobuf, pods+"?labelSelector=run%3D2")
	s.encoded(protobuf, pods+"/a")
	s.encoded(protobuf+","+json, pods+"/missing")
	s.encoded(protobuf+","+json, pods+"?labelSelector=-")
	s.say("a list in chunks goes on with what it says in protobuf")
	list, _ := s.encoded(protobuf, pods+"?limit=1").(*corev1.PodList)
	if list == nil {
		s.t.Fatal("a list in protobuf is no PodList")
	}
	s.memory["more"] = list.Continue
	s.encoded(protobuf, pods+"?limit=1&continue=$more")
}

// encoded makes a GET and notes in which encoding what came.
func (s *talk) encoded(accept, path string) runtime.Object {
	s.t.Helper()
	c := call{method: "GET", path: path, header: map[string]string{"Accept": accept}}
	s.note(c)
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer cancel()
	response := s.send(ctx, c)
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatalf("GET %s: read answer: %v", path, err)
	}
	scheme := runtime.NewScheme()
	if err := corev1.AddToScheme(scheme); err != nil {
		s.t.Fatal(err)
	}
	metav1.AddToGroupVersion(scheme, corev1.SchemeGroupVersion)
	object, kind, err := serializer.NewCodecFactory(scheme).UniversalDeserializer().Decode(raw, nil, nil)
	if err != nil {
		s.t.Fatalf("GET %s: decode answer: %v", path, err)
	}
	fmt.Fprintf(&s.transcript, "< %d %s, in protobuf %t: %s %s", response.StatusCode, response.Header.Get("Content-Type"),
		bytes.HasPrefix(raw, []byte("k8s\x00")), kind.Kind, namesOf(object))
	s.transcript.WriteByte('\n')
	return object
}

// namesOf says what an answer is about.
func namesOf(object runtime.Object) string {
	switch o := object.(type) {
	case *corev1.PodList:
		var text strings.Builder
		for i := range o.Items {
			text.WriteString(o.Items[i].Name + " ")
		}
		return fmt.Sprintf("%sand more %t", text.String(), o.Continue != "")
	case *corev1.Pod:
		return o.Name
	case *metav1.Status:
		return string(o.Reason)
	default:
		return ""
	}
}
