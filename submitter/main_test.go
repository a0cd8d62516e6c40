// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"k8s.io/klog/v2"
)

func TestMain(m *testing.M) {
	// What client-go says of answers that are cut off on purpose.
	klog.SetSlogLogger(slog.New(slog.DiscardHandler))
	goleak.VerifyTestMain(m)
}

func TestAContextThatOutlivesAnother(t *testing.T) {
	t.Parallel()
	why := errors.New("SIGTERM")
	const grace = 20 * time.Second
	for name, test := range map[string]struct {
		cancelled time.Duration // when the first context ends; 0: never
		released  time.Duration // when the second one is released; 0: never
		want      time.Duration // when the second one ends
		cause     error
	}{
		"ends a grace later":                            {cancelled: time.Minute, want: time.Minute + grace, cause: why},
		"ends a grace later, the first ended before it": {cancelled: time.Nanosecond, want: time.Nanosecond + grace, cause: why},
		"ends when it is released":                      {released: time.Minute, want: time.Minute, cause: context.Canceled},
		"ends when it is released within the grace":     {cancelled: time.Minute, released: time.Minute + time.Second, want: time.Minute + time.Second, cause: context.Canceled},
		"is not ended twice":                            {cancelled: time.Minute, released: time.Hour, want: time.Minute + grace, cause: why},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				first, cancel := context.WithCancelCause(t.Context())
				if test.cancelled > 0 {
					time.AfterFunc(test.cancelled, func() { cancel(why) })
				}
				if test.cancelled < time.Second {
					time.Sleep(test.cancelled)
					synctest.Wait()
				}
				second, release := outlive(first, grace)
				if test.released > 0 {
					time.AfterFunc(test.released, release)
				}
				<-second.Done()
				if got := time.Since(start); got != test.want {
					t.Errorf("ended after %s, want %s", got, test.want)
				}
				if cause := context.Cause(second); !errors.Is(cause, test.cause) {
					t.Errorf("ended because of %v, want %v", cause, test.cause)
				}
				time.Sleep(2 * time.Hour)
				release()
				cancel(nil)
			})
		})
	}
}
