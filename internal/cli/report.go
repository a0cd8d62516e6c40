// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/xcom"
)

// exit ends a program with a code after everything has been said: err is what report prints, nil for nothing.
type exit struct {
	code xcom.ExitCode
	err  error
}

func (e *exit) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// report tells a person what went wrong, one sentence and one hint, and returns the exit code.
func report(w io.Writer, program string, err error) int {
	code := xcom.ExitUsage
	if end := (*exit)(nil); errors.As(err, &end) {
		code, err = end.code, end.err
	} else if coder, ok := errors.AsType[interface{ ExitCode() xcom.ExitCode }](err); ok {
		code = coder.ExitCode()
	}
	if err == nil {
		return int(code)
	}
	// A terminal that is gone is no reason to end differently.
	_, _ = fmt.Fprintf(w, "%s: error: %v\n", program, err)
	if hinter, ok := errors.AsType[interface{ Hint() string }](err); ok && hinter.Hint() != "" {
		_, _ = fmt.Fprintf(w, "%s: hint: %s\n", program, hinter.Hint())
	}
	return int(code)
}

// causeOf is what a result says of an error.
func causeOf(err error) *xcom.Cause {
	if p := (*problem.Error)(nil); errors.As(err, &p) {
		cause := p.Cause
		return &cause
	}
	cause := xcom.Cause{Category: xcom.CategoryConfig, Reason: "Usage", Message: err.Error()}
	if hinter, ok := errors.AsType[interface{ Hint() string }](err); ok {
		cause.Hint = hinter.Hint()
	}
	return &cause
}

// codeOf is the exit code of an error.
func codeOf(err error) xcom.ExitCode {
	if coder, ok := errors.AsType[interface{ ExitCode() xcom.ExitCode }](err); ok {
		return coder.ExitCode()
	}
	return xcom.ExitUsage
}
