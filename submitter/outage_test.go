// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sparkctl/sparkctl/submitter"
	"github.com/sparkctl/sparkctl/test/apiserver"
	"github.com/sparkctl/sparkctl/xcom"
)

// outages are the ways in which an API server gives no usable answer.
func outages() map[string]apiserver.Action {
	return map[string]apiserver.Action{
		"it is silent":                {Skip: true, Lose: apiserver.Silence},
		"it refuses connections":      {Skip: true, Lose: apiserver.Refused},
		"it resets connections":       {Skip: true, Lose: apiserver.Reset},
		"it answers 503":              {Skip: true, Answer: apiserver.Unavailable()},
		"it answers 500":              {Skip: true, Answer: apiserver.InternalError("etcdserver: leader changed")},
		"it gives up on its own etcd": {Skip: true, Answer: apiserver.GatewayTimeout()},
		"it throttles":                {Skip: true, Answer: apiserver.TooManyRequests(time.Second)},
	}
}

// between is a fault that lasts from one time to another.
func between(from, to time.Duration, action apiserver.Action) apiserver.Fault {
	start := time.Now()
	return func(*apiserver.Request) apiserver.Action {
		if now := time.Since(start); now >= from && now < to {
			return action
		}
		return apiserver.Action{}
	}
}

func TestSubmitGivesUpWhenThePatienceWithTheAPIServerIsOver(t *testing.T) {
	t.Parallel()
	for name, action := range outages() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, func(w *world, ctx context.Context) {
				start := time.Now()
				w.server.SetFault(between(0, time.Hour, action))
				_, err := w.submit(ctx, w.makesDriver(nil))
				w.refused(err, xcom.ExitRetry, "the API server gave no usable answer for 30s: list pods: ")
				if took := time.Since(start); took < patience || took > patience+time.Second || w.ran != 0 {
					t.Errorf("gave up after %s, the engine ran %d times", took, w.ran)
				}
				if told := strings.Count(w.log.String(), "trying on"); told > 1 {
					t.Errorf("told %d times:\n%s", told, w.log.String())
				}
			})
		})
	}
}

func TestSubmitGoesOnWhenTheAPIServerIsBack(t *testing.T) {
	t.Parallel()
	for name, action := range outages() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, func(w *world, ctx context.Context) {
				start := time.Now()
				w.server.SetFault(between(0, 12*time.Second, action))
				pod, err := w.submit(ctx, w.makesDriver(nil))
				if err != nil {
					t.Fatal(err)
				}
				if took := time.Since(start); pod.UID != w.there() || took > 22*time.Second {
					t.Errorf("pod %q of %q after %s", pod.UID, w.there(), took)
				}
			})
		})
	}
}

func TestSubmitAsksForWhatTheEngineMadeUntilItIsAnswered(t *testing.T) {
	t.Parallel()
	silent := apiserver.Action{Skip: true, Lose: apiserver.Silence}
	slow := func(w *world, err error) engine {
		return func(ctx context.Context, plan submitter.Plan) error {
			time.Sleep(time.Second)
			return w.makesDriver(err)(ctx, plan)
		}
	}
	t.Run("and returns it", func(t *testing.T) {
		t.Parallel()
		inWorld(t, func(w *world, ctx context.Context) {
			w.server.SetFault(gets(between(time.Second, 20*time.Second, silent)))
			pod, err := w.submit(ctx, slow(w, nil))
			if err != nil || pod.UID != w.there() {
				t.Errorf("%v, %v", pod, err)
			}
		})
	})
	t.Run("or gives up, and says so", func(t *testing.T) {
		t.Parallel()
		inWorld(t, func(w *world, ctx context.Context) {
			w.server.SetFault(gets(between(time.Second, time.Hour, silent)))
			_, err := w.submit(ctx, slow(w, nil))
			w.refused(err, xcom.ExitRetry, "the API server gave no usable answer for 30s")
		})
	})
	t.Run("or gives up, and gives the engine's failure", func(t *testing.T) {
		t.Parallel()
		inWorld(t, func(w *world, ctx context.Context) {
			w.server.SetFault(gets(between(time.Second, time.Hour, silent)))
			if _, err := w.submit(ctx, slow(w, errEngine)); !errors.Is(err, errEngine) {
				t.Error(err)
			}
		})
	})
}

// gets is a fault of reads alone: what engines create goes through, and what is changed.
func gets(fault apiserver.Fault) apiserver.Fault {
	return func(r *apiserver.Request) apiserver.Action {
		if r.Verb != "get" && r.Verb != "list" {
			return apiserver.Action{}
		}
		return fault(r)
	}
}

