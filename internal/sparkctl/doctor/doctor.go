// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package doctor tells whether Spark applications can be submitted into a namespace, and if not, why and what mends it.
// [Facts] are what was read of the cluster, [Examine] judges them. It is pure: the API is read elsewhere, and what may not be
// read is unknown, never guessed.
package doctor

import (
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/sparkctl/sparkctl/internal/secret"
)

// Level is how a finding stands.
type Level string

// The levels.
const (
	// OK: nothing is in the way.
	OK Level = "ok"
	// Warning: a submission works, and something about it may not.
	Warning Level = "warning"
	// Problem: a submission, or the application, would fail.
	Problem Level = "problem"
	// Unknown: what tells it cannot be read.
	Unknown Level = "unknown"
)

// Finding is the judgement about one thing.
type Finding struct {
	// Check is what was looked at, in a word or two.
	Check string `json:"check"`
	Level Level  `json:"level"`
	// Message is one sentence.
	Message string `json:"message"`
	// Mend is the command, or the setting, that mends it, or that tells what is unknown.
	Mend string `json:"mend,omitempty"`
}

// Report is everything that was found.
type Report struct {
	// Namespace that would be submitted into.
	Namespace string `json:"namespace"`
	// User is the name of whom it is about; empty if it is not known.
	User string `json:"user,omitempty"`
	// Server is the version of the API server.
	Server string `json:"server,omitempty"`
	// Application that would be submitted; empty if none was named.
	Application string `json:"application,omitempty"`
	// Level is [Problem] if there is one, else [Warning] or [Unknown] if there is one, else [OK].
	Level    Level     `json:"level"`
	Findings []Finding `json:"findings"`
}

// Count is how many findings have that level.
func (r Report) Count(level Level) int {
	n := 0
	for _, f := range r.Findings {
		if f.Level == level {
			n++
		}
	}
	return n
}

// Examine judges what was read.
func Examine(f Facts) Report {
	r := Report{Namespace: f.Namespace, User: f.User, Server: f.Server.Value, Findings: []Finding{}}
	if f.Application != nil {
		r.Application = f.Application.Name
	}
	r.Findings = slices.Concat([]Finding{f.kubernetes(), f.namespace()}, f.rights())
	if !f.Object.absent() {
		r.Findings = slices.Concat(r.Findings, f.account(), f.quotas(), f.limits(), f.podSecurity())
	}
	r.Findings = append(r.Findings, f.dns())
	if f.Application != nil {
		r.Findings = append(r.Findings, f.spark())
	}
	if f.made() != nil {
		r.Findings = slices.Concat(r.Findings, f.objects(), f.server())
	}
	r.Level = OK
	for _, level := range []Level{Unknown, Warning, Problem} {
		if r.Count(level) > 0 {
			r.Level = level
		}
	}
	return r
}

// Read is what a read of the cluster brought: a value, or why there is none.
type Read[T any] struct {
	Value T
	Err   error
}

// absent reports whether the cluster says that there is nothing of the kind.
func (r Read[T]) absent() bool { return apierrors.IsNotFound(r.Err) }

// why is why nothing is known, in a few words.
func (r Read[T]) why() string { return reason(r.Err) }

func reason(err error) string {
	if apierrors.IsForbidden(err) || apierrors.IsUnauthorized(err) {
		return "you have no right to see it"
	}
	return secret.Mask(fmt.Sprint(err))
}
