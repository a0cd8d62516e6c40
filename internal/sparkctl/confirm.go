// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/internal/sparkctl/view"
	"github.com/sparkctl/sparkctl/xcom"
)

// shown is how many applications are shown to who is asked about them.
const shown = 20

// confirm asks whether what was chosen may go. Where nobody can be asked that is an error.
func (l *looking) confirm(ctx context.Context, all []doomed) error {
	list := view.List{Items: []view.Application{}}
	for _, d := range all {
		list.Items = append(list.Items, d.app)
	}
	list.Sort("age", false, l.now)
	what := counted(len(all), "application", "applications") + " " + l.where()
	if !asks(l.env) {
		return problem.Usage("look first with --dry-run, then give --yes", "%s would be deleted, and nobody can be asked: standard input is no terminal", what)
	}
	rest := max(0, len(list.Items)-shown)
	list.Items = list.Items[:len(list.Items)-rest]
	if err := list.WriteTable(l.env.Stderr, l.now, false, l.namespace == "", false); err != nil {
		return err
	}
	if rest > 0 {
		_, _ = fmt.Fprintf(l.env.Stderr, "... and %d more\n", rest)
	}
	_, _ = fmt.Fprintf(l.env.Stderr, "Delete %s? [y/N] ", what)
	answer, err := readLine(ctx, l.env.Stdin)
	switch {
	case ctx.Err() != nil:
		_, _ = fmt.Fprintln(l.env.Stderr)
		return problem.New(xcom.ExitCancelled, xcom.CategoryCancelled, "Cancelled", "", "stopped before anything was deleted: %w", context.Cause(ctx))
	case err != nil:
		_, _ = fmt.Fprintln(l.env.Stderr) // Ctrl-D is no yes
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	default:
		return problem.New(xcom.ExitCancelled, xcom.CategoryCancelled, "Cancelled", "answer y to go on, or give --yes", "nothing was deleted")
	}
}

// readLine reads a line, or until ctx ends: then the reading is left behind, as nothing ends that of a terminal.
func readLine(ctx context.Context, from io.Reader) (string, error) {
	type line struct {
		text string
		err  error
	}
	read := make(chan line, 1)
	go func() {
		text, err := bufio.NewReader(from).ReadString('\n')
		read <- line{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case l := <-read:
		return l.text, l.err
	}
}

// asks reports whether somebody may sit before standard input: it is a terminal, and not the device that is always empty, which looks like one.
func asks(env cli.Env) bool {
	file, ok := env.Stdin.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}
