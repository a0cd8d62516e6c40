// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package manifest

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// refuseKubeflow refuses what only the operator itself can do, or nobody.
func (b *builder) refuseKubeflow(spec *kubeflowSpec) {
	if !slices.Contains([]string{"", "Java", "Scala", "Python", "R"}, spec.Type) {
		b.refuse("spec.type", strconv.Quote(spec.Type)+" is none that is known", "give Java, Scala, Python or R")
	}
	if spec.Mode != "" && spec.Mode != "cluster" {
		b.refuse("spec.mode", strconv.Quote(spec.Mode)+" is not possible: the driver runs as a pod of its own", "leave it out, or give cluster")
	}
	for _, r := range []struct {
		set             bool
		path, why, hint string
	}{
		{isTrue(spec.Suspend), "spec.suspend", "is true, and nothing would resume the application", "submit it when it is to run"},
		{spec.SparkConfigMap != nil, "spec.sparkConfigMap", "cannot be honoured: Spark names its own folder with SPARK_CONF_DIR in the pods", "put its keys into sparkConf, and mount other files with configMaps"},
		{spec.FailureRetries != nil, "spec.failureRetries", noRetries, retryHint},
		{spec.RetryInterval != nil, "spec.retryInterval", noRetries, retryHint},
		{value(spec.BatchScheduler) != "", "spec.batchScheduler", "needs objects and labels that its operator makes", "set schedulerName for driver and executor, and the scheduler's own labels and annotations"},
		{spec.BatchSchedulerOptions != nil, "spec.batchSchedulerOptions", "needs objects and labels that its operator makes", "set the scheduler's own labels and annotations for driver and executor"},
		{spec.TimeToLiveSeconds != nil, "spec.timeToLiveSeconds", "cannot be honoured: there is no operator that deletes", "delete ended drivers with: sparkctl sweep"},
		{spec.SparkUIOptions != nil, "spec.sparkUIOptions", "asks for a Service and an Ingress, which a submission does not make", "see the UI with: sparkctl ui"},
		{spec.DriverIngressOptions != nil, "spec.driverIngressOptions", "asks for Services and Ingresses, which a submission does not make", "apply them with kubectl; they find the driver by its labels"},
		{isTrue(spec.DriverPodDisruptionBudget), "spec.driverPodDisruptionBudget", "asks for a PodDisruptionBudget, which a submission does not make", "apply one with kubectl; it finds the driver by its labels"},
		{len(spec.NodeSelector) > 0 && len(spec.Driver.NodeSelector) > 0, "spec.driver.nodeSelector", "stands beside spec.nodeSelector, and one excludes the other", "keep those of driver and executor"},
		{len(spec.NodeSelector) > 0 && len(spec.Executor.NodeSelector) > 0, "spec.executor.nodeSelector", "stands beside spec.nodeSelector, and one excludes the other", "keep those of driver and executor"},
		{spec.Driver.MemoryLimit != nil, "spec.driver.memoryLimit", noMemoryLimit, "set memoryOverhead"},
		{spec.Executor.MemoryLimit != nil, "spec.executor.memoryLimit", noMemoryLimit, "set memoryOverhead"},
	} {
		if r.set {
			b.refuse(r.path, r.why, r.hint)
		}
	}
	b.refuseRestart(spec.RestartPolicy)
	b.refuseMonitoring(spec.Monitoring)
	b.refuseDynamic(spec.DynamicAllocation)
	b.refuseConf(spec.SparkConf)
}

const (
	noRetries     = "cannot be honoured: a submission makes one driver"
	retryHint     = "leave retries to what runs the submission, such as the task of a workflow; the same run key continues the same run"
	noMemoryLimit = "cannot be honoured: Spark sets the limit of memory to the request"
)

func (b *builder) refuseRestart(restart kubeflowRestart) {
	if restart.Type != "" && restart.Type != "Never" {
		b.refuse("spec.restartPolicy.type", strconv.Quote(restart.Type)+" "+noRetries, retryHint)
		return
	}
	for _, r := range []struct {
		set   bool
		field string
	}{
		{restart.OnSubmissionFailureRetries != nil, "onSubmissionFailureRetries"},
		{restart.OnFailureRetries != nil, "onFailureRetries"},
		{restart.OnSubmissionFailureRetryInterval != nil, "onSubmissionFailureRetryInterval"},
		{restart.OnFailureRetryInterval != nil, "onFailureRetryInterval"},
	} {
		if r.set {
			b.refuse("spec.restartPolicy."+r.field, noRetries, retryHint)
		}
	}
}

// refuseMonitoring refuses what would need a ConfigMap, and what says nothing without the exporter.
func (b *builder) refuseMonitoring(m *kubeflowMonitoring) {
	if m == nil {
		return
	}
	const mount = "put the file into the image, or mount it with configMaps, and name it"
	if m.MetricsProperties != nil {
		b.refuse("spec.monitoring.metricsProperties", "asks for a ConfigMap, which a submission does not make", mount+" as metricsPropertiesFile")
	}
	if m.Prometheus == nil {
		b.refuse("spec.monitoring.prometheus", "is missing, and without it the operator exposes nothing", "add it, or set Spark's own keys spark.metrics.* and spark.ui.prometheus.enabled in sparkConf")
		return
	}
	if m.MetricsPropertiesFile == nil && m.MetricsProperties == nil {
		b.refuse("spec.monitoring.metricsPropertiesFile", "is missing, and the operator's default asks for a ConfigMap, which a submission does not make", mount+" here")
	}
	if m.Prometheus.Configuration != nil {
		b.refuse("spec.monitoring.prometheus.configuration", "asks for a ConfigMap, which a submission does not make", mount+" as configFile")
	} else if m.Prometheus.ConfigFile == nil {
		b.refuse("spec.monitoring.prometheus.configFile", "is missing, and the operator's default asks for a ConfigMap, which a submission does not make", mount+" here")
	}
	if m.Prometheus.JmxExporterJar == "" {
		b.refuse("spec.monitoring.prometheus.jmxExporterJar", "is missing", "name the exporter's jar in the image")
	}
	if m.Prometheus.PortName != nil {
		b.refuse("spec.monitoring.prometheus.portName", "names a port that the operator declares only together with its own ConfigMap", "declare the port with ports of driver and executor")
	}
}

func (b *builder) refuseDynamic(dynamic *kubeflowDynamicAllocation) {
	if dynamic == nil || dynamic.Enabled || *dynamic == (kubeflowDynamicAllocation{}) {
		return
	}
	b.refuse("spec.dynamicAllocation.enabled", "is not true, so the other fields there say nothing", "set it, or take them out")
}

// refuseConf refuses keys that Spark would ignore.
func (b *builder) refuseConf(conf map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(conf)) {
		if !strings.HasPrefix(key, "spark.") {
			b.refuse("spec.sparkConf["+key+"]", "does not begin with spark., so Spark ignores it", "put Hadoop's keys behind spark.hadoop., and others into a file of the image")
		}
	}
}

func isTrue(set *bool) bool { return set != nil && *set }
