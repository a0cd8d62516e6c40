// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestQuantileIsAValueThatWasMeasured(t *testing.T) {
	t.Parallel()
	var hundred []time.Duration
	for i := 100; i > 0; i-- {
		hundred = append(hundred, time.Duration(i))
	}
	for _, c := range []struct {
		name   string
		values []time.Duration
		q      float64
		want   time.Duration
	}{
		{"the median of one is that one", []time.Duration{7}, 0.5, 7},
		{"the median of an even number is the lower of the middle ones", []time.Duration{4, 1, 3, 2}, 0.5, 2},
		{"p99 of a hundred leaves one out", hundred, 0.99, 99},
		{"p99 of five is the greatest", []time.Duration{1, 2, 9, 4, 5}, 0.99, 9},
		{"p0 is the least, which may be before the watcher saw it", []time.Duration{3, -2, 5}, 0, -2},
		{"of nothing it is 0", nil, 0.5, 0},
	} {
		if got := quantile(c.values, c.q); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}

func TestCountsComeFromTheServersMetrics(t *testing.T) {
	t.Parallel()
	const metrics = `# HELP apiserver_flowcontrol_dispatched_requests_total [BETA] Number of requests
apiserver_flowcontrol_dispatched_requests_total{flow_schema="bench-sensor",priority_level="workload-low"} 12
apiserver_flowcontrol_dispatched_requests_total{flow_schema="bench-poller",priority_level="workload-low"} 300
apiserver_flowcontrol_dispatched_requests_total{flow_schema="probes",priority_level="exempt"} 9
apiserver_request_total{code="200",component="apiserver",dry_run="",group="",resource="pods",scope="resource",subresource="log",verb="CONNECT",version="v1"} 3
apiserver_request_total{code="500",component="apiserver",dry_run="",group="",resource="pods",scope="resource",subresource="log",verb="CONNECT",version="v1"} 1
apiserver_request_total{code="200",component="apiserver",dry_run="",group="",resource="pods",scope="resource",subresource="",verb="GET",version="v1"} 70
apiserver_longrunning_requests{component="apiserver",group="",resource="pods",scope="resource",subresource="log",verb="CONNECT",version="v1"} 2
apiserver_request_total{code="200",component="apiserver",dry_run="",group="",resource="pods",scope="resource",subresource="proxy",verb="CONNECT",version="v1"} 1.5e+01
`
	want := counts{bySchema: map[string]float64{"bench-sensor": 12, "bench-poller": 300, "probes": 9}, logs: 6, proxied: 15}
	if diff := cmp.Diff(want, parseCounts(metrics), cmp.AllowUnexported(counts{})); diff != "" {
		t.Error(diff)
	}
}

func TestMemoryIsThePeakTheKernelNoted(t *testing.T) {
	t.Parallel()
	got, err := statusBytes("Name:\tsensor\nVmPeak:\t 1000 kB\nVmHWM:\t   15244 kB\nVmRSS:\t 9 kB\n", "VmHWM")
	if err != nil || got != 15244*1024 {
		t.Errorf("got %d, %v", got, err)
	}
}
