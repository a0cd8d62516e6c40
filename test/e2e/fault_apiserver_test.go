// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"bufio"
	"fmt"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// apiServerKilled kills the API server some times while the driver runs.
func apiServerKilled(t *testing.T, f *faults, times int) {
	t.Helper()
	d := f.driver(t, "killed")
	w := f.follow(t, d, how{})
	w.outliveKills(t, d, times)
	since := d.end(t, 3)
	w.endsWhole(t, exited("Failed, exit code 3, of the driver 3"), since)
}

// outliveKills kills and starts the API server, and each time lets the driver write in between.
func (w *watching) outliveKills(t *testing.T, d *faultDriver, times int) {
	t.Helper()
	for range times {
		w.f.away(t, "kill", "kube-apiserver")
		d.written(t, 10)
		w.f.do(t, "start", "kube-apiserver")
		w.copies(t, 10)
	}
}

// apiServerDownAtTheEnd lets the driver end while nobody can be told of it.
func apiServerDownAtTheEnd(t *testing.T, f *faults) {
	t.Helper()
	apiServerKilledAndDown(t, f, 0)
}

// apiServerKilledAndDown kills the API server some times while the driver runs, and once more before it ends.
func apiServerKilledAndDown(t *testing.T, f *faults, times int) {
	t.Helper()
	d := f.driver(t, "down-at-the-end")
	w := f.follow(t, d, how{})
	w.outliveKills(t, d, times)
	f.away(t, "kill", "kube-apiserver")
	d.end(t, 7)
	w.says(t, "cannot be read")
	f.do(t, "start", "kube-apiserver")
	since := time.Now()
	w.endsWhole(t, exited("Failed, exit code 7, of the driver 7"), since)
}

// revisionsForgotten restarts the API server again and again, with many changes in between: each new
// one remembers no revision from before its start, and ends a watch from there with 410.
func revisionsForgotten(t *testing.T, f *faults) {
	t.Helper()
	d := f.driver(t, "forgotten")
	w := f.follow(t, d, how{})
	for range 5 {
		seen, err := f.pod(t.Context(), d.pod.Name)
		if err != nil {
			t.Fatal(err)
		}
		f.churn(t, d, 50)
		f.do(t, "kill", "kube-apiserver")
		f.do(t, "start", "kube-apiserver")
		f.mustBeForgotten(t, d, seen.ResourceVersion)
		w.copies(t, 10)
	}
	since := d.end(t, 13)
	w.endsWhole(t, exited("Failed, exit code 13, of the driver 13"), since)
}

// churn changes the driver's pod some times.
func (f *faults) churn(t *testing.T, d *faultDriver, times int) {
	t.Helper()
	for n := range times {
		patch := fmt.Appendf(nil, `{"metadata":{"annotations":{"test/churn":"%d"}}}`, n)
		err := f.core.Patch(types.MergePatchType).Namespace(f.namespace).Resource("pods").Name(d.pod.Name).Body(patch).Do(t.Context()).Error()
		if err != nil {
			t.Fatal(err)
		}
	}
}

// mustBeForgotten makes sure that the fault happened: a watch from that revision is answered with 410.
func (f *faults) mustBeForgotten(t *testing.T, d *faultDriver, revision string) {
	t.Helper()
	stream, err := f.core.Get().Namespace(f.namespace).Resource("pods").Param("watch", "true").Param("timeoutSeconds", "5").
		Param("fieldSelector", "metadata.name="+d.pod.Name).Param("resourceVersion", revision).Stream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stream.Close() }()
	line, err := bufio.NewReader(stream).ReadString('\n')
	if err != nil || !strings.Contains(line, `"code":410`) {
		t.Errorf("a watch from before the restart is answered with %.200s, %v", line, err)
	}
}
