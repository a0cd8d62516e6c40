// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package view

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// Latest names the newest application.
const Latest = "@latest"

// Reference is what somebody calls an application.
type Reference struct {
	// Namespace that the name begins with; empty where it begins with none.
	Namespace string
	// Name of a driver pod, an application ID, a run key, the name of a SparkApplication or of the application, or [Latest].
	Name string
	// Text is the whole of it: a run key can hold a slash.
	Text string
}

// ParseReference reads namespace/name, pod/name as kubectl prints it, or a name.
func ParseReference(text string) Reference {
	namespace, name, found := strings.Cut(text, "/")
	switch {
	case !found || name == "" || validation.IsDNS1123Label(namespace) != nil:
		return Reference{Name: text, Text: text}
	case namespace == "pod" || namespace == "pods":
		return Reference{Name: name, Text: text}
	default:
		return Reference{Namespace: namespace, Name: name, Text: text}
	}
}

// PodName reports whether the reference can be the name of a pod.
func (r Reference) PodName() bool { return validation.IsDNS1123Subdomain(r.Name) == nil }

// rank says how a name names an application: 0 not at all, else the lower the more exact.
func rank(a Application, name string) int {
	switch name {
	case "":
		return 0
	case a.Name:
		return 1
	case a.ApplicationID:
		return 2
	case a.RunKey, a.Resource:
		return 3
	case a.ApplicationName:
		return 4
	default:
		return 0
	}
}

// Named reports whether the name can be a's; [Latest] is everybody's.
func Named(a Application, name string) bool { return name == Latest || rank(a, name) > 0 }

// AmbiguousError says that a name means several applications.
type AmbiguousError struct {
	Name string
	// Candidates are those that were made last first.
	Candidates []Application
}

// manyCandidates is how many are listed: a job that somebody starts every hour under one name leaves hundreds.
const manyCandidates = 10

func (e *AmbiguousError) Error() string {
	var said strings.Builder
	fmt.Fprintf(&said, "%q names %d applications:", e.Name, len(e.Candidates))
	for i, a := range e.Candidates {
		if i == manyCandidates {
			fmt.Fprintf(&said, "\n  and %d that are older", len(e.Candidates)-i)
			break
		}
		fmt.Fprintf(&said, "\n  %s  %s  made %s", a.FullName(), a.State, a.Created)
		for _, more := range [][2]string{{"application", a.ApplicationID}, {"run key", a.RunKey}, {"SparkApplication", a.Resource}} {
			if more[1] != "" {
				said.WriteString("  " + more[0] + " " + plain(more[1]))
			}
		}
	}
	return said.String()
}

// Choose picks the application that name means of those that stand there; ok is false when none is meant. A driver
// pod's name is more exact than an application ID, and that than the names that people give: a run key, which means
// its latest attempt, and a SparkApplication; Spark's own name of an application, which many can have, is the least.
// Several that are named equally well are an [AmbiguousError].
func Choose(name string, standing []Application) (chosen Application, ok bool, err error) {
	var named []Application
	best := 0
	for _, a := range standing {
		r := rank(a, name)
		if name == Latest {
			r = 1
		}
		switch {
		case r == 0 || best != 0 && r > best:
			continue
		case r < best || best == 0:
			best, named = r, nil
		}
		named = append(named, a)
	}
	if len(named) == 0 {
		return Application{}, false, nil
	}
	if name == Latest {
		return newest(named), true, nil
	}
	named = lastAttempts(named)
	if len(named) > 1 {
		newestFirst(named)
		return Application{}, false, &AmbiguousError{name, named}
	}
	return named[0], true, nil
}

// lastAttempts leaves of the attempts at one run the last.
func lastAttempts(all []Application) []Application {
	type run struct{ namespace, key string }
	at := map[run]int{}
	var left []Application
	for _, a := range all {
		i, known := at[run{a.Namespace, a.RunKey}]
		switch {
		case a.RunKey == "" || !known:
			at[run{a.Namespace, a.RunKey}] = len(left)
			left = append(left, a)
		case a.Attempt > left[i].Attempt:
			left[i] = a
		}
	}
	return left
}

// newest is the application whose driver pod was made last; of two in one second the one whose name comes first.
func newest(all []Application) Application {
	newestFirst(all)
	return all[0]
}

func newestFirst(all []Application) {
	l := List{Items: all}
	l.Sort("age", false, parseTime(all[0].Created))
}
