// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package lines_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparkctl/sparkctl/internal/lines"
)

func TestRead(t *testing.T) {
	long := strings.Repeat("x", lines.Max)
	tests := []struct {
		name, text string
		want       []string
	}{
		{name: "nothing is no line"},
		{name: "lines come with their ends", text: "a\n\nb\n", want: []string{"a\n", "\n", "b\n"}},
		{name: "a last line without an end is a line", text: "a\nb", want: []string{"a\n", "b"}},
		{name: "a line that just fits is whole", text: long + "\nb\n", want: []string{long + "\n", "b\n"}},
		{name: "a longer line is cut, and the next is whole", text: long + long + "\nb\n", want: []string{long + "x [cut: longer than 1 MiB]", "b\n"}},
		{name: "a longer line without an end is cut", text: long + long, want: []string{long + "x [cut: longer than 1 MiB]"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			reader := bufio.NewReader(strings.NewReader(tt.text))
			var got []string
			for {
				line, err := lines.Read(reader)
				if line != "" {
					got = append(got, line)
				}
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Read() mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTailKeepsTheEndAndStaysSmall(t *testing.T) {
	var tail lines.Tail
	for i := range 5000 {
		tail.Add(fmt.Sprintf("%d %s", i, strings.Repeat("x", i)))
		kept := tail.Lines()
		if last := kept[len(kept)-1]; !strings.HasPrefix(last, fmt.Sprint(i, " ")) || len(last) > 4096 {
			t.Fatalf("the last line kept has %d bytes and begins %.10q", len(last), last)
		}
		if len(kept) > 1000 || len(kept) < min(i+1, 500) {
			t.Fatalf("%d lines of %d are kept", len(kept), i+1)
		}
	}
}
