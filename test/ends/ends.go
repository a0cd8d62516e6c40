// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package ends is the one table of all the ways in which a Spark driver ends,
// and of what is to be said of each. Three things hold it to reality: the
// end-to-end tests produce the ends on a real cluster and compare what the
// sensor says, the tests of package sensor judge what was recorded there, and
// the page docs/reference/causes.md is written from both.
//
// [All] is the table; [Load] reads what was recorded of a row.
package ends

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/sparkctl/sparkctl/xcom"
)

// An End is one way in which a driver ends, and what is to be said of it.
type End struct {
	// Name of the row, and of its recording.
	Name string
	// What happens, for the page: a few words.
	What string
	// State of the application.
	State xcom.State
	// Exit code of a program that waits for the driver.
	Exit xcom.ExitCode
	// Driver is the exit code of the driver's container; none when it has none, unsaid when either may be.
	Driver int
	// Category and Reason of the cause, empty when there is nothing to explain.
	Category xcom.Category
	Reason   string
	// Message of the cause; "..." stands for what varies.
	Message string
	// Retry is yes, no, or empty when it cannot be said.
	Retry string

	// Gone: the API said at the end that there is no such pod.
	Gone bool
	// RunningTimeout and QueueTimeout the sensor was given, where it has none by default.
	RunningTimeout, QueueTimeout time.Duration
}

// The driver's exit code where there is none, and where it may or may not be known: a kubelet that evicts a pod calls it
// failed before it has ended the containers.
const (
	none   = -1
	unsaid = -2
)

// A Group is ends that have something in common.
type Group struct {
	Title string
	Ends  []End
}

// Groups lists the ends, in the order of the page.
func Groups() []Group {
	return []Group{
		{"Spark applications that come to an end", spark()},
		{"Successes that do not look like one", finished()},
		{"Drivers that fail, whatever they run", applications()},
		{"Exit codes", codes()},
		{"Drivers that are refused before they exist", refused()},
		{"Drivers that cannot start", starts()},
		{"Drivers that no node takes", placements()},
		{"Drivers that are taken away", takenAway()},
		{"Drivers whose node is lost", lost()},
		{"Drivers that do not come to an end", slices.Concat(hanging(), deadlines())},
	}
}

// All lists the ends of all groups.
func All() []End {
	var all []End
	for _, group := range Groups() {
		all = append(all, group.Ends...)
	}
	return all
}

// Named returns the row of that name.
func Named(name string) (End, bool) {
	for _, end := range All() {
		if end.Name == name {
			return end, true
		}
	}
	return End{}, false
}

// Compare says in what a result and the exit code beside it differ from what is to be said of the end.
func (e End) Compare(result xcom.Result, code xcom.ExitCode) []string {
	var different []string
	differ := func(what string, got, want any) {
		if fmt.Sprint(got) != fmt.Sprint(want) {
			different = append(different, fmt.Sprintf("%s is %q, want %q", what, fmt.Sprint(got), fmt.Sprint(want)))
		}
	}
	of := none
	if result.ExitCode != nil {
		of = *result.ExitCode
	}
	cause := xcom.Cause{}
	if result.Cause != nil {
		cause = *result.Cause
	}
	retry := ""
	if cause.Retryable != nil {
		retry = map[bool]string{true: "yes", false: "no"}[*cause.Retryable]
	}
	differ("the state", result.State, e.State)
	differ("the exit code", code, e.Exit)
	if e.Driver != unsaid {
		differ("the driver's exit code", of, e.Driver)
	}
	differ("the category", cause.Category, e.Category)
	differ("the reason", cause.Reason, e.Reason)
	differ("retryable", retry, e.Retry)
	if !pattern(e.Message).MatchString(cause.Message) {
		different = append(different, fmt.Sprintf("the message is\n%s\nwant\n%s", cause.Message, e.Message))
	}
	return different
}

// pattern matches a message in which "..." stands for anything.
func pattern(message string) *regexp.Regexp {
	parts := strings.Split(message, "...")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile(`^(?s)` + strings.Join(parts, ".*") + `$`)
}
