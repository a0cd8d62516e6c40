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

// exit ends a program with a code after everything has been said: err is what Report prints, nil for nothing.
type exit struct {
	code xcom.ExitCode
	err  error
}

func (e *exit) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// coded is an error that knows the code to end with, hinted one that knows what to try next.
type (
	coded interface {
		error
		ExitCode() xcom.ExitCode
	}
	hinted interface {
		error
		Hint() string
	}
)

// Report tells a person what went wrong, one sentence and one hint, and returns the exit code.
func Report(w io.Writer, program string, err error) int {
	code := codeOf(err)
	if end := (*exit)(nil); errors.As(err, &end) {
		code, err = end.code, end.err
	}
	if err == nil {
		return int(code)
	}
	// A terminal that is gone is no reason to end differently.
	_, _ = fmt.Fprintf(w, "%s: error: %v\n", program, err)
	if hint := hintOf(err); hint != "" {
		_, _ = fmt.Fprintf(w, "%s: hint: %s\n", program, hint)
	}
	return int(code)
}

// reportJSON does what Report does in a log for programs.
func reportJSON(w io.Writer, program string, err error) int {
	code := codeOf(err)
	if end := (*exit)(nil); errors.As(err, &end) {
		code, err = end.code, end.err
	}
	if err == nil {
		return int(code)
	}
	attrs := []any{"exit_code", int(code)}
	if hint := hintOf(err); hint != "" {
		attrs = append(attrs, "hint", hint)
	}
	if log, wrong := newLog(w, program, "json"); wrong == nil {
		log.Error(err.Error(), attrs...)
	}
	return int(code)
}

// causeOf is what a result says of an error.
func causeOf(err error) *xcom.Cause {
	if p, ok := errors.AsType[*problem.Error](err); ok {
		cause := p.Cause
		return &cause
	}
	return &xcom.Cause{Category: xcom.CategoryConfig, Reason: "Usage", Message: err.Error(), Hint: hintOf(err)}
}

func hintOf(err error) string {
	if h, ok := errors.AsType[hinted](err); ok {
		return h.Hint()
	}
	return ""
}

// codeOf is the exit code of an error; one that knows none is a mistake in usage.
func codeOf(err error) xcom.ExitCode {
	if err == nil {
		return xcom.ExitOK
	}
	if c, ok := errors.AsType[coded](err); ok {
		return c.ExitCode()
	}
	return xcom.ExitUsage
}
