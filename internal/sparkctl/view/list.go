// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package view

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/sparkctl/sparkctl/xcom"
)

// List is several applications.
type List struct {
	Items []Application `json:"items"`
}

// Names are the names of the applications as every command takes them: namespace/pod.
func (l List) Names() []string {
	names := make([]string, len(l.Items))
	for i, a := range l.Items {
		names[i] = a.FullName()
	}
	return names
}

// FullName names the application wherever one looks from.
func (a Application) FullName() string { return a.Namespace + "/" + a.Name }

// WriteTable writes a line for each application. namespaces adds the column of that name.
func (l List) WriteTable(w io.Writer, now time.Time, wide, namespaces, colours bool) error {
	var t table
	var head []string
	if namespaces {
		head = append(head, "NAMESPACE")
	}
	head = append(head, "NAME", "STATE", "REASON", "DURATION", "AGE")
	if wide {
		head = append(head, "APPLICATION-ID", "RUN-KEY", "ATTEMPT", "SPARK", "BY", "NODE", "IMAGE")
	}
	t.head(head...)
	for _, a := range l.Items {
		var row []cell
		if namespaces {
			row = append(row, or(a.Namespace))
		}
		row = append(row, or(a.Name), stateCell(a), or(a.reason()), or(a.duration(now)), or(since(parseTime(a.Created), now)))
		if wide {
			attempt := ""
			if a.Attempt > 0 {
				attempt = strconv.Itoa(a.Attempt)
			}
			row = append(row, or(a.ApplicationID), or(a.RunKey), or(attempt), or(a.SparkVersion), or(a.SubmittedBy), or(a.Node), or(a.Image))
		}
		t.add(row...)
	}
	return t.write(w, colours)
}

// reason is one word for why the state is what it is.
func (a Application) reason() string {
	if a.Cause == nil {
		return ""
	}
	if a.ExitCode != nil && *a.ExitCode != 0 {
		return fmt.Sprintf("%s(%d)", a.Cause.Reason, *a.ExitCode)
	}
	return a.Cause.Reason
}

// duration is how long the driver ran, or has been running.
func (a Application) duration(now time.Time) string {
	started, finished := parseTime(a.Started), parseTime(a.Finished)
	switch {
	case started.IsZero():
		return ""
	case !finished.IsZero():
		return since(started, finished)
	case a.State == xcom.Running:
		return since(started, now)
	default:
		return ""
	}
}

// since is the time between two moments as kubectl tells an age; empty where the first is not known.
func since(from, to time.Time) string {
	if from.IsZero() {
		return ""
	}
	return duration.HumanDuration(max(0, to.Sub(from)))
}

// Filter says which applications are listed. Its zero value lists all.
type Filter struct {
	// States that are listed; none means all.
	States []xcom.State
	// NewerThan and OlderThan bound the age of the driver pod; 0 means no bound.
	NewerThan, OlderThan time.Duration
}

// ParseStates reads states in any case.
func ParseStates(texts []string) ([]xcom.State, error) {
	var states []xcom.State
	for _, text := range texts {
		i := slices.IndexFunc(drivers(), func(s xcom.State) bool { return strings.EqualFold(string(s), text) })
		if i < 0 {
			var known []string
			for _, state := range drivers() {
				known = append(known, string(state))
			}
			return nil, fmt.Errorf("%q is none of %s", text, strings.Join(known, ", "))
		}
		states = append(states, drivers()[i])
	}
	return states, nil
}

// drivers are the states that a driver that stands there can have.
func drivers() []xcom.State {
	return []xcom.State{xcom.Pending, xcom.Running, xcom.Succeeded, xcom.Failed, xcom.Lost}
}

// Fits reports whether a is listed at now.
func (f Filter) Fits(a Application, now time.Time) bool {
	age := now.Sub(parseTime(a.Created))
	return (len(f.States) == 0 || slices.Contains(f.States, a.State)) &&
		(f.NewerThan == 0 || age <= f.NewerThan) && (f.OlderThan == 0 || age >= f.OlderThan)
}

// SortKeys are what a list can be sorted by.
func SortKeys() []string { return []string{"age", "name", "state", "duration"} }

// Sort sorts by one of [SortKeys], the newest, first by name, or longest first; reverse turns that around.
func (l List) Sort(key string, reverse bool, now time.Time) {
	slices.SortStableFunc(l.Items, func(a, b Application) int {
		order := 0
		switch key {
		case "name":
		case "state":
			order = cmp.Compare(slices.Index(drivers(), a.State), slices.Index(drivers(), b.State))
		case "duration":
			order = cmp.Compare(b.ran(now), a.ran(now))
		default:
			order = parseTime(b.Created).Compare(parseTime(a.Created))
		}
		order = cmp.Or(order, cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
		if reverse {
			return -order
		}
		return order
	})
}

// ran is how long the driver ran, or has been running.
func (a Application) ran(now time.Time) time.Duration {
	started, finished := parseTime(a.Started), parseTime(a.Finished)
	switch {
	case started.IsZero():
		return 0
	case finished.IsZero():
		return now.Sub(started)
	default:
		return finished.Sub(started)
	}
}
