// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sparkctl/sparkctl/sensor"
	"github.com/sparkctl/sparkctl/xcom"
)

// Whatever an earlier life left in the result file: nothing is remembered of another driver, a success is
// remembered only where the driver's container was seen to end with 0, and what is remembered can be told.
func FuzzEarlier(f *testing.F) {
	f.Add([]byte(`{"schema":"sparkctl.dev/result/v1","state":"Running","pod_name":"p","pod_uid":"u","container_status":[{"container_name":"spark-kubernetes-driver","container_state":"terminated","exit_code":0}]}`), "u")
	f.Add([]byte(`{"schema":"sparkctl.dev/result/v1","state":"Failed","pod_name":"p","pod_uid":"u","exit_code":137,"cause":{"category":"memory","reason":"OOMKilled","message":"m"}}`), "u")
	f.Add([]byte(`{"schema":"sparkctl.dev/result/v1","state":"Failed","pod_name":"p","pod_uid":"u","exit_code":0}`), "u")
	f.Add([]byte(`{'schema': 'sparkctl.dev/result/v1', 'state': 'Succeeded', 'pod_name': 'p'}`), "")
	f.Add([]byte(`{"schema":"sparkctl.dev/result/v1","state":"Succ`), "u")
	f.Fuzz(func(t *testing.T, text []byte, uid string) {
		path := filepath.Join(t.TempDir(), "return.json")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		base := xcom.Result{Schema: xcom.Schema, State: xcom.Unknown, PodName: "p", PodUID: uid}
		seen := resultFlags{file: path}.earlier()
		if !seen.of(base) {
			return
		}
		if uid == "" || seen.result.PodUID != uid {
			t.Errorf("%+v is taken for the driver of UID %q", seen.result, uid)
		}
		gone := sensor.Judge(sensor.Observation{Gone: true}, sensor.Criteria{})
		v := seen.recall(gone, "")
		status := driverStatus(seen.result.ContainerStatus, "")
		succeeded := status != nil && status.ExitCode != nil && *status.ExitCode == 0
		if v.State == xcom.Succeeded && !succeeded {
			t.Errorf("a success that nobody saw: %s", text)
		}
		if !v.Final || (v.ExitCode == 0) != (v.State == xcom.Succeeded) || v.State != xcom.Succeeded && (v.Cause == nil || v.Cause.Message == "") {
			t.Errorf("%+v of %s", v, text)
		}
		r := seen.result
		r.State, r.Cause, r.ExitCode = v.State, v.Cause, v.DriverCode
		if v.ExitCode != r.Exit() {
			t.Errorf("exit code %d of a result's %d", v.ExitCode, r.Exit())
		}
	})
}
