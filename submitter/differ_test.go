// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"strings"
	"testing"
)

func TestHowApplicationsDiffer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		there, asked []string
		want         string
	}{
		"in a setting":                       {[]string{"-c", "spark.a=1", "x.jar"}, []string{"-c", "spark.a=2", "x.jar"}, `spark.a is "1" there and "2" here`},
		"in one that only one has":           {[]string{"x.jar"}, []string{"-c", "spark.a=2", "x.jar"}, `spark.a is not set there and "2" here`},
		"in one that only the other has":     {[]string{"--class", "A", "x.jar"}, []string{"x.jar"}, `--class is "A" there and not set here`},
		"in the main file and the arguments": {[]string{"x.jar", "1", "2"}, []string{"y.jar", "1"}, `the main file is "x.jar" there and "y.jar" here; the argument list is ["1" "2"] there and ["1"] here`},
		"in more than can be told": {
			[]string{"x.jar"},
			[]string{"-c", "spark.a=1", "-c", "spark.b=1", "-c", "spark.c=1", "-c", "spark.d=1", "x.jar"},
			`spark.a is not set there and "1" here; spark.b is not set there and "1" here; spark.c is not set there and "1" here; and 1 more differences`,
		},
		"in no secret":          {[]string{"-c", "spark.password=a", "-c", "spark.a=1", "x.jar"}, []string{"-c", "spark.password=b", "-c", "spark.a=2", "x.jar"}, `spark.a is "1" there and "2" here`},
		"in their order":        {[]string{"-c", "spark.a=1", "--name", "n", "x.jar"}, []string{"--name", "n", "-c", "spark.a=1", "x.jar"}, "the same arguments stand in another order"},
		"and are too long":      {[]string{"x.jar", strings.Repeat("x", maxArguments)}, []string{"x.jar"}, "their arguments differ, and are too long to stand on a pod, or cannot be read"},
		"in an option's value":  {[]string{"--driver-memory", "1g", "x.jar"}, []string{"--driver-memory", "2g", "x.jar"}, `spark.driver.memory is "1g" there and "2g" here`},
		"in blanks of one word": {[]string{"x.jar", "a b"}, []string{"x.jar", "a", "b"}, `the argument list is ["a b"] there and ["a" "b"] here`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := differ(fingerprint(parse(t, test.there...)), fingerprint(parse(t, test.asked...))); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
	if got := differ("forged", "{}"); got != "their arguments differ, and are too long to stand on a pod, or cannot be read" {
		t.Error(got)
	}
}
