// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package xcom

// ExitCode is what submitter, sensor and sparkctl end with. The numbers are a
// promise. 64, 65, 125 and everything above are never used: orchestrators,
// shells and runtimes give them meanings of their own.
type ExitCode int

// The exit codes.
const (
	// ExitOK: the driver succeeded, or was submitted when not waiting.
	ExitOK ExitCode = 0
	// ExitUsage: a mistake in flags, arguments or configuration; nothing was created.
	ExitUsage ExitCode = 2
	// ExitRefused: the submission failed and would fail again.
	ExitRefused ExitCode = 80
	// ExitRetry: the submission failed, and trying again is safe.
	ExitRetry ExitCode = 81
	// ExitNotStarted: the driver could not start.
	ExitNotStarted ExitCode = 82
	// ExitLost: the driver was deleted, evicted or lost with its node; wins over the driver's own code.
	ExitLost ExitCode = 83
	// ExitDeadline: a deadline passed.
	ExitDeadline ExitCode = 84
	// ExitBlind: the driver cannot be observed: no permission, or the API server is away for too long.
	ExitBlind ExitCode = 85
	// ExitCancelled: the caller asked for the end.
	ExitCancelled ExitCode = 86
	// ExitConflict: another driver stands where this one would be.
	ExitConflict ExitCode = 87
	// ExitThrottled: throttled for too long; reserved.
	ExitThrottled ExitCode = 88
	// ExitDriver: the driver failed with a code that cannot be passed on; the true one is in the result.
	ExitDriver ExitCode = 89
)

// ForDriver returns the exit code that passes on a driver's own code: the
// same number where it is free, [ExitDriver] where it is not.
func ForDriver(code int) ExitCode {
	switch {
	case code == 0, code == 1, 3 <= code && code <= 63, 66 <= code && code <= 79, 90 <= code && code <= 124:
		return ExitCode(code)
	default:
		return ExitDriver
	}
}

// ExitMeaning is one row of the table of exit codes.
type ExitMeaning struct {
	// The code, or the range of codes, as written in the documentation.
	Codes string
	// What it means.
	Meaning string
}

// ExitMeanings is the table of exit codes as it stands in the documentation.
func ExitMeanings() []ExitMeaning {
	return []ExitMeaning{
		{"0", "the driver succeeded, or was submitted when not waiting"},
		{"2", "usage or configuration: nothing was created"},
		{"1, 3-63, 66-79, 90-124", "the driver failed with this code of its own"},
		{"80", "the submission failed, or would fail (sparkctl doctor); or a removal did (kill, delete, sweep): the same would fail again"},
		{"81", "the submission, or a removal (kill, delete, sweep), failed; trying again is safe"},
		{"82", "the driver could not start"},
		{"83", "the driver was lost: deleted, evicted, or gone with its node (wins over its own code)"},
		{"84", "a deadline passed"},
		{"85", "the driver cannot be observed: no permission, or the API server was away for too long"},
		{"86", "cancelled"},
		{"87", "conflict: another driver stands where this one would be"},
		{"88", "throttled for too long (reserved)"},
		{"89", "the driver failed with a code that cannot be passed on; the true one is in the result"},
	}
}

// Exit returns the exit code that tells what r says: of a final result the code that the program
// that wrote it ended with, of any other 0.
func (r Result) Exit() ExitCode {
	switch {
	case r.State == NotSubmitted && r.ExitCode != nil && ours(*r.ExitCode):
		return ExitCode(*r.ExitCode)
	case r.State == NotSubmitted:
		return ExitRefused
	case r.State == Lost:
		return ExitLost
	case r.State == Cancelled:
		return ExitCancelled
	case r.State != Failed:
		return ExitOK
	case r.Cause != nil && waitedFor(r.Cause.Category):
		return ExitDeadline
	case r.ExitCode != nil && *r.ExitCode != 0:
		return ForDriver(*r.ExitCode)
	default:
		return ExitNotStarted
	}
}

// waitedFor reports whether a failure of that category is that of a deadline: a driver that queues or
// that no node has room for fails only because somebody does not wait any longer.
func waitedFor(c Category) bool {
	return c == CategoryDeadline || c == CategoryScheduling || c == CategoryQueued
}

// ours reports whether a submitter that made no driver can have ended with that code.
func ours(code int) bool {
	return code == int(ExitUsage) || int(ExitRefused) <= code && code < int(ExitDriver)
}
