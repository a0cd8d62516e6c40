// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"hash/maphash"
	"maps"
	"time"
)

// logSlack is how much older than the newest line one may be that comes after it: the runtime stamps standard
// output and standard error apart, and then writes them one after the other.
const logSlack = 200 * time.Millisecond

// mark identifies a line of a log.
type mark struct {
	at  int64 // nanoseconds
	sum uint64
}

// seen knows the lines that were written in the last second or two, which a new connection
// brings again. The zero value has seen none.
type seen struct {
	seed   maphash.Seed
	newest time.Time
	from   time.Time // lines that are older are forgotten
	lines  map[mark]int
}

// since is the time from which on a new connection is to bring the log; zero: from its start.
func (s *seen) since() time.Time { return s.from }

func (s *seen) mark(at time.Time, text string) mark {
	return mark{at.UnixNano(), maphash.String(s.seed, text)}
}

func (s *seen) add(at time.Time, text string) {
	if s.lines == nil {
		s.lines, s.seed = map[mark]int{}, maphash.MakeSeed()
	}
	if at.After(s.newest) {
		s.newest = at
		if from := at.Add(-logSlack).Truncate(time.Second); from.After(s.from) {
			s.from = from
			maps.DeleteFunc(s.lines, func(m mark, _ int) bool { return m.at < from.UnixNano() })
		}
	}
	if !at.Before(s.from) {
		s.lines[s.mark(at, text)]++
	}
}

// again returns the lines that a new connection brings again.
func (s *seen) again() repeats {
	return repeats{seen: s, left: maps.Clone(s.lines), all: len(s.lines), from: s.from}
}

// repeats are the lines that a connection still has to bring again.
type repeats struct {
	seen *seen
	left map[mark]int
	all  int
	from time.Time
}

// rotated reports that a complete stream brought nothing of what it should: the kubelet has begun a new file.
func (r *repeats) rotated() bool { return len(r.left) == r.all }

// has reports whether a line was written before this connection, each as often as it was written.
func (r *repeats) has(at time.Time, text string) bool {
	if len(r.left) == 0 {
		return false
	}
	m := r.seen.mark(at, text)
	n := r.left[m]
	switch {
	case n > 1:
		r.left[m] = n - 1
	case n == 1:
		delete(r.left, m)
	default:
		// A server that does not know sinceTime brings everything again.
		return at.Before(r.from)
	}
	return true
}
