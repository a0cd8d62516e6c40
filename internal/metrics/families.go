// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package metrics

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/sparkctl/sparkctl/xcom"
)

// Kind is a metric's type in the exposition format.
type Kind string

// The kinds.
const (
	Counter Kind = "counter"
	Gauge   Kind = "gauge"
)

// Family is one metric: all samples of one name.
type Family struct {
	// Name is the metric's name.
	Name string
	// Kind is its type.
	Kind Kind
	// Labels are the names of its labels, in the order in which they are written.
	Labels []string
	// Help says what it tells; the unit is in the name.
	Help string

	samples func(seen) []sample
}

// sample is one value and the values of its family's labels.
type sample struct {
	labels []string
	value  float64
}

// Families is the table of all metrics, in the order in which they are written. Names and labels
// are stable: they are added to, and neither renamed nor removed.
func Families() []Family {
	return append(driverFamilies(), processFamilies()...)
}

// driverFamilies tell of the driver.
func driverFamilies() []Family {
	return []Family{
		{
			Name: "sparkctl_driver_info", Kind: Gauge,
			Labels:  []string{"namespace", "pod", "uid", "application_id", "application_name", "spark_version", "run_key", "generation", "attempt"},
			Help:    "Always 1; its labels say which driver it is. Absent until the driver is known.",
			samples: driverInfo,
		},
		{
			Name: "sparkctl_driver_state", Kind: Gauge, Labels: []string{"state"},
			Help:    "1 for the state the application is in, 0 for the others; the states of a result.",
			samples: driverState,
		},
		{
			Name: "sparkctl_driver_state_timestamp_seconds", Kind: Gauge,
			Help:    "When this process first saw that state, in seconds since 1970.",
			samples: func(s seen) []sample { return value(unix(s.changed)) },
		},
		{
			Name: "sparkctl_driver_created_timestamp_seconds", Kind: Gauge,
			Help:    "When the driver pod was created, in seconds since 1970. Absent until it is known.",
			samples: driverCreated,
		},
		{
			Name: "sparkctl_driver_phase_seconds", Kind: Gauge, Labels: []string{"phase"},
			Help:    "How long a phase took that is over: submit, schedule, start or run; all but submit to the second, which is how exact Kubernetes keeps them.",
			samples: driverPhases,
		},
		{
			Name: "sparkctl_driver_exit_code", Kind: Gauge,
			Help:    "Exit code of the driver's container. Absent until it has terminated.",
			samples: driverExitCode,
		},
	}
}

// processFamilies tell of this process and its talk with the API server.
func processFamilies() []Family {
	return []Family{
		{
			Name: "sparkctl_api_requests_total", Kind: Counter, Labels: []string{"verb", "resource", "code"},
			Help:    "Calls to the API server by verb and resource, as a Role names them, and by the code of the answer; none when no answer came.",
			samples: func(s seen) []sample { return s.count(true, func(call) bool { return true }) },
		},
		{
			Name: "sparkctl_api_errors_total", Kind: Counter, Labels: []string{"verb", "resource"},
			Help:    "Calls without a usable answer: none at all, 401, 403, 429, or 500 and above.",
			samples: func(s seen) []sample { return s.count(false, call.failed) },
		},
		{
			Name: "sparkctl_watch_reconnects_total", Kind: Counter,
			Help:    "How often the watch of the driver was opened again.",
			samples: func(s seen) []sample { return value(float64(max(s.watches-1, 0))) },
		},
		{
			Name: "sparkctl_api_outage", Kind: Gauge,
			Help: "1 while the driver's pod cannot be read, else 0.",
			samples: func(s seen) []sample {
				if s.failing.IsZero() {
					return value(0)
				}
				return value(1)
			},
		},
		{
			Name: "sparkctl_api_outage_seconds_total", Kind: Counter,
			Help:    "How long the driver's pod could not be read, in all, the present outage included.",
			samples: outageSeconds,
		},
		{
			Name: "sparkctl_driver_log_bytes_total", Kind: Counter,
			Help:    "Bytes of the driver's log that were read from the API server, its timestamps included.",
			samples: func(s seen) []sample { return value(float64(s.logBytes)) },
		},
		{
			Name: "sparkctl_build_info", Kind: Gauge, Labels: []string{"program", "version", "go_version"},
			Help:    "Always 1; its labels say which program this is.",
			samples: func(s seen) []sample { return []sample{{[]string{s.program, s.version, s.goVersion}, 1}} },
		},
		{
			Name: "process_start_time_seconds", Kind: Gauge,
			Help:    "When this process began its work, in seconds since 1970.",
			samples: func(s seen) []sample { return value(unix(s.start)) },
		},
	}
}

func driverInfo(s seen) []sample {
	r := s.result
	if r.PodName == "" {
		return nil
	}
	attempt := ""
	if r.Attempt > 0 {
		attempt = strconv.Itoa(r.Attempt)
	}
	return []sample{{[]string{
		r.Namespace, r.PodName, r.PodUID, r.ApplicationID, r.ApplicationName, r.SparkVersion, r.RunKey, r.Generation, attempt,
	}, 1}}
}

func driverState(s seen) []sample {
	var samples []sample
	for _, state := range xcom.States() {
		in := 0.0
		if state == s.result.State {
			in = 1
		}
		samples = append(samples, sample{[]string{string(state)}, in})
	}
	return samples
}

func driverCreated(s seen) []sample {
	created, err := time.Parse(time.RFC3339, s.result.CreationTime)
	if err != nil {
		return nil
	}
	return value(unix(created))
}

func driverPhases(s seen) []sample {
	if s.result.Timings == nil {
		return nil
	}
	t := *s.result.Timings
	var samples []sample
	for _, phase := range []struct {
		name    string
		seconds float64
	}{{"submit", t.Submit}, {"schedule", t.Schedule}, {"start", t.Start}, {"run", t.Run}} {
		if phase.seconds > 0 {
			samples = append(samples, sample{[]string{phase.name}, phase.seconds})
		}
	}
	return samples
}

func driverExitCode(s seen) []sample {
	if s.result.ExitCode == nil || s.result.State == xcom.NotSubmitted {
		return nil
	}
	return value(float64(*s.result.ExitCode))
}

func outageSeconds(s seen) []sample {
	lasted := s.outage
	if !s.failing.IsZero() {
		lasted += s.now.Sub(s.failing)
	}
	return value(lasted.Seconds())
}

// count adds up the calls that are meant, by verb, resource and, if asked, code.
func (s seen) count(byCode bool, meant func(call) bool) []sample {
	sums := map[call]int{}
	for c, n := range s.calls {
		if !meant(c) {
			continue
		}
		if !byCode {
			c.code = 0
		}
		sums[c] += n
	}
	order := func(a, b call) int {
		return cmp.Or(cmp.Compare(a.resource, b.resource), cmp.Compare(a.verb, b.verb), cmp.Compare(a.code, b.code))
	}
	var samples []sample
	for _, c := range slices.SortedFunc(maps.Keys(sums), order) {
		labels := []string{c.verb, c.resource}
		if byCode && c.code == 0 {
			labels = append(labels, "none")
		} else if byCode {
			labels = append(labels, strconv.Itoa(c.code))
		}
		samples = append(samples, sample{labels, float64(sums[c])})
	}
	return samples
}

// value is the one sample of a family without labels.
func value(v float64) []sample { return []sample{{value: v}} }

func unix(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
