// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/xcom"
)

// Times of the waiting for a launcher's result.
const (
	resultPoll = 200 * time.Millisecond
	resultTold = time.Minute
	// A launcher replaces its result in one step. Whoever copies one may be caught halfway; a text that is
	// no result and stays the same for so long is a mistake.
	resultSettled = 5 * time.Second
)

// resultWait is the waiting for a launcher's result.
type resultWait struct {
	path  string
	limit time.Duration

	text  []byte    // that is no result
	since time.Time // when it was first read
	state xcom.State
}

// await returns the launcher's result as soon as it names a driver or is final.
func (w *resultWait) await(ctx context.Context, log *slog.Logger) ([]byte, error) {
	began := time.Now()
	log.Info("waiting for the launcher's result", "path", w.path, "giving_up_after", w.limit.String())
	poll := time.NewTicker(resultPoll)
	defer poll.Stop()
	for told := began; ; {
		text, err := readResult(w.path)
		now := time.Now()
		done, err := w.look(now, text, err)
		switch {
		case err != nil:
			return nil, err
		case done:
			return text, nil
		case now.Sub(began) >= w.limit:
			return nil, w.over()
		case now.Sub(told) >= resultTold:
			told = now
			log.Info("still waiting for the launcher's result", "path", w.path, "state", w.says(), "after", now.Sub(began).Round(time.Second).String())
		}
		select {
		case <-ctx.Done():
			return nil, problem.New(xcom.ExitCancelled, xcom.CategoryCancelled, "Cancelled", "", "stopped while waiting for the launcher's result: %w", context.Cause(ctx))
		case <-poll.C:
		}
	}
}

// look judges what was read at a moment: done when there is no more to wait for, an error when waiting cannot help.
func (w *resultWait) look(now time.Time, text []byte, failed error) (done bool, err error) {
	switch {
	case errors.Is(failed, os.ErrNotExist):
		return false, nil
	case failed != nil:
		return false, problem.Usage("check what --from-result names, and that it is readable for the user we run as", "read result: %w", failed)
	case len(bytes.TrimSpace(text)) == 0:
		return false, nil
	}
	r, err := xcom.Read(text)
	if err == nil {
		w.text, w.state = nil, r.State
		return r.PodName != "" || r.State.Final(), nil
	}
	if w.text == nil || !bytes.Equal(w.text, text) {
		w.text, w.since = text, now
	}
	if now.Sub(w.since) >= resultSettled {
		return false, err
	}
	return false, nil
}

// over is the end of the waiting when the time is up.
func (w *resultWait) over() error {
	return problem.New(xcom.ExitDeadline, xcom.CategoryDeadline, "ResultTimeout",
		"look at the launcher's log, check that it writes its --result-file to a volume that both containers mount, or raise --wait-for-result",
		"no driver was named within %s in %s: %s", w.limit, w.path, w.says())
}

// says is what the launcher has said so far.
func (w *resultWait) says() string {
	switch {
	case w.text != nil:
		return "it holds no result"
	case w.state != "":
		return "the launcher is at " + string(w.state)
	default:
		return "the launcher has written nothing"
	}
}

// checkWait refuses a waiting that means nothing.
func (o *sensorOptions) checkWait() error {
	switch {
	case o.waitForResult < 0:
		return problem.Usage("give a length of time such as 10m", "--wait-for-result %s is negative", o.waitForResult)
	case o.waitForResult == 0:
		return nil
	case o.fromResult == "" || o.fromResult == "-":
		return problem.Usage("name the launcher's result file with --from-result", "--wait-for-result waits for a file, and none is named")
	}
	same, err := filepath.Abs(o.fromResult)
	own, ownErr := filepath.Abs(o.result.path())
	if err == nil && ownErr == nil && o.result.path() != "" && same == own {
		return problem.Usage("give --result-file another path than --from-result, or mount the launcher's volume at another folder",
			"%s is both the launcher's result and the sensor's: two programs would write one file", own)
	}
	return nil
}
