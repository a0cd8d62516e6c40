// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// everythingSilent lets no connection answer for a while, new ones included; nothing is reset.
func everythingSilent(t *testing.T, f *faults) {
	t.Helper()
	endInSilence(t, f)(t, f)
}

// endInSilence lets a driver end while nothing answers. It returns what makes everything answer again and checks
// what is said then, which can wait: it takes the sensor a minute to notice.
func endInSilence(t *testing.T, f *faults) func(*testing.T, *faults) {
	t.Helper()
	d := f.driver(t, "all-silent")
	w := f.follow(t, d, how{})
	w.tunnel.mute(true)
	d.end(t, 4)
	return func(t *testing.T, _ *faults) {
		t.Helper()
		w.until(t, "the sensor to notice", func() bool { return strings.Contains(w.said(), "cannot be read") })
		w.tunnel.reopen()
		since := time.Now()
		w.endsWhole(t, exited("Failed, exit code 4, of the driver 4"), since)
	}
}

// watchSilent lets the connections that there are answer no more; new ones work.
func watchSilent(t *testing.T, f *faults) {
	t.Helper()
	oneSilent(t, f, how{})
}

// watchSilentWithoutPings is the same over HTTP/1.1, where no ping finds it out.
func watchSilentWithoutPings(t *testing.T, f *faults) {
	t.Helper()
	oneSilent(t, f, how{env: []string{"DISABLE_HTTP2=1"}})
}

func oneSilent(t *testing.T, f *faults, h how) {
	t.Helper()
	d := f.driver(t, "watch-silent")
	w := f.follow(t, d, h)
	w.tunnel.mute(false)
	since := d.end(t, 5)
	w.endsWhole(t, exited("Failed, exit code 5, of the driver 5"), since)
}

// removedDuringOutage takes the pod away while the sensor cannot see it: what it did is
// not known, whatever it did.
func removedDuringOutage(t *testing.T, f *faults) {
	t.Helper()
	lost := func(last func(t *testing.T, d *faultDriver), name string) func(*testing.T, *faults) {
		return func(t *testing.T, f *faults) {
			t.Helper()
			d := f.driver(t, name)
			w := f.follow(t, d, how{})
			w.tunnel.close()
			last(t, d)
			w.tunnel.reopen()
			since := time.Now()
			want{"Lost, exit code 83, of the driver none", "deleted", "Deleted NotFound", ""}.check(t, w.ends(t), since)
		}
	}
	together(t, f,
		fault{"while the driver runs", lost(func(t *testing.T, d *faultDriver) {
			t.Helper()
			d.remove(t)
		}, "removed-running")},
		fault{"after it succeeded", lost(func(t *testing.T, d *faultDriver) {
			t.Helper()
			d.end(t, 0)
			f.awaitEnd(t, d.pod.Name, d.pod.Spec.Containers[0].Name)
			d.remove(t)
		}, "removed-succeeded")},
		fault{"its end is still there to be seen", removedButHeld})
}

// removedButHeld deletes a pod that has ended, and that a finalizer keeps.
func removedButHeld(t *testing.T, f *faults) {
	t.Helper()
	d := f.driver(t, "removed-held", func(pod *corev1.Pod) { f.hold(t, pod) })
	w := f.follow(t, d, how{})
	w.tunnel.close()
	d.end(t, 6)
	f.awaitEnd(t, d.pod.Name, d.pod.Spec.Containers[0].Name)
	f.deletePod(t, d.pod.Name, 0)
	w.tunnel.reopen()
	since := time.Now()
	w.endsWhole(t, exited("Failed, exit code 6, of the driver 6"), since)
}

// replacedDuringOutage puts another pod under the driver's name while the sensor cannot see it.
func replacedDuringOutage(t *testing.T, f *faults) {
	t.Helper()
	d := f.driver(t, "replaced")
	w := f.follow(t, d, how{})
	w.tunnel.close()
	d.remove(t)
	next := f.driver(t, "replaced")
	next.end(t, 0)
	f.awaitEnd(t, next.pod.Name, next.pod.Spec.Containers[0].Name)
	w.tunnel.reopen()
	since := time.Now()
	end := w.ends(t)
	want{"Lost, exit code 83, of the driver none", "deleted", "Replaced", ""}.check(t, end, since)
	if got := end.result.PodUID; got != string(d.pod.UID) {
		t.Errorf("the result is about pod %s, followed was %s", got, d.pod.UID)
	}
}