func TestSubmitDoesNotWaitForARightThatIsMissing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		options apiserver.Options
		want    string
	}{
		"a right": {
			apiserver.Options{Authorize: func(apiserver.Attributes) bool { return false }},
			"the launcher may not list pods: list pods: pods is forbidden",
		},
		"a valid token": {
			apiserver.Options{Fault: func(*apiserver.Request) apiserver.Action {
				return apiserver.Action{Skip: true, Answer: apiserver.Unauthorized()}
			}},
			"the launcher may not list pods: list pods: Unauthorized",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, func(w *world, ctx context.Context) {
				start := time.Now()
				w.server.SetAuthorize(test.options.Authorize)
				w.server.SetFault(test.options.Fault)
				_, err := w.submit(ctx, w.makesDriver(nil))
				w.refused(err, xcom.ExitRefused, test.want)
				if took := time.Since(start); took != 0 || w.ran != 0 {
					t.Errorf("after %s, the engine ran %d times", took, w.ran)
				}
			})
		})
	}
}

var errSIGTERM = errors.New("SIGTERM")

func TestSubmitMakesNothingOnceItIsCancelled(t *testing.T) {
	t.Parallel()
	t.Run("before it begins", func(t *testing.T) {
		t.Parallel()
		inWorld(t, func(w *world, ctx context.Context) {
			w.cancel(errSIGTERM)
			_, err := w.submit(ctx, w.makesDriver(nil))
			w.refused(err, xcom.ExitCancelled, "stopped before a driver was made: SIGTERM")
			if w.ran != 0 {
				t.Error("the engine ran")
			}
		})
	})
	t.Run("while the API server is away", func(t *testing.T) {
		t.Parallel()
		inWorld(t, func(w *world, ctx context.Context) {
			start := time.Now()
			w.server.SetFault(between(0, time.Hour, apiserver.Action{Skip: true, Lose: apiserver.Silence}))
			time.AfterFunc(5*time.Second, func() { w.cancel(errSIGTERM) })
			_, err := w.submit(ctx, w.makesDriver(nil))
			w.refused(err, xcom.ExitCancelled, "stopped before a driver was made: SIGTERM")
			if took := time.Since(start); took != 10*time.Second || w.ran != 0 {
				t.Errorf("after %s, the engine ran %d times", took, w.ran)
			}
		})
	})
}

// lasting is an engine that takes so long, and is cut short when its context ends before: then it
// fails, and has made its pod or not.
func (w *world) lasting(d time.Duration, madeWhenCut bool) engine {
	return func(ctx context.Context, plan submitter.Plan) error {
		select {
		case <-time.After(d):
			return w.makesDriver(nil)(ctx, plan)
		case <-ctx.Done():
			if madeWhenCut {
				return w.makesDriver(errEngine)(ctx, plan)
			}
			return errEngine
		}
	}
}

func TestSubmitCancelledWhileTheEngineRuns(t *testing.T) {
	t.Parallel()
	const cancelAt = 2 * time.Second
	for name, test := range map[string]struct {
		lasts       time.Duration
		madeWhenCut bool
		fault       func() apiserver.Fault
		code        xcom.ExitCode // 0: the pod is returned
		sentence    string
		took        time.Duration
		left        bool
	}{
		"lets it finish, and returns its pod": {lasts: 15 * time.Second, took: 15 * time.Second, left: true},
		"ends it when the grace is nearly over, and gives its failure": {
			lasts: time.Hour, code: xcom.ExitRefused, sentence: "the engine failed", took: cancelAt + 20*time.Second,
		},
		"removes what it left when the grace was nearly over": {
			lasts: time.Hour, madeWhenCut: true, code: xcom.ExitRefused, sentence: "the engine failed", took: cancelAt + 20*time.Second,
		},
		"has time to read what it made in the last moment of its grace": {
			lasts: cancelAt + 20*time.Second - 1, took: cancelAt + 20*time.Second + 3*time.Second - 1, left: true,
			fault: func() apiserver.Fault {
				return gets(between(time.Second, cancelAt+22*time.Second, apiserver.Action{Skip: true, Answer: apiserver.Unavailable()}))
			},
		},
		"says that it could not read what it made": {
			lasts: 15 * time.Second, code: xcom.ExitCancelled, sentence: "stopped before it could be read whether driver pod default/", took: 20 * time.Second, left: true,
			fault: func() apiserver.Fault {
				return gets(between(time.Second, time.Hour, apiserver.Action{Skip: true, Lose: apiserver.Silence}))
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inWorld(t, func(w *world, ctx context.Context) {
				start := time.Now()
				if test.fault != nil {
					w.server.SetFault(test.fault())
				}
				time.AfterFunc(cancelAt, func() { w.cancel(errSIGTERM) })
				pod, err := w.submit(ctx, w.lasting(test.lasts, test.madeWhenCut))
				switch {
				case test.code != 0:
					w.refused(err, test.code, test.sentence)
				case err != nil || pod.UID != w.there():
					t.Errorf("%v, %v", pod, err)
				}
				if took := time.Since(start); took != test.took {
					t.Errorf("took %s, want %s", took, test.took)
				}
				if left := w.there() != ""; left != test.left {
					t.Errorf("driver pod left: %t, want %t", left, test.left)
				}
			})
		})
	}
}
