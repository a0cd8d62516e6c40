// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// listRounds is how often each command is measured, in turns, after one round that does not count.
const listRounds = 7

// list measures how a person lists the drivers of a namespace, beside kubectl, and how fast both start. The drivers are
// those of the native engine, ended by a patch of their status: no kubelet starts them, as they name a scheduler that does not exist.
func (b *bench) list(ctx context.Context, r *report) error {
	native, err := b.newNative()
	if err != nil {
		return err
	}
	bare, err := b.newBare(native)
	if err != nil {
		return err
	}
	log.Printf("making %d drivers", b.drivers)
	if err := b.makeEnded(ctx, bare); err != nil {
		return err
	}
	to := []string{"--kubeconfig", filepath.Join(b.identities, "admin"), "-n", b.namespace}
	const drivers = "--selector=spark-role=driver"
	contenders := []struct {
		name    string
		command []string
	}{
		{"sparkctl list", append([]string{b.sparkctl, "list"}, to...)},
		{"kubectl get pods", append([]string{b.kubectl, "get", "pods", drivers}, to...)},
		{"sparkctl list -o json", append([]string{b.sparkctl, "list", "-o", "json"}, to...)},
		{"kubectl get pods -o json", append([]string{b.kubectl, "get", "pods", "-o", "json", drivers}, to...)},
		{"sparkctl --help", []string{b.sparkctl, "--help"}},
		{"kubectl --help", []string{b.kubectl, "--help"}},
	}
	runs := make([][]cost, len(contenders))
	for round := range listRounds + 1 {
		for i, c := range contenders {
			measured, err := measureRun(ctx, c.command)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			if round > 0 {
				runs[i] = append(runs[i], measured)
			}
		}
	}
	medians := map[string]cost{}
	for i, c := range contenders {
		m := medianCost(runs[i])
		medians[c.name] = m
		r.Rows = append(r.Rows, row{c.name, map[string]float64{"wall ms": m.WallMS, "CPU ms": m.CPUMS, "peak MB": m.PeakMB}})
	}
	r.Notes = append(r.Notes, fmt.Sprintf("%d drivers that have ended, of one namespace; medians of %d rounds in turns.", b.drivers, listRounds))
	for _, pair := range [][2]string{{"sparkctl list", "kubectl get pods"}, {"sparkctl --help", "kubectl --help"}} {
		ours, theirs := medians[pair[0]], medians[pair[1]]
		r.Notes = append(r.Notes, fmt.Sprintf("`%s` takes %.2f of the wall time and %.2f of the memory of `%s`.",
			pair[0], ours.WallMS/theirs.WallMS, ours.PeakMB/theirs.PeakMB, pair[1]))
	}
	return b.clear(ctx)
}

// makeEnded makes the drivers, and has every third of them fail.
func (b *bench) makeEnded(ctx context.Context, bare *bareClient) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var all sync.WaitGroup
	for range submitters {
		all.Go(func() {
			for n := int(next.Add(1)); n <= b.drivers && ctx.Err() == nil; n = int(next.Add(1)) {
				if err := bare.makeEnded(ctx, b, n); err != nil {
					cancel(err)
				}
			}
		})
	}
	all.Wait()
	return context.Cause(ctx)
}

// makeEnded makes one driver pod and says how it ended.
func (c *bareClient) makeEnded(ctx context.Context, b *bench, n int) error {
	name, label := fmt.Sprintf("ended-%d-driver", n), fmt.Sprintf("%016x", n)
	body := strings.NewReplacer(c.name, name, c.label, label, c.unique, label).Replace(c.pod)
	if _, err := c.call(ctx, http.MethodPost, "/pods", "application/json", body, http.StatusCreated); err != nil {
		return err
	}
	phase, code, reason := "Succeeded", 0, "Completed"
	if n%3 == 0 {
		phase, code, reason = "Failed", 1, "Error"
	}
	status := fmt.Sprintf(`{"status":{"phase":%q,"startTime":"2026-01-01T00:00:00Z","containerStatuses":[{"name":%q,
		"image":%q,"imageID":%q,"restartCount":0,"ready":false,"started":false,"state":{"terminated":{"exitCode":%d,"reason":%q,
		"startedAt":"2026-01-01T00:00:05Z","finishedAt":"2026-01-01T00:10:00Z"}}}]}}`,
		phase, driverContainer, b.image, b.image, code, reason)
	return b.admin.Patch(types.MergePatchType).Namespace(b.namespace).Resource("pods").Name(name).SubResource("status").Body([]byte(status)).Do(ctx).Error()
}

// medianCost has the median of each figure.
func medianCost(runs []cost) cost {
	median := func(of func(cost) float64) float64 {
		values := make([]float64, len(runs))
		for i, r := range runs {
			values[i] = of(r)
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	return cost{
		WallMS: median(func(r cost) float64 { return r.WallMS }),
		CPUMS:  median(func(r cost) float64 { return r.CPUMS }),
		PeakMB: median(func(r cost) float64 { return r.PeakMB }),
	}
}

// milliseconds is a length of time as figures have it.
func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
