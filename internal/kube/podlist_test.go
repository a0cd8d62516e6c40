// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package kube

import (
	"bufio"
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
)

// somePods is a list with what pods have: all kinds of values that protobuf writes.
func somePods() *corev1.PodList {
	created := metav1.NewTime(time.Date(2026, 1, 1, 12, 0, 0, 0, time.Local))
	seconds := int64(30)
	list := &corev1.PodList{ListMeta: metav1.ListMeta{ResourceVersion: "7", Continue: "later"}}
	for i := range 3 {
		list.Items = append(list.Items, corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{
				Name: fmt.Sprintf("pod-%d", i), Namespace: "jobs", Labels: map[string]string{"spark-role": "driver"}, CreationTimestamp: created,
				Generation: int64(i), ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "kubelet", FieldsV1: metav1.NewFieldsV1(`{"f:a":{}}`)}},
				OwnerReferences: []metav1.OwnerReference{{Kind: "Pod", Name: "owner", UID: "u"}},
			},
			Spec:   corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "i"}}, TerminationGracePeriodSeconds: &seconds},
			Status: corev1.PodStatus{Phase: corev1.PodRunning, PodIP: "10.0.0.1", StartTime: &created},
		})
	}
	return list
}

// inProtobuf is a list as the API server writes it.
func inProtobuf(tb testing.TB, list *corev1.PodList) []byte {
	tb.Helper()
	scheme := runtime.NewScheme()
	if err := corev1.AddToScheme(scheme); err != nil {
		tb.Fatal(err)
	}
	codecs := serializer.NewCodecFactory(scheme)
	info, ok := runtime.SerializerInfoForMediaType(codecs.SupportedMediaTypes(), runtime.ContentTypeProtobuf)
	if !ok {
		tb.Fatal("there is no serializer for protobuf")
	}
	text, err := runtime.Encode(codecs.EncoderForVersion(info.Serializer, corev1.SchemeGroupVersion), list)
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// readAll reads what an answer holds.
func readAll(answer []byte) (pods []corev1.Pod, next string, err error) {
	next, err = readPods(bufio.NewReader(bytes.NewReader(answer)), func(pod *corev1.Pod) { pods = append(pods, *pod) })
	return pods, next, err
}

func TestPodsInProtobufAreThoseThatTheServerWrote(t *testing.T) {
	t.Parallel()
	list := somePods()
	pods, next, err := readAll(inProtobuf(t, list))
	if err != nil || next != "later" {
		t.Fatalf("the list goes on at %q, error %v", next, err)
	}
	for i := range list.Items {
		list.Items[i].ManagedFields = nil
	}
	if diff := cmp.Diff(list.Items, pods); diff != "" {
		t.Error(diff)
	}
}

func TestAListWithoutPodsIsEmpty(t *testing.T) {
	t.Parallel()
	pods, next, err := readAll(inProtobuf(t, &corev1.PodList{}))
	if err != nil || next != "" || len(pods) != 0 {
		t.Errorf("%d pods, goes on at %q, error %v", len(pods), next, err)
	}
}

func TestAnAnswerThatBreaksOffIsAnError(t *testing.T) {
	t.Parallel()
	whole := inProtobuf(t, somePods())
	complete := 0
	for length := range len(whole) {
		pods, _, err := readAll(whole[:length])
		switch {
		case err == nil && len(pods) == 3:
			// What the list is wrapped in ends behind it.
			complete++
		case err == nil:
			t.Fatalf("cut off behind byte %d of %d it is no error, with %d pods", length, len(whole), len(pods))
		}
	}
	if complete > 8 {
		t.Errorf("%d cuts go unnoticed", complete)
	}
}

func FuzzReadPods(f *testing.F) {
	f.Add(inProtobuf(f, somePods()))
	f.Add([]byte(protobufMagic))
	f.Add([]byte(protobufMagic + "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Fuzz(func(t *testing.T, answer []byte) {
		pods, _, _ := readAll(answer)
		for _, pod := range pods {
			if pod.ManagedFields != nil {
				t.Error("a pod has managedFields")
			}
		}
	})
}

func BenchmarkReadPods(b *testing.B) {
	list := somePods()
	for len(list.Items) < pageSize {
		list.Items = append(list.Items, list.Items[0])
	}
	answer := inProtobuf(b, list)
	b.SetBytes(int64(len(answer)))
	b.ReportAllocs()
	for b.Loop() {
		if pods, _, err := readAll(answer); err != nil || len(pods) != pageSize {
			b.Fatal(err)
		}
	}
}
