// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package golden

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/internal/problem"
)

const (
	casesDir  = "testdata/cases"
	goldenDir = "testdata/golden"
)

func TestNativeObjectsAreThoseOfTheRealSparkSubmit(t *testing.T) {
	t.Parallel()
	cases, err := ReadCases(casesDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		recording, err := ReadGolden(goldenDir, c.Name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			if recording.Digest != c.Digest() {
				t.Fatalf("the recording is of another list; record it again: make golden CASE=%s", c.Name)
			}
			for _, version := range Versions() {
				if !c.For(version) {
					continue
				}
				t.Run(version, func(t *testing.T) {
					t.Parallel()
					want := recording.Of(version)
					if want == nil {
						t.Fatalf("%s is not recorded; record it: make golden CASE=%s VERSION=%[1]s", version, c.Name)
					}
					compare(t, c.Name, version, want, c.At(Server, Work))
				})
			}
		})
	}
}

// compare compares all objects of one case and one version.
func compare(t *testing.T, name, version string, want []Part, c Case) {
	t.Helper()
	got, err := build(c, version)
	if refused := want[0].Role == Refused; refused || err != nil {
		var usage *problem.Error
		switch {
		case !refused:
			t.Errorf("%s for %s: spark-submit made its objects, we: %v", name, version, err)
		case err == nil:
			t.Errorf("%s for %s: we made objects, spark-submit said\n%s", name, version, want[0].Text)
		case !errors.As(err, &usage):
			t.Errorf("%s for %s: %v: it is no mistake of the user's with a hint", name, version, err)
		}
		return
	}
	wanted, err := read(want)
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range slices.Sorted(maps.Keys(wanted)) {
		if _, ok := got[object]; !ok {
			t.Errorf("%s for %s: spark-submit made %s, native did not", name, version, object)
		}
	}
	for _, object := range slices.Sorted(maps.Keys(got)) {
		if _, ok := wanted[object]; !ok {
			t.Errorf("%s for %s: native made %s, spark-submit did not", name, version, object)
			continue
		}
		if diff := cmp.Diff(lines(t, wanted[object]), lines(t, got[object])); diff != "" {
			t.Errorf("%s for %s: %s (- spark-submit, + native):\n%s", name, version, object, diff)
		}
	}
}

// lines are an object's as YAML: an easier read than Go's own spelling of it, and not less exact.
func lines(t *testing.T, object any) []string {
	t.Helper()
	text, err := yaml.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(text), "\n")
}
