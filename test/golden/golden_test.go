// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package golden

import (
	"strings"
	"testing"
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
					compare(t, version, want, c.At(Server, Work))
				})
			}
		})
	}
}

// compare compares what native does for one case and one version with what spark-submit did.
func compare(t *testing.T, version string, want []Part, c Case) {
	t.Helper()
	differences := Compare(c, version, want)
	switch differs := DiffersOnPurpose(c); {
	case differs && differences == nil:
		t.Error("native does what spark-submit does: it differs on purpose no more")
	case !differs && differences != nil:
		t.Error(strings.Join(differences, "\n"))
	}
}
