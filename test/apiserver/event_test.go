// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver_test

import (
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/sparkctl/sparkctl/test/apiserver"
)

func TestEventsAboutAPodAreCountedUpAndForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := apiserver.New(apiserver.Options{})
		config := &rest.Config{Host: "http://apiserver.test", Transport: server.Transport(), QPS: -1}
		all, err := dynamic.NewForConfig(config)
		if err != nil {
			t.Fatal(err)
		}
		made, err := client(t, config).Create(t.Context(), pod("a"), metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client(t, config).Create(t.Context(), pod("b"), metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		events := all.Resource(corev1.SchemeGroupVersion.WithResource("events")).Namespace("default")
		about := func() []corev1.Event {
			t.Helper()
			list, err := events.List(t.Context(), metav1.ListOptions{FieldSelector: "involvedObject.uid=" + string(made.GetUID())})
			if err != nil {
				t.Fatal(err)
			}
			var found []corev1.Event
			for i := range list.Items {
				var event corev1.Event
				if err := runtime.DefaultUnstructuredConverter.FromUnstructured(list.Items[i].Object, &event); err != nil {
					t.Fatal(err)
				}
				found = append(found, event)
			}
			return found
		}
		if server.Report("default", "c", "kubelet", corev1.EventTypeNormal, "Pulling", "") {
			t.Error("an event about a pod that is not there")
		}
		server.Report("default", "a", "default-scheduler", corev1.EventTypeWarning, "FailedScheduling", "0/1 nodes")
		server.Report("default", "b", "default-scheduler", corev1.EventTypeWarning, "FailedScheduling", "0/1 nodes")
		time.Sleep(40 * time.Minute)
		server.Report("default", "a", "default-scheduler", corev1.EventTypeWarning, "FailedScheduling", "0/1 nodes")
		server.Report("default", "a", "default-scheduler", corev1.EventTypeNormal, "Scheduled", "")
		found := about()
		if len(found) != 2 {
			t.Fatalf("%d events, want 2: %v", len(found), found)
		}
		for _, event := range found {
			counted := int32(1)
			if event.Reason == "FailedScheduling" {
				counted = 2
			}
			if event.Count != counted || event.Source.Component != "default-scheduler" || event.InvolvedObject.Name != "a" || event.CreationTimestamp.IsZero() {
				t.Errorf("%+v", event)
			}
		}
		time.Sleep(time.Hour - time.Second)
		if n := len(about()); n != 2 {
			t.Errorf("%d events are left a second before their time is over", n)
		}
		time.Sleep(time.Second)
		if n := len(about()); n != 0 {
			t.Errorf("%d events are left after their time", n)
		}
	})
}

func TestANodeThatFallsSilent(t *testing.T) {
	t.Parallel()
	server := apiserver.New(apiserver.Options{})
	config := &rest.Config{Host: "http://apiserver.test", Transport: server.Transport(), QPS: -1}
	all, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	nodes := all.Resource(corev1.SchemeGroupVersion.WithResource("nodes"))
	for _, ready := range []corev1.ConditionStatus{corev1.ConditionTrue, corev1.ConditionUnknown, corev1.ConditionFalse} {
		server.SetNode("node-1", ready)
		found, err := nodes.Get(t.Context(), "node-1", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var node corev1.Node
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(found.Object, &node); err != nil {
			t.Fatal(err)
		}
		if len(node.Status.Conditions) != 1 || node.Status.Conditions[0].Status != ready {
			t.Errorf("conditions %v, want Ready %s", node.Status.Conditions, ready)
		}
	}
	if !server.Remove("nodes", "", "node-1") {
		t.Error("it was not there")
	}
	if _, err := nodes.Get(t.Context(), "node-1", metav1.GetOptions{}); err == nil {
		t.Error("it is still there")
	}
}

// A pod that never was on a node goes at once, another one gets its grace.
func TestDeleteBeginsADeletion(t *testing.T) {
	t.Parallel()
	server := apiserver.New(apiserver.Options{})
	config := &rest.Config{Host: "http://apiserver.test", Transport: server.Transport(), QPS: -1}
	for _, name := range []string{"a", "b"} {
		if _, err := client(t, config).Create(t.Context(), pod(name), metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	server.Schedule("default", "a", "node-1")
	for name, left := range map[string]bool{"a": true, "b": false} {
		if !server.Delete("default", name) {
			t.Errorf("%s was not there", name)
		}
		found := server.Get("pods", "default", name)
		if there := found != nil; there != left {
			t.Errorf("%s is left: %v, want %v", name, there, left)
		}
		if found != nil && (found.GetDeletionTimestamp() == nil || *found.GetDeletionGracePeriodSeconds() != 30) {
			t.Errorf("%s is not terminating: %v", name, found)
		}
	}
	if server.Delete("default", "c") {
		t.Error("c was there")
	}
}
