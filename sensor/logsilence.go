// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor

import (
	"context"
	"sync/atomic"
	"time"
)

// Bounds of a log connection's silence: it may be dead without anybody having said so, between here
// and the API server or between that and the kubelet. A driver may well have nothing to say for long.
const (
	logOpenPatience  = 30 * time.Second
	logIdlePatience  = 15 * time.Minute // Kubernetes' own is 4 h
	logEndedPatience = 3 * time.Second  // once the container has ended
	logSilenceTick   = time.Second
)

// silence ends a log connection on which nothing comes for too long.
type silence struct {
	cancel context.CancelFunc
	isOpen atomic.Bool
	paused atomic.Bool
	last   atomic.Int64 // when something came last, in nanoseconds since 1970
	done   chan struct{}
}

// watchSilence returns a context for one connection, which ends when nothing comes on it for too long.
func watchSilence(ctx context.Context, ended func() bool) (context.Context, *silence) {
	ctx, cancel := context.WithCancel(ctx)
	s := &silence{cancel: cancel, done: make(chan struct{})}
	s.heard()
	go func() {
		defer close(s.done)
		tick := time.NewTicker(logSilenceTick)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if !s.paused.Load() && s.lasts() > s.patience(ended()) {
				cancel()
				return
			}
		}
	}()
	return ctx, s
}

func (s *silence) lasts() time.Duration {
	return time.Since(time.Unix(0, s.last.Load()))
}

func (s *silence) patience(ended bool) time.Duration {
	switch {
	case !s.isOpen.Load():
		return logOpenPatience
	case ended:
		return logEndedPatience
	default:
		return logIdlePatience
	}
}

func (s *silence) opened() {
	s.heard()
	s.isOpen.Store(true)
}

func (s *silence) heard() { s.last.Store(time.Now().UnixNano()) }

// pause and resume enclose what takes time on our side.
func (s *silence) pause() { s.paused.Store(true) }

func (s *silence) resume() {
	s.heard()
	s.paused.Store(false)
}

// stop ends the watching, and the connection with it.
func (s *silence) stop() {
	s.cancel()
	<-s.done
}
