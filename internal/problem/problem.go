// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Package problem is what can go wrong told to a person: one sentence, one
// hint that names the flag or command to try, one documented exit code.
//
// [Error] carries the three through the libraries; internal/cli is the one
// place that prints them.
package problem

import (
	"fmt"
	"strings"

	"github.com/sparkctl/sparkctl/xcom"
)

// Error is an error with a hint and an exit code. When it ends a submission
// that made no driver, its cause goes into the result.
type Error struct {
	// Code the program ends with.
	Code xcom.ExitCode
	// Cause as it stands in a result; Cause.Message is the sentence, Cause.Hint the hint.
	Cause xcom.Cause
	// Err is what is wrapped, if anything.
	Err error
}

// Error is the sentence.
func (e *Error) Error() string { return e.Cause.Message }

// Unwrap gives what is wrapped.
func (e *Error) Unwrap() error { return e.Err }

// Hint says what to try next.
func (e *Error) Hint() string { return e.Cause.Hint }

// ExitCode is the code the program ends with.
func (e *Error) ExitCode() xcom.ExitCode { return e.Code }

// Usage is a mistake in flags, arguments or configuration: exit code 2, nothing created.
func Usage(hint, format string, args ...any) *Error {
	return New(xcom.ExitUsage, xcom.CategoryConfig, "Usage", hint, format, args...)
}

// New makes an error with a code, a category and a reason. A %w in format wraps.
func New(code xcom.ExitCode, category xcom.Category, reason, hint, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{
		Code:  code,
		Cause: xcom.Cause{Category: category, Reason: reason, Message: err.Error(), Hint: hint},
		Err:   err,
	}
}

// Retryable sets whether trying again may end differently, and returns e.
func (e *Error) Retryable(retryable bool) *Error {
	e.Cause.Retryable = &retryable
	return e
}

// Rule is what apimachinery's validation says of a wrong name, without the regular expression behind it.
func Rule(wrong []string) string {
	rule, _, _ := strings.Cut(strings.Join(wrong, "; "), " (e.g.")
	return rule
}
