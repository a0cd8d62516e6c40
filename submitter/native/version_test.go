// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"strings"
	"testing"
)

func TestTheVersionIsReadFromTheImagesTagOrNotAtAll(t *testing.T) {
	t.Parallel()
	for image, want := range map[string]string{
		"apache/spark:4.0.5": "4.0.5",
		"repo.example:5000/team/spark:4.0.5-scala2.13-java17": "4.0.5",
		"spark:v3.5.9":       "3.5.9",
		"jobs:spark-3.3.4_2": "3.3.4",
		"spark:4.3.0@sha256:" + strings.Repeat("0", 64): "4.3.0",
		"apache/spark":                            "",
		"apache/spark:latest":                     "",
		"spark@sha256:" + strings.Repeat("0", 64): "",
		"repo.example:5000/spark":                 "",
		"jobs:2024.11.3-spark":                    "",
		"spark:4.0":                               "",
		"spark:{{SPARK_VERSION}}":                 "",
		"jobs:build-4.0.5":                        "",
		"spark:3.2.4":                             "",
		"":                                        "",
	} {
		t.Run(image, func(t *testing.T) {
			t.Parallel()
			version, err := VersionOfImage(image)
			switch {
			case want != "" && err != nil:
				t.Error(err)
			case want != "" && version.String() != want:
				t.Errorf("%s, want %s", version, want)
			case want == "":
				if said := refusalOf(t, err); !strings.Contains(said, "park") {
					t.Error(said)
				}
			}
		})
	}
}

func TestVersionsOutsideTheRangeAreRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"3.3": "", "3.3.0": "", "4.3.99": "",
		"3.2.4": "Spark 3.3 or newer", "2.4.8": "Spark 3.3 or newer",
		"4.4.0": "--engine=spark-submit", "5.0.0": "--spark-version 4.3",
		"4": "like --spark-version", "four": "like --spark-version", "4.0.5.1": "like --spark-version", "4.0.x": "like --spark-version", "-4.0.0": "like --spark-version",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			_, err := ParseVersion(text)
			if want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if said := refusalOf(t, err); !strings.Contains(said, want) {
				t.Errorf("%q is not in %s", want, said)
			}
		})
	}
}

// Each step of a version that has it can be left out since Spark 4.1, and no version has one twice.
func TestStepsAreThoseOfTheVersion(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]int{"3.3.4": 11, "4.0.5": 11, "4.1.4": 10, "4.2.1": 11, "4.3.0": 11} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			c := newDriverConf(inputOf(t, version, "--conf", confExcludedSteps+"="+features+"LocalDirsFeatureStep, "+features+"Unknown", "local:///main.py"))
			if got := len(stepsFor(c)); got != want || c.wrong != nil {
				t.Errorf("%d steps, want %d: %v", got, want, c.wrong)
			}
		})
	}
}
