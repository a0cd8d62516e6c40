// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxDifferences bounds a sentence about how two applications differ.
const maxDifferences = 3

// differ says in words how two applications differ, each given as the annotation that its driver bears: with secrets
// masked, as they stand there. It names what is there first, then what is asked for.
func differ(there, asked string) string {
	a, knownA := arguments(there)
	b, knownB := arguments(asked)
	if !knownA || !knownB {
		return "their arguments differ, and are too long to stand on a pod, or cannot be read"
	}
	found := differences(a, b)
	if len(found) > maxDifferences {
		found = append(found[:maxDifferences:maxDifferences], fmt.Sprintf("and %d more differences", len(found)-maxDifferences))
	}
	if len(found) == 0 {
		return "the same arguments stand in another order"
	}
	return strings.Join(found, "; ")
}

// Recorded reads an application out of the annotation that its driver bears, with secrets masked as they stand there; false where its
// arguments are too long to stand there, or cannot be read.
func Recorded(annotation string) (Application, bool) { return arguments(annotation) }

// arguments reads an application out of its annotation.
func arguments(annotation string) (Application, bool) {
	var a struct {
		Arguments []string `json:"arguments"`
	}
	if json.Unmarshal([]byte(annotation), &a) != nil || a.Arguments == nil {
		return Application{}, false
	}
	app, err := ParseArguments(a.Arguments)
	return app, err == nil
}

// differences are those of two applications, a clause each.
func differences(a, b Application) []string {
	var found []string
	clause := func(what, there, asked string, isThere, isAsked bool) {
		switch {
		case there == asked && isThere == isAsked:
		case !isAsked:
			found = append(found, fmt.Sprintf("%s is %q there and not set here", what, there))
		case !isThere:
			found = append(found, fmt.Sprintf("%s is not set there and %q here", what, asked))
		default:
			found = append(found, fmt.Sprintf("%s is %q there and %q here", what, there, asked))
		}
	}
	clause("the main file", a.MainFile, b.MainFile, true, true)
	if !slices.Equal(a.Arguments, b.Arguments) {
		found = append(found, fmt.Sprintf("the argument list is %q there and %q here", a.Arguments, b.Arguments))
	}
	there, asked := settings(a), settings(b)
	both := maps.Clone(there)
	maps.Copy(both, asked)
	for _, key := range slices.Sorted(maps.Keys(both)) {
		x, isThere := there[key]
		y, isAsked := asked[key]
		clause(key, x, y, isThere, isAsked)
	}
	return found
}

// settings are the options and the configuration of an application by their names.
func settings(a Application) map[string]string {
	all := map[string]string{}
	for _, o := range a.Options {
		if known, _ := find(o.Name); known.Key == "" && o.Name != "--conf" {
			all[o.Name] = o.Value
		}
	}
	maps.Copy(all, a.Conf)
	return all
}
