// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package golden

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/sparkctl/sparkctl/internal/problem"
)

// DiffersOnPurpose reports whether native does something else for a case than spark-submit; docs/reference/native-differences.md says why.
func DiffersOnPurpose(c Case) bool {
	return slices.Contains([]string{"switch-with-value", "packages", "packages-equals", "upload-path"}, c.Name)
}

// Compare tells where native does something else for a case than the spark-submit of that version did: all objects, or the refusal.
// nil means nowhere.
func Compare(c Case, version string, want []Part) []string {
	got, err := Build(c, version)
	refused := want[0].Role == Refused
	var usage *problem.Error
	switch {
	case refused && err == nil:
		return []string{"native made objects, spark-submit said\n" + want[0].Text}
	case refused && !errors.As(err, &usage):
		return []string{fmt.Sprintf("native refuses, but not as a mistake of the user's with a hint: %v", err)}
	case refused:
		return nil
	case err != nil:
		return []string{fmt.Sprintf("spark-submit made its objects, native refuses: %v", err)}
	default:
		return compareObjects(want, got)
	}
}

// compareObjects compares all objects as YAML, which tells every field, and reads more easily than Go's own spelling.
func compareObjects(parts []Part, got map[string]string) []string {
	want := map[string]string{}
	for _, part := range parts {
		want[part.String()] = part.Text
	}
	var differences []string
	for _, object := range slices.Sorted(maps.Keys(want)) {
		if _, ok := got[object]; !ok {
			differences = append(differences, "spark-submit made "+object+", native did not")
		}
	}
	for _, object := range slices.Sorted(maps.Keys(got)) {
		switch text, ok := want[object]; {
		case !ok:
			differences = append(differences, "native made "+object+", spark-submit did not")
		case text != got[object]:
			differences = append(differences, fmt.Sprintf("%s (- spark-submit, + native):\n%s", object, cmp.Diff(strings.Split(text, "\n"), strings.Split(got[object], "\n"))))
		}
	}
	return differences
}
