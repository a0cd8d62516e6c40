// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
)

func TestAnExecutorAsksForWhatSparkWouldAskFor(t *testing.T) {
	t.Parallel()
	const jar, py = "local:///app.jar", "local:///app.py"
	for name, test := range map[string]struct {
		version string
		argv    []string
		// requests and limits as "cpu memory", and how many executors there are at first.
		requests, limits string
		first            int
	}{
		"what is said of nothing":         {"4.0.1", []string{"--class", "C", jar}, "cpu=1 memory=1408Mi", "memory=1408Mi", 2},
		"Python has more beside it":       {"4.0.1", []string{py}, "cpu=1 memory=1433Mi", "memory=1433Mi", 2},
		"a tenth of much memory":          {"3.5.1", []string{"--class", "C", "--executor-memory", "10g", "--executor-cores", "4", "--num-executors", "7", jar}, "cpu=4 memory=11Gi", "memory=11Gi", 7},
		"cores of Kubernetes and a limit": {"4.0.1", []string{"--class", "C", "--conf", "spark.kubernetes.executor.request.cores=500m", "--conf", "spark.kubernetes.executor.limit.cores=2", jar}, "cpu=500m memory=1408Mi", "cpu=2 memory=1408Mi", 2},
		"an overhead of its own":          {"4.0.1", []string{"--class", "C", "--conf", "spark.executor.memoryOverhead=1g", "--conf", "spark.executor.memoryOverheadFactor=0.9", jar}, "cpu=1 memory=2Gi", "memory=2Gi", 2},
		"a factor of its own":             {"4.0.1", []string{"--class", "C", "--conf", "spark.executor.memoryOverheadFactor=0.5", jar}, "cpu=1 memory=1536Mi", "memory=1536Mi", 2},
		"memory off the heap, and Python's": {"4.0.1", []string{
			"--conf", "spark.memory.offHeap.enabled=true", "--conf", "spark.memory.offHeap.size=512m", "--conf", "spark.executor.pyspark.memory=1g", "--conf", "spark.executor.memoryOverhead=512", py,
		}, "cpu=1 memory=3Gi", "memory=3Gi", 2},
		"devices": {"4.0.1", []string{"--class", "C", "--conf", "spark.executor.resource.gpu.amount=2", "--conf", "spark.executor.resource.gpu.vendor=nvidia.com", jar}, "cpu=1 memory=1408Mi", "memory=1408Mi nvidia.com/gpu=2", 2},
		"executors that come and go": {"4.0.1", []string{
			"--class", "C", "--conf", "spark.dynamicAllocation.enabled=true", "--conf", "spark.dynamicAllocation.minExecutors=3", "--conf", "spark.dynamicAllocation.initialExecutors=5", jar,
		}, "cpu=1 memory=1408Mi", "memory=1408Mi", 5},
		"none at first": {"4.0.1", []string{"--class", "C", "--conf", "spark.dynamicAllocation.enabled=true", jar}, "cpu=1 memory=1408Mi", "memory=1408Mi", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pod, first, err := Executor(inputOf(t, test.version, test.argv...))
			if err != nil {
				t.Fatal(err)
			}
			asked := pod.Spec.Containers[0].Resources
			got := []any{listed(asked.Requests), listed(asked.Limits), first}
			if diff := cmp.Diff([]any{test.requests, test.limits, test.first}, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// listed is a list of resources in the order of their names.
func listed(list corev1.ResourceList) string {
	var parts []string
	for _, name := range sorted(named(list)) {
		amount := list[corev1.ResourceName(name)]
		parts = append(parts, name+"="+amount.String())
	}
	return strings.Join(parts, " ")
}

func named(list corev1.ResourceList) map[string]bool {
	names := map[string]bool{}
	for name := range list {
		names[string(name)] = true
	}
	return names
}

func TestAnExecutorNamesTheObjectsThatItWillNeed(t *testing.T) {
	t.Parallel()
	in := inputOf(
		t, "4.0.1", "--class", "C", "--conf", "spark.kubernetes.executor.secrets.keys=/keys", "--conf", "spark.kubernetes.executor.secretKeyRef.TOKEN=tokens:it",
		"--conf", "spark.kubernetes.executor.volumes.persistentVolumeClaim.data.options.claimName=lake", "--conf", "spark.kubernetes.executor.volumes.persistentVolumeClaim.data.mount.path=/data",
		"--conf", "spark.kubernetes.executor.volumes.persistentVolumeClaim.spill.options.claimName=OnDemand", "--conf", "spark.kubernetes.executor.volumes.persistentVolumeClaim.spill.mount.path=/spill",
		"--conf", "spark.kubernetes.container.image.pullSecrets=hub", "local:///app.jar",
	)
	in.Launcher.ExecutorTemplate = []byte("spec: {containers: [{name: main, resources: {requests: {ephemeral-storage: 1Gi}}}, {name: sidecar}]}")
	pod, _, err := Executor(in)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, v := range pod.Spec.Volumes {
		switch {
		case v.Secret != nil:
			names = append(names, "secret "+v.Secret.SecretName)
		case v.PersistentVolumeClaim != nil:
			names = append(names, "claim "+v.PersistentVolumeClaim.ClaimName)
		}
	}
	main := pod.Spec.Containers[len(pod.Spec.Containers)-1]
	names = append(names, "variable from "+main.Env[0].ValueFrom.SecretKeyRef.Name, "pull secret "+pod.Spec.ImagePullSecrets[0].Name, main.Name, pod.Spec.Containers[0].Name, listed(main.Resources.Requests))
	want := []string{"secret keys", "claim lake", "variable from tokens", "pull secret hub", "main", "sidecar", "cpu=1 ephemeral-storage=1Gi memory=1408Mi"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestWhatIsWrongWithAnExecutorIsTold(t *testing.T) {
	t.Parallel()
	_, _, err := Executor(inputOf(t, "4.0.1", "--class", "C", "--conf", "spark.executor.memory=much", "local:///app.jar"))
	if said := refusalOf(t, err); !strings.Contains(said, `spark.executor.memory is "much", which is no amount of memory`) {
		t.Error(said)
	}
	in := inputOf(t, "4.0.1", "--class", "C", "local:///app.jar")
	in.Launcher.ExecutorTemplate = []byte("spec: [")
	_, _, err = Executor(in)
	if said := refusalOf(t, err); !strings.Contains(said, "the executors' pod template is no pod") {
		t.Error(said)
	}
}

func TestAnExecutorMayGainNoPrivilegesSinceSpark43(t *testing.T) {
	t.Parallel()
	for version, conf := range map[string]string{"4.2.0": "", "4.3.0": "false", "4.3.1": "true"} {
		argv := []string{"--class", "C", "local:///app.jar"}
		if conf == "true" {
			argv = append([]string{"--conf", "spark.kubernetes.executor.securityContext.allowPrivilegeEscalation=true"}, argv...)
		}
		pod, _, err := Executor(inputOf(t, version, argv...))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if security := pod.Spec.Containers[0].SecurityContext; security != nil {
			got = strconv.FormatBool(*security.AllowPrivilegeEscalation)
		}
		if got != conf {
			t.Errorf("Spark %s: %q, want %q", version, got, conf)
		}
	}
}
