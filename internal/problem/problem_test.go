// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package problem_test

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/xcom"
)

func TestAProblemIsASentenceAHintAndACode(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		problem *problem.Error
		code    xcom.ExitCode
		cause   xcom.Cause
	}{
		"a mistake of the user's ends with 2": {
			problem.Usage("give it", "no %s", "name"),
			xcom.ExitUsage,
			xcom.Cause{Category: xcom.CategoryConfig, Reason: "Usage", Message: "no name", Hint: "give it"},
		},
		"whether to try again is unknown until it is said": {
			problem.New(xcom.ExitRefused, xcom.CategoryUnknown, "Odd", "", "odd"),
			xcom.ExitRefused,
			xcom.Cause{Category: xcom.CategoryUnknown, Reason: "Odd", Message: "odd"},
		},
		"it is said": {
			problem.New(xcom.ExitRetry, xcom.CategoryAPI, "Unreachable", "wait", "away").Retryable(true),
			xcom.ExitRetry,
			xcom.Cause{Category: xcom.CategoryAPI, Reason: "Unreachable", Message: "away", Hint: "wait", Retryable: new(true)},
		},
		"it is denied": {
			problem.New(xcom.ExitConflict, xcom.CategoryConfig, "AlreadyExists", "", "taken").Retryable(false),
			xcom.ExitConflict,
			xcom.Cause{Category: xcom.CategoryConfig, Reason: "AlreadyExists", Message: "taken", Retryable: new(false)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := test.problem
			if diff := cmp.Diff(test.cause, p.Cause); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if diff := cmp.Diff([]any{test.code, test.cause.Message, test.cause.Hint}, []any{p.ExitCode(), p.Error(), p.Hint()}); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestAProblemKeepsWhatItWraps(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("above: %w", problem.Usage("", "read file: %w", fs.ErrNotExist))
	if !errors.Is(err, fs.ErrNotExist) {
		t.Error("what was wrapped is gone")
	}
	var p *problem.Error
	if !errors.As(err, &p) || p.Error() != "read file: file does not exist" {
		t.Errorf("%v", p)
	}
}
