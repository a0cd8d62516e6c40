// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package render

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/internal/secret"
)

func object(t *testing.T, text string) runtime.Object {
	t.Helper()
	if text == "" {
		return nil
	}
	u := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &u.Object); err != nil {
		t.Fatal(err)
	}
	return u
}

const asMade = `
apiVersion: v1
kind: Pod
metadata: {name: a, annotations: {sparkctl.dev/run-key: k, sparkctl.dev/launcher: x}}
spec:
  restartPolicy: Never
  schedulingGates: [{name: sparkctl.dev/submission}]
  containers:
  - name: c
    image: spark:4.0.1
    env: [{name: TOKEN, value: one}, {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]
    ports: [{containerPort: 4040, name: ui}]
    resources: {limits: {memory: 1Gi, nvidia.com/gpu: "1"}, requests: {memory: 1Gi, cpu: "1"}}
  volumes: [{name: v, configMap: {name: m}}]
`

const asStored = `
apiVersion: v1
kind: Pod
metadata:
  name: a
  uid: u
  resourceVersion: "7"
  creationTimestamp: "2026-01-01T00:00:00Z"
  managedFields: [{manager: x}]
  annotations: {sparkctl.dev/run-key: k, sparkctl.dev/launcher: y, cni.projectcalico.org/podIP: 10.0.0.1/32}
spec:
  restartPolicy: Never
  dnsPolicy: ClusterFirst
  enableServiceLinks: true
  nodeName: node-1
  preemptionPolicy: PreemptLowerPriority
  priority: 0
  schedulerName: default-scheduler
  securityContext: {}
  serviceAccount: default
  serviceAccountName: default
  terminationGracePeriodSeconds: 30
  tolerations:
  - {effect: NoExecute, key: node.kubernetes.io/not-ready, operator: Exists, tolerationSeconds: 300}
  - {effect: NoExecute, key: node.kubernetes.io/unreachable, operator: Exists, tolerationSeconds: 300}
  containers:
  - name: c
    image: spark:4.0.1
    imagePullPolicy: IfNotPresent
    env: [{name: TOKEN, value: one}, {name: IP, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: status.podIP}}}]
    ports: [{containerPort: 4040, name: ui, protocol: TCP}]
    resources: {limits: {memory: 1Gi, nvidia.com/gpu: "1"}, requests: {memory: 1Gi, nvidia.com/gpu: "1", cpu: "1"}}
    terminationMessagePath: /dev/termination-log
    terminationMessagePolicy: File
    volumeMounts: [{name: kube-api-access-x7, mountPath: /var/run/secrets/kubernetes.io/serviceaccount, readOnly: true}]
  volumes: [{name: v, configMap: {name: m, defaultMode: 420}}, {name: kube-api-access-x7, projected: {defaultMode: 420}}]
status: {phase: Running}
`

func TestDiff(t *testing.T) {
	t.Parallel()
	// want is what the difference holds, all of it where there is none.
	for name, test := range map[string]struct{ live, new, want string }{
		"what the cluster has filled in is no difference": {live: asStored, new: asMade},
		"a field that differs": {
			live: asStored, new: strings.ReplaceAll(asMade, "spark:4.0.1", "spark:4.0.2"),
			want: "-    image: spark:4.0.1\n+    image: spark:4.0.2\n",
		},
		"an API server may tolerate for another time than 300 seconds": {
			live: strings.ReplaceAll(asStored, "tolerationSeconds: 300", "tolerationSeconds: 10"), new: asMade,
		},
		"a pair of the user's own that changes is a difference": {
			live: strings.ReplaceAll(asStored, "tolerationSeconds: 300", "tolerationSeconds: 30"),
			new: strings.Replace(asMade, "spec:\n", "spec:\n  tolerations:\n  - {effect: NoExecute, key: node.kubernetes.io/not-ready, operator: Exists, tolerationSeconds: 120}\n"+
				"  - {effect: NoExecute, key: node.kubernetes.io/unreachable, operator: Exists, tolerationSeconds: 120}\n", 1),
			want: "-    tolerationSeconds: 30\n+    tolerationSeconds: 120\n",
		},
		"a toleration of the user's own is one": {
			live: strings.Replace(asStored, "tolerationSeconds: 300", "tolerationSeconds: 30", 1), new: asMade,
			want: "-  tolerations:\n-  - effect: NoExecute\n-    key: node.kubernetes.io/not-ready\n-    operator: Exists\n-    tolerationSeconds: 30\n",
		},
		"a secret that differs is told, not shown": {
			live: asStored, new: strings.Replace(asMade, "value: one", "value: two", 1),
			want: "--- live/pod/a\n+++ new/pod/a\nvalues that are masked differ\n",
		},
		"an object that is new": {
			new:  "apiVersion: v1\nkind: Service\nmetadata: {name: s}\n",
			want: "--- live/service/s\n+++ new/service/s\n@@ -0,0 +1,5 @@\n+apiVersion: v1\n+kind: Service\n+metadata:\n+  name: s\n+  namespace: jobs\n",
		},
		"Spark's configuration in another order, as Java writes it": {
			live: "kind: ConfigMap\nmetadata: {name: c}\ndata: {spark.properties: \"#Java\\n#a date\\nspark.b=2\\nspark.a=1\\n\"}\n",
			new:  "kind: ConfigMap\nmetadata: {name: c}\ndata: {spark.properties: \"#another\\nspark.a=1\\nspark.b=2\\n\"}\n",
		},
		"the defaults of a Service": {
			live: "kind: Service\nmetadata: {name: c}\nspec: {clusterIP: None, clusterIPs: [None], type: ClusterIP, sessionAffinity: None, internalTrafficPolicy: Cluster, ipFamilies: [IPv4], ipFamilyPolicy: SingleStack, ports: [{port: 1, targetPort: 1, protocol: TCP}]}\n",
			new:  "kind: Service\nmetadata: {name: c}\nspec: {clusterIP: None, ports: [{port: 1, targetPort: 1}]}\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Diff([]Pair{{Live: object(t, test.live), New: object(t, test.new)}}, "jobs", secret.Rules{})
			if err != nil {
				t.Fatal(err)
			}
			if test.want != "" && strings.Contains(string(got), test.want) {
				return
			}
			if diff := cmp.Diff(test.want, string(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
