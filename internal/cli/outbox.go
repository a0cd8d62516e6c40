// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"unicode/utf8"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/xcom"
)

// resultFlags say where a result goes.
type resultFlags struct {
	file        string
	maxBytes    int
	termination string
}

func (f *resultFlags) add(flags *flagSet) {
	flags.StringVar(&f.file, "result-file", "", "file the result is written to; without it "+xcom.DefaultFile+" when that folder exists")
	flags.IntVar(&f.maxBytes, "result-max-bytes", xcom.DefaultBytes, "size the result is made to fit (Tekton: 1024)")
	flags.StringVar(&f.termination, "termination-log", "/dev/termination-log", "file one sentence for people is written to, when it exists")
}

// outbox is the way a result leaves: the file at every state, and at the end also one
// line on standard output and a sentence in the termination log.
type outbox struct {
	file        *xcom.File // nil when nobody wants a file
	maxBytes    int
	termination string
	stdout      io.Writer
	log         *slog.Logger
	meter       meter

	mu   sync.Mutex
	last xcom.Result
}

// check refuses places where no result can be written to.
func (f resultFlags) check() error {
	if f.maxBytes < xcom.MinBytes {
		return problem.Usage("give at least that", "--result-max-bytes %d is too small: a result's identity needs up to %d", f.maxBytes, xcom.MinBytes)
	}
	path := f.path()
	if path == "" {
		return nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return problem.Usage("name a file in it", "the result file %s is a folder", path)
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return problem.Usage("create it, or mount a volume there", "the folder of the result file %s does not exist", path)
	}
	return nil
}

// open writes the first result, and by that makes sure that results can be written.
func (f resultFlags) open(env Env, log *slog.Logger, first xcom.Result) (*outbox, error) {
	o := &outbox{maxBytes: f.maxBytes, termination: f.termination, stdout: env.Stdout, log: log, last: first}
	path := f.path()
	if path == "" {
		return o, nil
	}
	o.file = &xcom.File{Path: path, MaxBytes: f.maxBytes}
	if err := o.file.Write(first); err != nil {
		return nil, problem.Usage("make the folder writable for the user we run as, in a pod with securityContext.fsGroup", "the result cannot be written: %w", err)
	}
	return o, nil
}

// path is where the document goes; empty when nowhere.
func (f resultFlags) path() string {
	if f.file != "" {
		return f.file
	}
	if info, err := os.Stat(xcom.DefaultDir); err == nil && info.IsDir() {
		return xcom.DefaultFile
	}
	return ""
}

// put replaces the document. A disk that fails does not end the work.
func (o *outbox) put(r xcom.Result) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last = r
	o.meter.result(r)
	if o.file == nil {
		return
	}
	if err := o.file.Write(r); err != nil {
		o.log.Error("the result could not be written", "error", err)
	}
}

// latest is the last document that was put.
func (o *outbox) latest() xcom.Result {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.last
}

// finish prints the last document as the last line of standard output, and leaves a sentence for people.
func (o *outbox) finish() {
	r := o.latest()
	line, err := xcom.Encode(r, o.maxBytes)
	if err == nil {
		_, err = o.stdout.Write(line)
	}
	if err != nil {
		o.log.Error("the result could not be printed", "error", err)
	}
	if err := writeInPlace(o.termination, Sentence(r)); err != nil {
		o.log.Warn("the termination message could not be written", "error", err)
	}
}

// Sentence says a result to a person, on one line of at most 1 KiB, which is what
// orchestrators show of a pod that has ended.
func Sentence(r xcom.Result) string {
	const most = 1023 // and the end of the line
	text := string(r.State)
	if r.PodName != "" {
		text += fmt.Sprintf(": driver %s/%s", r.Namespace, r.PodName)
	}
	if r.Cause != nil {
		text += ": " + r.Cause.Message
		if r.Cause.Hint != "" {
			text += " (" + r.Cause.Hint + ")"
		}
	}
	for len(text) > most {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return text
}

// writeInPlace writes a file that exists. The termination log is a mounted file: it can be
// neither renamed over nor made.
func writeInPlace(path, text string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	if os.IsNotExist(err) || path == "" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open termination log: %w", err)
	}
	_, err = file.WriteString(text + "\n")
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return fmt.Errorf("write termination log: %w", err)
	}
	return nil
}
