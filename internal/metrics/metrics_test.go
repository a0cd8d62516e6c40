// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package metrics_test

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/sparkctl/sparkctl/internal/metrics"
	"github.com/sparkctl/sparkctl/xcom"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// text is what m writes, having been parsed strictly.
func text(t *testing.T, m *metrics.Metrics) map[string]float64 {
	t.Helper()
	var out strings.Builder
	if _, err := m.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	samples, err := parse(out.String())
	if err != nil {
		t.Fatalf("%v in\n%s", err, out.String())
	}
	return samples
}

// without returns the samples whose names do not begin with any of the prefixes.
func without(samples map[string]float64, prefixes ...string) map[string]float64 {
	kept := map[string]float64{}
	for name, value := range samples {
		if !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) }) {
			kept[name] = value
		}
	}
	return kept
}

// always are the families of which every process has samples.
var always = []string{"sparkctl_build_info", "process_start_time_seconds", "sparkctl_driver_state_timestamp_seconds"}

func TestMetricsSayWhatIsKnownOfTheDriver(t *testing.T) {
	three := 3
	running := xcom.Result{
		State: xcom.Running, PodName: "etl-1-driver", Namespace: "jobs", PodUID: "u-1", ApplicationID: "spark-1", ApplicationName: `the "big" one` + "\n\\o/ \xff",
		SparkVersion: "4.0.5", RunKey: "etl", Generation: "2", Attempt: 1, CreationTime: "2026-11-21T10:00:00Z",
		Timings: &xcom.Timings{Submit: 3.25, Schedule: 1, Start: 12},
	}
	info := `{namespace="jobs",pod="etl-1-driver",uid="u-1",application_id="spark-1",application_name="the \"big\" one\n\\o/ ` + "\uFFFD" +
		`",spark_version="4.0.5",run_key="etl",generation="2",attempt="1"}`
	failed := running
	failed.State, failed.ExitCode = xcom.Failed, &three
	failed.Timings = &xcom.Timings{Submit: 3.25, Schedule: 1, Start: 12, Run: 90}
	notSubmitted := xcom.Result{State: xcom.NotSubmitted, ExitCode: &three}

	states := func(in xcom.State) map[string]float64 {
		all := map[string]float64{}
		for _, state := range xcom.States() {
			all[`sparkctl_driver_state{state="`+string(state)+`"}`] = 0
		}
		all[`sparkctl_driver_state{state="`+string(in)+`"}`] = 1
		return all
	}
	for name, test := range map[string]struct {
		result *xcom.Result
		state  xcom.State
		want   map[string]float64
	}{
		"nothing yet":               {nil, xcom.Unknown, nil},
		"there will be no driver":   {&notSubmitted, xcom.NotSubmitted, nil},
		"a driver that runs":        {&running, xcom.Running, map[string]float64{"sparkctl_driver_info" + info: 1, "sparkctl_driver_created_timestamp_seconds": 1795255200, `sparkctl_driver_phase_seconds{phase="submit"}`: 3.25, `sparkctl_driver_phase_seconds{phase="schedule"}`: 1, `sparkctl_driver_phase_seconds{phase="start"}`: 12}},
		"a driver that ended badly": {&failed, xcom.Failed, map[string]float64{"sparkctl_driver_info" + info: 1, "sparkctl_driver_created_timestamp_seconds": 1795255200, `sparkctl_driver_phase_seconds{phase="submit"}`: 3.25, `sparkctl_driver_phase_seconds{phase="schedule"}`: 1, `sparkctl_driver_phase_seconds{phase="start"}`: 12, `sparkctl_driver_phase_seconds{phase="run"}`: 90, "sparkctl_driver_exit_code": 3}},
	} {
		t.Run(name, func(t *testing.T) {
			m := metrics.New("sensor", "v1", time.Unix(1700000000, 0))
			if test.result != nil {
				m.Result(*test.result)
			}
			want := states(test.state)
			maps.Copy(want, test.want)
			got := without(text(t, m), append(always, "sparkctl_api", "sparkctl_watch", "sparkctl_driver_log")...)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestMetricsSayHowTheTalkWithTheAPIServerGoes(t *testing.T) {
	// All in one second and a half of a clock of its own.
	synctest.Test(t, func(t *testing.T) {
		m := metrics.New("sensor", "v1", time.Now())
		m.Answered("get", "pods", 200)
		m.Answered("watch", "pods", 200)
		m.Answered("watch", "events", 200)
		m.Answered("get", "pods/log", 403)
		m.Read("pods/log", 100)
		m.Read("pods", 1000)
		m.Answered("get", "pods", 404)
		m.Answered("watch", "pods", 0)
		time.Sleep(time.Second)
		m.Answered("get", "pods/proxy", 503)
		m.Answered("watch", "pods", 503)
		time.Sleep(time.Second)
		m.Answered("get", "pods", 200)
		m.Answered("watch", "pods", 200)
		m.Answered("delete", "pods", 403)
		want := map[string]float64{
			`sparkctl_api_requests_total{verb="delete",resource="pods",code="403"}`:    1,
			`sparkctl_api_requests_total{verb="get",resource="pods",code="200"}`:       2,
			`sparkctl_api_requests_total{verb="get",resource="pods",code="404"}`:       1,
			`sparkctl_api_requests_total{verb="get",resource="pods/log",code="403"}`:   1,
			`sparkctl_api_requests_total{verb="get",resource="pods/proxy",code="503"}`: 1,
			`sparkctl_api_requests_total{verb="watch",resource="events",code="200"}`:   1,
			`sparkctl_api_requests_total{verb="watch",resource="pods",code="200"}`:     2,
			`sparkctl_api_requests_total{verb="watch",resource="pods",code="503"}`:     1,
			`sparkctl_api_requests_total{verb="watch",resource="pods",code="none"}`:    1,
			`sparkctl_api_errors_total{verb="delete",resource="pods"}`:                 1,
			`sparkctl_api_errors_total{verb="get",resource="pods/log"}`:                1,
			`sparkctl_api_errors_total{verb="get",resource="pods/proxy"}`:              1,
			`sparkctl_api_errors_total{verb="watch",resource="pods"}`:                  2,
			"sparkctl_watch_reconnects_total":                                          1,
			"sparkctl_api_outage":                                                      0,
			"sparkctl_api_outage_seconds_total":                                        2,
			"sparkctl_driver_log_bytes_total":                                          100,
		}
		families := []string{"sparkctl_driver_state", "sparkctl_build_info", "process_start_time_seconds"}
		if diff := cmp.Diff(want, without(text(t, m), families...)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}

		// An outage that lasts counts as far as it has come.
		m.Answered("get", "pods", 0)
		time.Sleep(3 * time.Second)
		got := text(t, m)
		if got["sparkctl_api_outage"] != 1 || got["sparkctl_api_outage_seconds_total"] != 5 {
			t.Errorf("outage %v, %v s in all, want 1, 5", got["sparkctl_api_outage"], got["sparkctl_api_outage_seconds_total"])
		}
	})
}

func TestAStateHasTheTimeAtWhichItWasFirstSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := metrics.New("sensor", "v1", time.Now())
		time.Sleep(time.Minute)
		began := time.Now()
		for range 3 {
			m.Result(xcom.Result{State: xcom.Running})
			time.Sleep(time.Second)
		}
		if got, want := text(t, m)["sparkctl_driver_state_timestamp_seconds"], float64(began.Unix()); got != want {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

func TestMetricsAreServedUntilTheServerIsClosed(t *testing.T) {
	m := metrics.New("sensor", "v1", time.Now())
	log := slog.New(slog.DiscardHandler)
	server, err := m.Serve(t.Context(), "127.0.0.1:0", log)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for name, test := range map[string]struct {
		method, path string
		code         int
		contentType  string
	}{
		"a scrape":            {http.MethodGet, "/metrics", 200, metrics.ContentType},
		"the head of one":     {http.MethodHead, "/metrics", 200, metrics.ContentType},
		"another page":        {http.MethodGet, "/", 404, "text/plain; charset=utf-8"},
		"an attempt to write": {http.MethodPost, "/metrics", 405, "text/plain; charset=utf-8"},
	} {
		t.Run(name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), test.method, "http://"+server.Address+test.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			body, err := io.ReadAll(answer.Body)
			if err != nil {
				t.Fatal(err)
			}
			if answer.StatusCode != test.code || answer.Header.Get("Content-Type") != test.contentType {
				t.Errorf("%d %s, want %d %s", answer.StatusCode, answer.Header.Get("Content-Type"), test.code, test.contentType)
			}
			if test.method == http.MethodGet && test.code == 200 {
				if _, err := parse(string(body)); err != nil {
					t.Errorf("%v in\n%s", err, body)
				}
			}
		})
	}
	if _, err := m.Serve(t.Context(), server.Address, log); err == nil {
		t.Error("a port that is taken was taken again")
	}
	if err := server.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if conn, err := new(net.Dialer).DialContext(context.WithoutCancel(t.Context()), "tcp", server.Address); err == nil {
		t.Error("it still listens", conn.Close())
	}
}
