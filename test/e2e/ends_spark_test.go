// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

//go:build e2e

package e2e

import (
	"context"
	_ "embed"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/sensor/progress"
)

// endsProgram is a PySpark application that ends as it is told.
//
//go:embed ends.py
var endsProgram string

// ours is where drivers find that program.
const ours = "local:///programs/ends.py"

// Each way a Spark driver can end by what Spark does, submitted by the real
// submitter and followed from the moment its pod is there.
func TestSensorNamesEveryEndOfSpark(t *testing.T) {
	t.Parallel()
	c := connect(t)
	c.createPrograms(t)
	// A submission takes one processor for some seconds, and then its driver does.
	c.produceAll(t, 3, sparkProductions())
}

// sparkProductions are the ends that take a real Spark.
func sparkProductions() []production {
	java := func(command ...string) *launch { return &launch{command: command} }
	python := func(command ...string) *launch { return &launch{file: ours, command: command} }
	oneTry := "spark.task.maxFailures=1"
	return []production{
		{end: "spark-success", spark: java("pi", "4"), full: true},
		{end: "spark-exit-3", spark: java("exit", "3"), full: true},
		{end: "spark-exception", spark: java("throw", "no partition 2026-11-21"), full: true},
		{end: "spark-traceback", spark: python("traceback")},
		{end: "spark-sys-exit-7", spark: python("exit_with", "7"), full: true},
		{end: "spark-class-not-found", spark: &launch{class: "dev.sparkctl.examples.Mian"}},
		{end: "spark-jar-not-found", spark: &launch{file: "local:///opt/spark/examples/jars/orders.jar", class: "com.example.Orders"}, full: true},
		{end: "spark-file-not-found", spark: &launch{file: "local:///programs/orders.py"}, full: true},
		{end: "spark-heap", spark: java("oom"), full: true},
		{end: "spark-no-table", spark: python("no_table"), full: true},
		{end: "spark-no-filesystem", spark: python("no_filesystem"), full: true},
		{end: "spark-no-path", spark: python("no_path"), full: true},
		{end: "spark-no-module", spark: python("no_module"), full: true},
		{end: "spark-no-jdbc-driver", spark: python("no_jdbc_driver"), full: true},
		{end: "spark-unknown-host", spark: python("unknown_host"), full: true},
		{end: "spark-large-result", spark: python("large_result").with("spark.driver.maxResultSize=1k"), full: true},
		{end: "spark-executor-heap", spark: python("executor_heap").with(oneTry), full: true},
		{end: "spark-task-fails", spark: python("task_fails").with(oneTry), full: true},
		{end: "spark-worker-memory", spark: python("worker_memory").with(oneTry), full: true},
		{end: "spark-driver-memory", spark: python("driver_memory"), full: true},
		{end: "spark-executors-fail", spark: python("count").with("spark.executor.maxNumFailures=1", "spark.executor.extraJavaOptions=-XX:+UseSerialGC -XX:+UseParallelGC"), full: true},
		hanging("spark-executors-without-image", python("count").with("spark.kubernetes.executor.container.image=127.0.0.1:9/spark:4.0.5"), executorWaits),
		onlyInFull(hanging("spark-executors-unschedulable", python("count").with("spark.kubernetes.executor.request.cores=100"), executorWaits)),
		onlyInFull(hanging("spark-executors-over-quota", python("count").with("spark.kubernetes.executor.podTemplateFile=/templates/executor-over-quota.yaml"), logs("exceeded quota"))),
		onlyInFull(hanging("spark-hangs", python("hang"), logs("Successfully stopped SparkContext"))),
		onlyInFull(hanging("spark-hangs-in-python", python("hang_python"), logs("Successfully stopped SparkContext"))),
		{end: "spark-no-rights", spark: python("count").with("spark.kubernetes.authenticate.driver.serviceAccountName=default")},
		{end: "spark-exit-exception", spark: java("throw", "no partition 2026-11-21").on("4.3.0").with("spark.kubernetes.driver.annotateExitException=true"), full: true},
		{end: "spark-driver-timeout", spark: python("sleep", "600").on("4.3.0").with("spark.driver.timeout=1min", "spark.plugins=org.apache.spark.deploy.DriverTimeoutPlugin"), full: true},
	}
}

// hanging is a driver that does not come to its end: the sensor comes to it once it hangs, and gives it five more seconds.
func hanging(end string, spark *launch, hangs func(context.Context, *followed) error) production {
	return production{end: end, spark: spark, late: true, hangs: true, act: hangs}
}

// onlyInFull leaves a production out of the short run.
func onlyInFull(p production) production {
	p.full = true
	return p
}

// logs waits until the driver's log has a text.
func logs(text string) func(context.Context, *followed) error {
	return func(ctx context.Context, f *followed) error {
		for ctx.Err() == nil {
			if strings.Contains(f.log(ctx, f.name, driver.DefaultContainer, 50), text) {
				return nil
			}
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
			}
		}
		return fmt.Errorf("driver %s did not say %q: %w", f.name, text, ctx.Err())
	}
}

