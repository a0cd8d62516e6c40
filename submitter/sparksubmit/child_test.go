// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build unix

package sparksubmit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/xcom"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// child is a shell that runs a script in spark-submit's place, and what it said.
type child struct {
	mu     sync.Mutex
	stdout []string
	stderr []string
	// heard is called with each line of its standard output.
	heard func(line string)
}

// run runs the script to its end.
func (c *child) run(ctx context.Context, script string) error {
	engine := Engine{
		Path: "/bin/sh", Env: os.Environ(), Log: slog.New(slog.DiscardHandler),
		Stdout: func(line string) {
			c.mu.Lock()
			c.stdout = append(c.stdout, line)
			c.mu.Unlock()
			if c.heard != nil {
				c.heard(line)
			}
		},
		Stderr: func(line string) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.stderr = append(c.stderr, line)
		},
	}
	_, err := engine.Submit(ctx, submitter.Plan{Application: submitter.Application{MainFile: "-c", Arguments: []string{script}}})
	return err
}

// told is a *problem.Error's code and sentence; "" for no error.
func told(t *testing.T, err error) string {
	t.Helper()
	var p *problem.Error
	switch {
	case err == nil:
		return ""
	case !errors.As(err, &p):
		t.Fatalf("%v is no *problem.Error", err)
	}
	return fmt.Sprintf("%d %s", p.ExitCode(), p)
}

func TestTheChildsStreamsAreHandedOverLineByLine(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1<<20)
	for name, test := range map[string]struct {
		script         string
		stdout, stderr []string
	}{
		"each to its own":                    {"echo a; echo b >&2; echo c", []string{"a", "c"}, []string{"b"}},
		"empty lines too":                    {`printf '\n\na\n\n'`, []string{"", "", "a", ""}, nil},
		"the last one without an end":        {`printf 'a\nb'; printf c >&2`, []string{"a", "b"}, []string{"c"}},
		"a carriage return is of its line":   {`printf 'a\r\n'`, []string{"a\r"}, nil},
		"a line of a megabyte is one line":   {"head -c 1048576 /dev/zero | tr '\\0' x; echo; echo end", []string{long, "end"}, nil},
		"nothing, where nothing is said":     {"true", nil, nil},
		"what a child of its own says later": {"(sleep 0.2; echo late) & echo early", []string{"early", "late"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &child{}
			if err := c.run(t.Context(), test.script); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff([][]string{test.stdout, test.stderr}, [][]string{c.stdout, c.stderr}); diff != "" {
				t.Errorf("-want +got:\n%.2000s", diff)
			}
		})
	}
}

func TestTheChildsEndIsTold(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]string{
		"exit 0":                          "",
		"exit 3":                          "80 spark-submit ended with code 3 and said nothing",
		"echo some; echo why >&2; exit 1": "80 spark-submit ended with code 1: why",
		"echo why; exit 1":                "80 spark-submit ended with code 1: why",
		"kill -KILL $$":                   "81 spark-submit was killed (SIGKILL), often for lack of memory",
		"kill -TERM $$":                   "86 spark-submit was asked to end (exit code 143) before it had made the driver",
		"exit 137":                        "81 spark-submit was killed (SIGKILL), often for lack of memory",
	} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			if got := told(t, (&child{}).run(t.Context(), script)); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

func TestTheChildHasAProcessGroupOfItsOwn(t *testing.T) {
	t.Parallel()
	var group, pid int
	c := &child{heard: func(line string) {
		pid, _ = strconv.Atoi(line)
		group, _ = syscall.Getpgid(pid)
	}}
	// The child waits until it has been looked at.
	if err := c.run(t.Context(), `echo $$; sleep 0.5`); err != nil {
		t.Fatal(err)
	}
	if group != pid || group == syscall.Getpgrp() {
		t.Errorf("child %d is in group %d, we are in %d", pid, group, syscall.Getpgrp())
	}
}

func TestTheContextsEndAsksTheWholeGroupToEndAndWaits(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		script string
		want   string
		said   []string
	}{
		"children of the child too": {
			`trap 'wait; echo child; exit 143' TERM
			sh -c 'trap "echo grandchild; exit 0" TERM; echo ready; while :; do sleep 0.05; done' &
			while :; do sleep 0.05; done`,
			"86 spark-submit was asked to end (exit code 143) before it had made the driver",
			[]string{"ready", "grandchild", "child"},
		},
		"and one that finishes its work has done it": {
			`trap 'echo finished; exit 0' TERM; echo ready; while :; do sleep 0.05; done`,
			"",
			[]string{"ready", "finished"},
		},
		"and one that does not listen is not killed": {
			`trap '' TERM; echo ready; sleep 1; echo done`,
			"",
			[]string{"ready", "done"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			c := &child{heard: func(line string) {
				if line == "ready" {
					cancel()
				}
			}}
			if got := told(t, c.run(ctx, test.script)); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
			if diff := cmp.Diff(test.said, c.stdout); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestAChildThatDoesNotListenIsNotWaitedForWithoutEnd(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan struct{})
	c := &child{heard: func(line string) {
		if line == "ready" {
			cancel()
		} else {
			close(ended)
		}
	}}
	got := told(t, c.run(ctx, `trap '' TERM; echo ready; sleep 5; echo ended`))
	if want := "86 spark-submit does not end when it is asked to, and what it has made is not known"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	<-ended
}

func TestAProcessThatTheChildLeftBehindHoldsNothingUp(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"and says nothing":          "sleep 60 & echo $!; echo done",
		"and says something all on": "(while sleep 0.5; do echo tick; done) & echo $!; echo done",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &child{}
			start := time.Now()
			if err := c.run(t.Context(), script); err != nil {
				t.Error(err)
			}
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("took %s", took)
			}
			left, err := strconv.Atoi(c.stdout[0])
			if err != nil || c.stdout[1] != "done" {
				t.Fatalf("%q", c.stdout)
			}
			_ = syscall.Kill(left, syscall.SIGKILL)
		})
	}
}

func TestSlowReadersLoseNothingOfAChildThatHasEnded(t *testing.T) {
	t.Parallel()
	slow := sync.OnceFunc(func() { time.Sleep(straggling + 500*time.Millisecond) })
	c := &child{heard: func(string) { slow() }}
	if err := c.run(t.Context(), "sleep 5 & for i in 0 1 2 3 4 5 6 7 8 9; do for j in 0 1 2 3 4 5 6 7 8 9; do echo $i$j 0123456789 0123456789 0123456789 0123456789 0123456789; done; done"); err != nil {
		t.Fatal(err)
	}
	if len(c.stdout) != 100 || !strings.HasPrefix(c.stdout[99], "99 ") {
		t.Errorf("%d of 100 lines, the last one %q", len(c.stdout), c.stdout[len(c.stdout)-1])
	}
}

func TestTheChildMayFailToStart(t *testing.T) {
	t.Parallel()
	engine := Engine{Path: t.TempDir() + "/absent", Log: slog.New(slog.DiscardHandler)}
	_, err := engine.Submit(t.Context(), submitter.Plan{})
	if got, want := told(t, err), fmt.Sprintf("%d start spark-submit: fork/exec %s: no such file or directory", xcom.ExitRefused, engine.Path); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("SIGTERM"))
	if got, want := told(t, (&child{}).run(ctx, "exit 0")), "86 stopped before spark-submit was started: SIGTERM"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
