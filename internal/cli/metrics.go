// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"context"
	"log/slog"
	"time"

	"k8s.io/client-go/rest"

	"github.com/sparkctl/sparkctl/internal/kube"
	"github.com/sparkctl/sparkctl/internal/metrics"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/xcom"
)

const metricsUsage = "HOST:PORT to serve Prometheus metrics at, under /metrics; :9090 is every address of this host"

// meter is the metrics of a process that was asked for them; its zero value is that of one that was not.
type meter struct {
	log     *slog.Logger
	metrics *metrics.Metrics
	server  *metrics.Server
}

// startMeter begins to serve metrics at address; nothing happens when that is empty.
func startMeter(ctx context.Context, log *slog.Logger, program, address string, start time.Time) (meter, error) {
	if address == "" {
		return meter{}, nil
	}
	m := meter{log: log, metrics: metrics.New(program, Version(), start)}
	var err error
	if m.server, err = m.metrics.Serve(ctx, address, log); err != nil {
		return meter{}, problem.Usage("give --metrics-address a free port as HOST:PORT, for example :9091; containers of one pod share their ports", "serve metrics: %w", err)
	}
	log.Info("metrics are served", "address", "http://"+m.server.Address+"/metrics")
	return m, nil
}

// observe counts the calls of every client made from config from now on.
func (m meter) observe(config *rest.Config) {
	if m.metrics != nil {
		kube.Observe(config, m.metrics)
	}
}

// result notes what is known of the driver.
func (m meter) result(r xcom.Result) {
	if m.metrics != nil {
		m.metrics.Result(r)
	}
}

// stop ends the serving.
func (m meter) stop(ctx context.Context) {
	if m.server == nil {
		return
	}
	if err := m.server.Close(ctx); err != nil {
		m.log.Warn("the metrics server did not end well", "error", err)
	}
}
