// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sensor_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sparkctl/sparkctl/test/apiserver"
	"github.com/sparkctl/sparkctl/xcom"
)

// An outage that is nearly over must not end the following after the server answers again.
func TestFollowReadsAnewAsSoonAsTheWatchBringsSomethingInAnOutage(t *testing.T) {
	t.Parallel()
	inWorld(t, apiserver.Options{}, func(w *world) {
		w.follow(w.t.Context(), nil)
		w.server.SetAuthorize(func(a apiserver.Attributes) bool { return a.Verb != "get" })
		w.after(10 * time.Minute)
		const again = "the driver can be read again"
		if said := w.log.String(); !strings.Contains(said, "the driver cannot be read") || strings.Contains(said, again) {
			w.t.Fatalf("no outage has begun:\n%s", said)
		}
		w.server.SetAuthorize(nil)
		w.run()
		if said := w.log.String(); !strings.Contains(said, again) {
			w.t.Errorf("it has not read at once:\n%s", said)
		}
		w.terminate(0)
		w.want(xcom.Succeeded, 0, time.Second)
	})
}
