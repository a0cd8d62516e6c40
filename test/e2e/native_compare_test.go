// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/submitter/native"
	"github.com/sparkctl/sparkctl/test/golden"
)

// What the recordings hold the native engine to, a live spark-submit does too; and for lists made at random of parts of the recorded
// ones, of which nobody knows what comes of them, native makes the same objects or refuses with it. They are others each time in a full run alone:
// what nobody has seen yet must not stop a change that has nothing to do with it.
func TestNativeMakesWhatALiveSparkSubmitMakes(t *testing.T) {
	t.Parallel()
	versions, recorded, cross := []string{newestSpark}, "^(jvm|python|template-named-container|volumes-many|secrets|conf-dir)$", []string{"--cross", "8", "--seed", "1"}
	if full() {
		versions, recorded, cross = sparkVersions, "^[a-m].*", []string{"--cross", "60"}
	}
	for _, spark := range versions {
		for _, args := range [][]string{{"--check"}, cross} {
			script := exec.CommandContext(t.Context(), filepath.Join("hack", "golden.sh"), args...)
			script.Dir = root
			script.Env = append(os.Environ(), "VERSION="+spark)
			if args[0] == "--check" {
				script.Env = append(script.Env, "CASE="+recorded)
			}
			out, err := script.CombinedOutput()
			if err != nil {
				t.Errorf("Spark %s, %s: %v\n%s", spark, args[0], err, out)
			}
			t.Logf("Spark %s, %s: %d lists", spark, args[0], strings.Count(string(out), "record: "+spark))
		}
	}
}

// The API server's own validation accepts what native makes wherever it accepts what spark-submit made.
func TestNativeObjectsAreValid(t *testing.T) {
	t.Parallel()
	// The published namespace is for pods that fit "restricted".
	c := connect(t).unrestricted(t, "-lists")
	cases, err := golden.ReadCases(filepath.Join(root, "test/golden/testdata/cases"))
	if err != nil {
		t.Fatal(err)
	}
	valid, refused := 0, 0
	for _, list := range cases {
		recording, err := golden.ReadGolden(filepath.Join(root, "test/golden/testdata/golden"), list.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, spark := range sparkVersions {
			parts := recording.Of(spark)
			if parts == nil || parts[0].Role == golden.Refused || golden.DiffersOnPurpose(list) {
				continue
			}
			if wrong := c.refusals(t, nativeObjects(t, list, spark)); wrong == nil {
				valid++
			} else if theirs := c.refusals(t, recordedObjects(t, parts)); theirs != nil {
				refused++
				t.Logf("%s, Spark %s: refused, as spark-submit's are: %v", list.Name, spark, wrong)
			} else {
				t.Errorf("%s, Spark %s: spark-submit's objects are accepted, native's are not: %v", list.Name, spark, wrong)
			}
		}
	}
	t.Logf("of %d submissions the API server accepts everything, of %d it refuses something of both engines", valid, refused)
	if valid < 200 {
		t.Errorf("only %d submissions are valid", valid)
	}
}

// nativeObjects are what the native engine makes for a list.
func nativeObjects(t *testing.T, list golden.Case, spark string) []*unstructured.Unstructured {
	t.Helper()
	in, err := golden.Input(list.At(golden.Server, golden.Work), spark)
	if err != nil {
		t.Fatalf("%s: %v", list.Name, err)
	}
	made, err := native.Build(in)
	if err != nil {
		t.Fatalf("%s: %v", list.Name, err)
	}
	var all []*unstructured.Unstructured
	for _, object := range append([]native.Object{made.Pod}, made.Owned...) {
		fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, &unstructured.Unstructured{Object: fields})
	}
	return all
}

// recordedObjects are what spark-submit made.
func recordedObjects(t *testing.T, parts []golden.Part) []*unstructured.Unstructured {
	t.Helper()
	var all []*unstructured.Unstructured
	for _, part := range parts {
		object := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(part.Text), &object.Object); err != nil {
			t.Fatal(err)
		}
		all = append(all, object)
	}
	return all
}

// refusals asks the API server, which keeps nothing, what it would say to these objects.
func (c *cluster) refusals(t *testing.T, objects []*unstructured.Unstructured) []error {
	t.Helper()
	var wrong []error
	for _, object := range objects {
		kind, known := resources[object.GetKind()]
		if !known { // a PodGroup is none of Kubernetes' own
			continue
		}
		object.SetNamespace(c.namespace)
		if object.GetKind() == "Pod" {
			c.makeAccount(t, object)
		}
		_, err := c.objects.Resource(kind).Namespace(c.namespace).Create(t.Context(), object, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		if err != nil {
			wrong = append(wrong, err)
		}
	}
	return wrong
}

// makeAccount makes the ServiceAccount that a pod names: a pod without one is refused for that alone.
func (c *cluster) makeAccount(t *testing.T, pod *unstructured.Unstructured) {
	t.Helper()
	name, _, err := unstructured.NestedString(pod.Object, "spec", "serviceAccountName")
	if err != nil || name == "" {
		return
	}
	account := &corev1.ServiceAccount{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ServiceAccount"}, ObjectMeta: metav1.ObjectMeta{Name: name}}
	err = c.core.Post().Namespace(c.namespace).Resource("serviceaccounts").Body(account).Do(t.Context()).Error()
	if err != nil && !apierrors.IsAlreadyExists(err) {
		t.Logf("make ServiceAccount %s: %v", name, err)
	}
}
