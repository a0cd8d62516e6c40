// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparksubmit

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/sparkctl/sparkctl/internal/lines"
)

// straggling is how long output may still come when the child has ended. A process that it
// left behind can hold its streams open for ever.
const straggling = 2 * time.Second

// runLines runs cmd and hands over its streams line by line.
func runLines(cmd *exec.Cmd, stdout, stderr func(string)) error {
	out, outEnd, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("open its standard output: %w", err)
	}
	defer out.Close()
	errs, errsEnd, err := os.Pipe()
	if err != nil {
		_ = outEnd.Close()
		return fmt.Errorf("open its standard error: %w", err)
	}
	defer errs.Close()
	cmd.Stdout, cmd.Stderr = outEnd, errsEnd
	err = cmd.Start()
	// Ours to write to no more: the streams end when the last process that has them has ended.
	_, _ = outEnd.Close(), errsEnd.Close()
	if err != nil {
		return err
	}
	var streams sync.WaitGroup
	streams.Go(func() { copyLines(drained{out}, stdout) })
	streams.Go(func() { copyLines(drained{errs}, stderr) })
	err = cmd.Wait()
	enough := time.Now().Add(straggling)
	// A pipe always has deadlines; if it had none, we would wait for its end.
	_, _ = out.SetReadDeadline(enough), errs.SetReadDeadline(enough)
	streams.Wait()
	return err
}

// drained is a pipe whose deadline does not cut off what has been written already: where our own
// output goes may be slow.
type drained struct{ *os.File }

func (d drained) Read(p []byte) (int, error) {
	n, err := d.File.Read(p)
	if errors.Is(err, os.ErrDeadlineExceeded) && d.SetReadDeadline(time.Now().Add(10*time.Millisecond)) == nil {
		n, err = d.File.Read(p)
	}
	return n, err
}

// copyLines hands over a stream line by line until it ends; a read error is its end.
func copyLines(stream io.Reader, line func(string)) {
	reader := bufio.NewReader(stream)
	for {
		text, err := lines.Read(reader)
		if n := len(text); n > 0 && text[n-1] == '\n' {
			text = text[:n-1]
		} else if text == "" && err != nil {
			return
		}
		line(text)
		if err != nil {
			return
		}
	}
}
