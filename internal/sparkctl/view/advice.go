// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package view

import (
	"strings"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/pattern"
	"github.com/sparkctl/sparkctl/xcom"
)

// Advice is a hint of the submitter's or the sensor's in this program's words. They write for whoever reads a pod's log, who may have
// kubectl alone: where sparkctl has a command for it, that is named in place of theirs. What it has none for stays.
func Advice(hint string) string {
	// Of thousands in a list, most have none of the words.
	for _, of := range []struct{ word, theirs, ours string }{
		{"kubectl logs", `kubectl logs -n (\S+) (\S+) -c ` + driver.DefaultContainer + `$`, "sparkctl logs $1/$2 --driver-only"},
		{"kubectl logs", `kubectl logs -n (\S+) (\S+) -c (\S+)`, "sparkctl logs $1/$2 --driver-only -c $3"},
		{"kubectl describe pod", `kubectl describe pod -n (\S+) (\S+)`, "sparkctl events $1/$2"},
		{"kubectl delete pod", `kubectl delete pod -n (\S+) ([^\s;]+)`, "sparkctl kill $1/$2"},
		{"sensor -n", `sensor -n (\S+) --pod ([^\s;]+)`, "sparkctl wait $1/$2"},
		{"sensor --pod", `follow it again with sensor --pod`, "ask again"},
		{"--namespace and --pod", `check --namespace and --pod, or look`, "look"},
		{"examples/rbac", `a Role is in examples/rbac/(driver)\.yaml`, "sparkctl rbac --for $1 prints a Role"},
		{"examples/rbac", `give the service account the verbs .* \(a Role is in examples/rbac/sensor\.yaml\)`, "ask for the Role that this prints: sparkctl rbac --for cli"},
	} {
		if strings.Contains(hint, of.word) {
			hint = pattern.Of(of.theirs).ReplaceAllString(hint, of.ours)
		}
	}
	return hint
}

// Calling is the application with hints that call a program by another name.
func (a Application) Calling(program, name string) Application {
	if a.Cause != nil {
		told := *a.Cause
		told.Hint = strings.ReplaceAll(told.Hint, program+" ", name+" ")
		a.Cause = &told
	}
	return a
}

// advised is a cause whose hint is in this program's words.
func advised(cause *xcom.Cause) *xcom.Cause {
	if cause == nil {
		return cause
	}
	told := *cause
	told.Hint = Advice(cause.Hint)
	return &told
}
