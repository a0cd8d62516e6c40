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

	"github.com/sparkctl/sparkctl/internal/problem"
)

const (
	casesDir  = "testdata/cases"
	goldenDir = "testdata/golden"
)

// onPurpose are the cases in which native does something else than spark-submit; docs/reference/native-differences.md says why.
var onPurpose = []string{
	"switch-with-value",
	"packages",
	"packages-equals",
	"upload-path",
}

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
					compare(t, version, want, c.At(Server, Work))
				})
			}
		})
	}
}

// compare compares what native does for one case and one version with what spark-submit did: all objects, or the refusal.
func compare(t *testing.T, version string, want []Part, c Case) {
	t.Helper()
	got, err := build(c, version)
	refused := want[0].Role == Refused
	var usage *problem.Error
	switch differs := slices.Contains(onPurpose, c.Name); {
	case differs && refused == (err != nil):
		t.Errorf("native does what spark-submit does: it differs on purpose no more (%v)", err)
	case differs:
	case refused && err == nil:
		t.Errorf("native made objects, spark-submit said\n%s", want[0].Text)
	case refused && !errors.As(err, &usage):
		t.Errorf("native refuses, but not as a mistake of the user's with a hint: %v", err)
	case refused:
	case err != nil:
		t.Errorf("spark-submit made its objects, native refuses: %v", err)
	default:
		compareObjects(t, want, got)
	}
}

// compareObjects compares all objects as YAML, which tells every field, and reads more easily than Go's own spelling.
func compareObjects(t *testing.T, parts []Part, got map[string]string) {
	t.Helper()
	want := map[string]string{}
	for _, part := range parts {
		want[part.String()] = part.Text
	}
	for _, object := range slices.Sorted(maps.Keys(want)) {
		if _, ok := got[object]; !ok {
			t.Errorf("spark-submit made %s, native did not", object)
		}
	}
	for _, object := range slices.Sorted(maps.Keys(got)) {
		switch text, ok := want[object]; {
		case !ok:
			t.Errorf("native made %s, spark-submit did not", object)
		case text != got[object]:
			t.Errorf("%s (- spark-submit, + native):\n%s", object, cmp.Diff(strings.Split(text, "\n"), strings.Split(got[object], "\n")))
		}
	}
}
