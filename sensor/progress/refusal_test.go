// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package progress_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparkctl/sparkctl/sensor/progress"
)

func TestRefusal(t *testing.T) {
	// As Spark 4.0.5 logged it, but for the length of the message.
	const line = `Caused by: io.fabric8.kubernetes.client.KubernetesClientException: Failure executing: POST at: https://kubernetes.default.svc/api/v1/namespaces/jobs/pods. ` +
		`Message: pods "m-e54844a1fe918aac-exec-1" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true. Received status: Status(apiVersion=v1, code=403, details=StatusDetails(causes=[]`
	for name, test := range map[string]struct{ line, want string }{
		"what the API server said, without the client's words around it": {line, `pods "m-e54844a1fe918aac-exec-1" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true`},
		"a frame of the same stack trace says nothing":                   {"\tat io.fabric8.kubernetes.client.KubernetesClientException.copyAsCause(KubernetesClientException.java:205)", ""},
		"a refused ConfigMap is no refused executor":                     {"KubernetesClientException: Failure executing: POST at: https://s/api/v1/namespaces/jobs/configmaps. Message: exceeded quota. Received status: S", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, ok := progress.Refusal(test.line)
			if diff := cmp.Diff(test.want, got); diff != "" || ok != (test.want != "") {
				t.Errorf("%v, -want +got:\n%s", ok, diff)
			}
		})
	}
}
