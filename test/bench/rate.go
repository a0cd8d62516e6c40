// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package main

import (
	"context"
	"fmt"
	"log"
	"sync"
	"sync/atomic"
	"time"
)

// submitters is how many submissions are under way at a time.
const submitters = 8

// rate measures submissions a minute, sustained for the window, in this process: the native engine within the whole
// protocol; beside it a bare client that makes the same calls with bodies that were written before; and as many real
// spark-submits as there are processors. No kubelet starts the drivers: they name a scheduler that does not exist.
func (b *bench) rate(ctx context.Context, r *report) error {
	native, err := b.newNative()
	if err != nil {
		return err
	}
	bare, err := b.newBare(native)
	if err != nil {
		return err
	}
	contenders := []struct {
		name, identity string
		workers        int
		submit         func(ctx context.Context, n int) error
	}{
		{"bare client", "bare", submitters, bare.submit},
		{"native engine", "native", submitters, native.submit},
		{"spark-submit", "spark-submit", 2, b.sparkSubmit},
	}
	for _, c := range contenders {
		before, err := b.counts(ctx)
		if err != nil {
			return err
		}
		done, took, err := sustain(ctx, b.window, c.workers, c.submit)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		after, err := b.counts(ctx)
		if err != nil {
			return err
		}
		schema := b.namespace + "-" + c.identity
		requests := after.bySchema[schema] - before.bySchema[schema]
		log.Printf("%s: %d submissions in %s", c.name, done, took.Round(time.Second))
		r.Rows = append(r.Rows, row{c.name, map[string]float64{
			"submissions/min":     float64(done) / took.Minutes(),
			"requests/submission": requests / float64(max(done, 1)),
			"at a time":           float64(c.workers),
		}})
		if err := b.clear(ctx); err != nil {
			return err
		}
	}
	rates := map[string]float64{}
	for _, row := range r.Rows {
		rates[row.Name] = row.Figures["submissions/min"]
	}
	r.Notes = append(r.Notes, fmt.Sprintf("The native engine makes %.0f %% of the bare client's submissions, and %.0f times spark-submit's.",
		100*rates["native engine"]/rates["bare client"], rates["native engine"]/rates["spark-submit"]))
	return nil
}

// sustain has workers submit until the window is over, and returns how many submissions were begun and ended in it, and how long that took.
func sustain(ctx context.Context, window time.Duration, workers int, submit func(context.Context, int) error) (int, time.Duration, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next, done atomic.Int64
	var all sync.WaitGroup
	start := time.Now()
	for range workers {
		all.Go(func() {
			for time.Since(start) < window && ctx.Err() == nil {
				if err := submit(ctx, int(next.Add(1))); err != nil {
					cancel(err)
					return
				}
				done.Add(1)
			}
		})
	}
	all.Wait()
	return int(done.Load()), time.Since(start), context.Cause(ctx)
}

// clear removes the drivers of a contender, and waits until they and what they own are gone, so that the next one finds the same cluster.
func (b *bench) clear(ctx context.Context) error {
	for _, kind := range []string{"pods", "configmaps", "services"} {
		path := "/api/v1/namespaces/" + b.namespace + "/" + kind
		delete := b.admin.Delete().AbsPath(path).Param("gracePeriodSeconds", "0")
		if kind == "pods" {
			delete = delete.Param("labelSelector", "spark-role=driver")
		}
		if kind == "configmaps" {
			delete = delete.Param("fieldSelector", "metadata.name!=spark-templates,metadata.name!=kube-root-ca.crt")
		}
		if err := delete.Timeout(10 * time.Minute).Do(ctx).Error(); err != nil {
			return fmt.Errorf("remove %s: %w", kind, err)
		}
	}
	return nil
}

// sparkSubmit submits by the real one.
func (b *bench) sparkSubmit(_ context.Context, n int) error {
	p, err := b.startSubmit(fmt.Sprintf("spark-submit-%d", n), []string{
		"spark.kubernetes.submission.waitAppCompletion=false", "spark.kubernetes.driver.scheduler.name=nobody",
	}, "exit", "0")
	if err != nil {
		return err
	}
	<-p.ended
	if !p.cmd.ProcessState.Success() {
		return p.failure()
	}
	return nil
}
