// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package progress

import (
	"context"
	"sync"
)

// Together runs works at the same time and waits for all of them. The first
// failure ends the context of the others; they are not reported over it.
func Together(ctx context.Context, works ...func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wait sync.WaitGroup
	var once sync.Once
	var first error
	for _, work := range works {
		wait.Go(func() {
			if err := work(ctx); err != nil {
				once.Do(func() { first = err })
				cancel()
			}
		})
	}
	wait.Wait()
	if first == nil {
		return nil
	}
	return first
}
