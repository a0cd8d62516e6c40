// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package progress

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestReporter(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	var out bytes.Buffer
	r := New(&out, func() time.Time { return now })
	inner := func(context.Context) error {
		now = now.Add(Quiet - time.Second)
		r.Remind() // too early
		now = now.Add(time.Second)
		r.Remind()
		now = now.Add(50 * time.Second)
		return nil
	}
	if err := r.Do(t.Context(), "build etcd", "", inner); err != nil {
		t.Fatal(err)
	}
	r.Remind() // nothing runs
	stopped := func(context.Context) error { return fmt.Errorf("build: %w", context.Canceled) }
	if err := r.Do(t.Context(), "build coredns", "", stopped); !errors.Is(err, context.Canceled) {
		t.Errorf("Do() = %v", err)
	}
	want := "[  0.0s] build etcd ...\n" +
		"[ 15.0s] still at it: build etcd (for 15.0s)\n" +
		"[ 1m05s] build etcd: done in 1m05s\n" +
		"[ 1m05s] build coredns ...\n" +
		"[ 1m05s] build coredns: stopped after 0.0s\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("output mismatch (-want +got):\n%s", diff)
	}
}

func TestFailureNamesThePartAndTheEndOfItsLog(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "etcd.log")
	var lines bytes.Buffer
	for i := range 40 {
		_, _ = fmt.Fprintf(&lines, "line %d\n", i)
	}
	if err := os.WriteFile(log, lines.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	r := New(&bytes.Buffer{}, time.Now)
	cause := errors.New("it has ended")
	err := r.Do(t.Context(), "whole", "", func(ctx context.Context) error {
		return r.Do(ctx, "etcd", log, func(context.Context) error { return cause })
	})
	got, ok := errors.AsType[*Error](err)
	if !ok || got.Part != "etcd" || !errors.Is(err, cause) {
		t.Fatalf("Do() = %v, want the failure of etcd", err)
	}
	if len(got.Tail) != 15 || got.Tail[14] != "line 39" {
		t.Errorf("Tail = %q", got.Tail)
	}
}

func TestTail(t *testing.T) {
	tests := []struct {
		name    string
		content string
		want    []string
	}{
		{"an empty log has no last line", "", nil},
		{"a short log is all there", "a\nb\n", []string{"a", "b"}},
		{"a long log keeps its end", "a\nb\nc\nd\n", []string{"b", "c", "d"}},
		{"a last line without an end counts", "a\nb", []string{"a", "b"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "log")
			if err := os.WriteFile(file, []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, Tail(file, 3)); diff != "" {
				t.Errorf("Tail() mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTogether(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	err := Together(t.Context(),
		func(context.Context) error { return broken },
		func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
	)
	if !errors.Is(err, broken) {
		t.Errorf("Together() = %v, want the first failure, not what it caused", err)
	}
}
