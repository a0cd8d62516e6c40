// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package metrics_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/sparkctl/sparkctl/internal/metrics"
	"github.com/sparkctl/sparkctl/xcom"
)

// Whatever a driver is called, what is written is the exposition format, and its labels say that again.
func FuzzWriteTo(f *testing.F) {
	f.Add("etl", "the \"big\" one\n\\o/ \xff", "2026-11-21T10:00:00Z", 200, 1.5)
	f.Add(`\`, "\r\n\x00{}=,", "0001-01-01T00:00:00Z", -1, math.MaxFloat64)
	f.Fuzz(func(t *testing.T, pod, name, created string, code int, seconds float64) {
		m := metrics.New("sensor", name, time.Now())
		m.Result(xcom.Result{
			State: xcom.Running, PodName: pod, ApplicationName: name, RunKey: name, CreationTime: created, ExitCode: &code,
			Timings: &xcom.Timings{Run: seconds},
		})
		m.Answered(name, pod, code)
		var out strings.Builder
		if _, err := m.WriteTo(&out); err != nil {
			t.Fatal(err)
		}
		samples, err := parse(out.String())
		if err != nil {
			t.Fatalf("%v in\n%s", err, out.String())
		}
		escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(strings.ToValidUTF8(name, "\uFFFD"))
		told := false
		for sample := range samples {
			told = told || strings.HasPrefix(sample, "sparkctl_driver_info{") && strings.Contains(sample, `application_name="`+escaped+`"`)
		}
		if told != (pod != "") {
			t.Errorf("%v: %q is not told in\n%s", told, name, out.String())
		}
	})
}