// executorWaits waits until an executor's pod says what it waits for.
func executorWaits(ctx context.Context, f *followed) error {
	for ctx.Err() == nil {
		for _, pod := range f.pods.executors(f.pods.last(f.uid)) {
			if progress.WhyWaiting(pod) != "" {
				return nil
			}
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	return fmt.Errorf("no executor of %s waits: %w", f.name, ctx.Err())
}

// with adds properties.
func (l *launch) with(confs ...string) *launch {
	l.confs = append(l.confs, confs...)
	return l
}

// on chooses a version of Spark.
func (l *launch) on(spark string) *launch {
	l.spark = spark
	return l
}

// createPrograms makes the ConfigMap that the launchers of these ends mount in the place of the demo's: the same pod
// templates, but for the drivers' mounting it too, and the program beside them.
func (c *cluster) createPrograms(t *testing.T) {
	t.Helper()
	in := c.objects.Resource(resources["ConfigMap"]).Namespace(c.namespace)
	object, err := in.Get(t.Context(), "spark-templates", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	data, _, err := unstructured.NestedStringMap(object.Object, "data")
	if err != nil {
		t.Fatal(err)
	}
	c.createQuota(t, "team-a", noneOf(reservedClass))
	overQuota := strings.Replace(data["executor.yaml"], "\nspec:\n", "\nspec:\n  priorityClassName: "+reservedClass+"\n", 1)
	template := &corev1.Pod{}
	if err := yaml.UnmarshalStrict([]byte(data["driver.yaml"]), template); err != nil {
		t.Fatal(err)
	}
	programs := corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "programs"}}
	template.Spec.Volumes = []corev1.Volume{{Name: "programs", VolumeSource: corev1.VolumeSource{ConfigMap: &programs}}}
	template.Spec.Containers[0].VolumeMounts = []corev1.VolumeMount{{Name: "programs", MountPath: "/programs"}}
	text, err := yaml.Marshal(template)
	if err != nil {
		t.Fatal(err)
	}
	c.letDriversAnnotate(t)
	made := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "programs"},
		"data": map[string]any{"driver.yaml": string(text), "executor.yaml": data["executor.yaml"], "executor-over-quota.yaml": overQuota, "ends.py": endsProgram},
	}}
	if _, err := in.Create(t.Context(), made, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// reservedClass is a priority class that every cluster has.
const reservedClass = "system-cluster-critical"

// noneOf allows no pod of a priority class.
func noneOf(class string) corev1.ResourceQuotaSpec {
	return corev1.ResourceQuotaSpec{
		Hard: corev1.ResourceList{corev1.ResourcePods: resource.MustParse("0")},
		ScopeSelector: &corev1.ScopeSelector{MatchExpressions: []corev1.ScopedResourceSelectorRequirement{{
			ScopeName: corev1.ResourceQuotaScopePriorityClass, Operator: corev1.ScopeSelectorOpIn, Values: []string{class},
		}}},
	}
}

// createQuota makes a quota for the test's namespace.
func (c *cluster) createQuota(t *testing.T, name string, spec corev1.ResourceQuotaSpec) {
	t.Helper()
	quota := &corev1.ResourceQuota{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ResourceQuota"},
		ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: spec,
	}
	if err := c.core.Post().Namespace(c.namespace).Resource("resourcequotas").Body(quota).Do(t.Context()).Error(); err != nil {
		t.Fatal(err)
	}
}

// letDriversAnnotate gives drivers the right that spark.kubernetes.driver.annotateExitException needs.
func (c *cluster) letDriversAnnotate(t *testing.T) {
	t.Helper()
	const group = "rbac.authorization.k8s.io"
	for kind, rest := range map[string]map[string]any{
		"Role": {"rules": []any{map[string]any{"apiGroups": []any{""}, "resources": []any{"pods"}, "verbs": []any{"patch"}}}},
		"RoleBinding": {
			"roleRef":  map[string]any{"apiGroup": group, "kind": "Role", "name": "annotate"},
			"subjects": []any{map[string]any{"kind": "ServiceAccount", "name": "spark-driver", "namespace": c.namespace}},
		},
	} {
		object := &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": group + "/v1", "kind": kind, "metadata": map[string]any{"name": "annotate"},
		}}
		maps.Copy(object.Object, rest)
		if _, err := c.objects.Resource(resources[kind]).Namespace(c.namespace).Create(t.Context(), object, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
}

// submit runs a launcher, and returns when its driver is there.
func (f *followed) submit(ctx context.Context, key string, l launch) error {
	if l.spark == "" {
		l.spark = newestSpark
	}
	l.key = key
	pod := f.launcherPod("launcher-"+key, l)
	pod.Spec.Containers = pod.Spec.Containers[:1] // nobody looks at the result's states
	pod.Spec.Volumes[1].ConfigMap.Name = "programs"
	if err := f.core.Post().Namespace(f.namespace).Resource("pods").Body(pod).Do(ctx).Error(); err != nil {
		return fmt.Errorf("create launcher: %w", err)
	}
	for ctx.Err() == nil {
		if made := f.pods.driverOf(key); made != nil {
			f.name, f.uid = made.Name, made.UID
			return nil
		}
		launcher, err := f.pod(ctx, pod.Name)
		if status := driver.Status(launcher, "submitter"); err == nil && status != nil && status.State.Terminated != nil {
			return fmt.Errorf("the launcher ended without a driver: %s", f.log(ctx, pod.Name, "submitter", 20))
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	return fmt.Errorf("no driver of %s: %w", key, ctx.Err())
}
