// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package main

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

const (
	// settle is how long sensors are given to start before their steady requests are counted.
	settle = 45 * time.Second
	// fullWindow is the shortest time from which an hour's requests can be told.
	fullWindow = 10 * time.Minute
)

// following is a number of sensors with the same settings.
type following struct {
	name, schema string
	sensors      []*process
}

// follow lets sensors, a poller and the spark-submit that made it follow one real driver that never ends, and takes
// their memory and what the API server counted of their requests in the same time.
//
// Many sensors make the sample: ten for ten minutes are 100 minutes of following. Requests of the start are
// counted apart from those of the window, from which the figure for an hour follows. The window is a
// multiple of the five minutes between two reads of a sensor, or its figure is one of chance.
func (b *bench) follow(ctx context.Context, r *report) error {
	if err := os.MkdirAll(filepath.Join(b.scratch, "results"), 0o755); err != nil {
		return err
	}
	start, err := b.counts(ctx)
	if err != nil {
		return err
	}
	pod := fmt.Sprintf("followed-%d", time.Now().Unix())
	// The application has a SparkContext and waits for an executor that fits on no node: there is progress
	// to be read, and none of the processor's time is taken.
	submit, err := b.startSubmit(pod, []string{"spark.kubernetes.executor.node.selector.sparkctl.dev/bench=held"}, "pi", "10")
	if err != nil {
		return err
	}
	defer submit.stop()
	if err := b.awaitPod(ctx, pod, submit, nil); err != nil {
		return err
	}
	defer func() {
		_ = b.admin.Delete().Namespace(b.namespace).Resource("pods").Name(pod).Do(context.WithoutCancel(ctx)).Error()
	}()
	polling, stopPolling := context.WithCancel(ctx)
	defer stopPolling()
	go b.poll(polling, pod, nil)
	groups, err := b.startAll(pod)
	defer func() {
		for _, g := range groups {
			for _, s := range g.sensors {
				s.stop()
			}
		}
	}()
	if err != nil {
		return err
	}
	time.Sleep(settle)
	settled, err := b.counts(ctx)
	if err != nil {
		return err
	}
	began := time.Now()
	log.Printf("%s: following for %s", r.Part, b.window)
	time.Sleep(b.window)
	over, err := b.counts(ctx)
	if err != nil {
		return err
	}
	return b.sumUp(r, groups, submit, usage{start, settled, over, time.Since(began).Hours()})
}

// startAll starts the sensors: with the settings they come with, and without reading progress where they can.
func (b *bench) startAll(pod string) ([]following, error) {
	groups := []following{{name: "sensor", schema: "sensor"}}
	// Its exit code is of no interest: --help ends with 0 or the sensor starts not at all, which shows below.
	help, _ := exec.Command(b.sensor, "--help").CombinedOutput()
	var more []string
	if bytes.Contains(help, []byte("--heartbeat")) {
		groups = append(groups, following{name: "sensor --heartbeat 0", schema: "quiet"})
		more = []string{"--heartbeat", "0"}
	}
	for i := range groups {
		for n := range b.sensors {
			name := fmt.Sprintf("%s-%d", groups[i].schema, n)
			sensor, err := b.startSensor(groups[i].schema, name, pod, more[:len(more)*i]...)
			if err != nil {
				return groups, err
			}
			groups[i].sensors = append(groups[i].sensors, sensor)
			time.Sleep(200 * time.Millisecond)
		}
	}
	return groups, nil
}

// usage is what the API server had counted before the sensors, after their start, and at the end.
type usage struct {
	start, settled, over counts
	hours                float64
}

func (b *bench) sumUp(r *report, groups []following, submit *process, u usage) error {
	all := 0
	for _, g := range groups {
		all += len(g.sensors)
		var peak int64
		for _, s := range g.sensors {
			bytes, err := s.peakBytes()
			if err != nil {
				return s.failure()
			}
			peak = max(peak, bytes)
		}
		r.Rows = append(r.Rows, u.row(b.namespace, g.name, g.schema, len(g.sensors), peak))
	}
	if !submit.running() {
		return submit.failure()
	}
	r.Rows = append(r.Rows,
		u.row(b.namespace, "2-second poller", "poller", 1, 0),
		u.row(b.namespace, "waiting spark-submit", "spark-submit", 1, submit.peak.Load()))
	perHour := func(now, then float64) float64 { return round((now - then) / u.hours / float64(all)) }
	if u.hours >= fullWindow.Hours() {
		r.Notes = append(r.Notes, fmt.Sprintf("streams opened anew per sensor and hour: %g of a log, %g proxied to the driver", perHour(u.over.logs, u.settled.logs), perHour(u.over.proxied, u.settled.proxied)))
	}
	r.Notes = append(r.Notes,
		fmt.Sprintf("followed for %.0f min; peak of a sensor: VmHWM, the greatest of n; of spark-submit: sum over its processes, sampled", u.hours*60))
	return nil
}

// row is one way of waiting; peak is left out when it is no process of its own.
func (u usage) row(namespace, name, schema string, n int, peak int64) row {
	schema = namespace + "-" + schema
	figures := map[string]float64{"n": float64(n)}
	// In a shorter window it is chance whether a read of every five minutes falls into it.
	if u.hours >= fullWindow.Hours() {
		figures["requests per hour"] = round((u.over.bySchema[schema] - u.settled.bySchema[schema]) / u.hours / float64(n))
		figures["requests to start"] = round((u.settled.bySchema[schema] - u.start.bySchema[schema]) / float64(n))
	}
	if peak > 0 {
		figures["peak MB"] = round(float64(peak) / 1e6)
	}
	return row{name, figures}
}

func round(v float64) float64 { return math.Round(v*10) / 10 }
