// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// ahead is how many lines of each log are read ahead of their turn.
const ahead = 256

// stamped is a line and its time.
type stamped struct {
	at   time.Time
	text string
}

// mergeLogs reads logs at the same time and hands their lines on in the order of their times. Each log keeps its own
// order, and of lines of one moment those of the first log come first. idle is called before it waits for more. It
// returns each log's error.
func mergeLogs(ctx context.Context, logs []*logSource, line func(s *logSource, l stamped), idle func()) []error {
	errs := make([]error, len(logs))
	all := make([]*head, len(logs))
	for i, s := range logs {
		all[i] = &head{source: s, number: i, lines: make(chan stamped, ahead)}
		go func() {
			defer close(all[i].lines)
			errs[i] = readInto(ctx, s, all[i].lines)
		}()
	}
	// turns are the logs that have more, in the order of their next lines.
	var turns []*head
	take := func(h *head) {
		if h.next(idle) {
			at, _ := slices.BinarySearchFunc(turns, h, before)
			turns = slices.Insert(turns, at, h)
		}
	}
	for _, h := range all {
		take(h)
	}
	for len(turns) > 0 {
		first := turns[0]
		line(first.source, first.line)
		turns = slices.Delete(turns, 0, 1)
		take(first)
	}
	return errs
}

// readInto reads what a log holds now into lines.
func readInto(ctx context.Context, s *logSource, lines chan<- stamped) error {
	direct := s.follower.Stamped
	defer func() { s.follower.Stamped = direct }()
	s.follower.Stamped = func(at time.Time, text string) {
		select {
		case lines <- stamped{at, text}:
		case <-ctx.Done():
		}
	}
	return s.follower.Read(ctx)
}

// head is the next line of a log.
type head struct {
	source *logSource
	number int
	lines  chan stamped
	line   stamped
	// turn is when it is the line's turn: never before the line that came before it in its log.
	turn time.Time
}

// next waits for the next line; ok is false at the log's end.
func (h *head) next(idle func()) (ok bool) {
	select {
	case h.line, ok = <-h.lines:
	default:
		idle()
		h.line, ok = <-h.lines
	}
	if h.line.at.After(h.turn) {
		h.turn = h.line.at
	}
	return ok
}

func before(a, b *head) int {
	return cmp.Or(a.turn.Compare(b.turn), cmp.Compare(a.number, b.number))
}
