// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package manifest

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// kubeflowApplication is a SparkApplication of kubeflow's operator (its api/v1beta2, SparkApplication). Each field says what it
// becomes; those of type any are refused with all that is in them.
type kubeflowApplication struct {
	metav1.TypeMeta `json:",inline"`
	Metadata        metav1.ObjectMeta `json:"metadata"`
	Spec            kubeflowSpec      `json:"spec"`
	// Status is what the operator wrote, and no wish: files got from a cluster have it.
	Status map[string]any `json:"status,omitempty"`
}

// kubeflowSpec is what to run (SparkApplicationSpec).
type kubeflowSpec struct {
	// Suspend must not be true: nothing would resume it.
	Suspend *bool `json:"suspend,omitempty"`
	// Type is Java, Scala, Python or R; the main file alone decides.
	Type string `json:"type,omitempty"`
	// SparkVersion in the images.
	SparkVersion string `json:"sparkVersion,omitempty"`
	// Mode must be cluster.
	Mode string `json:"mode,omitempty"`
	// ProxyUser is --proxy-user.
	ProxyUser *string `json:"proxyUser,omitempty"`
	// Image of driver and executors: spark.kubernetes.container.image.
	Image *string `json:"image,omitempty"`
	// ImagePullPolicy is spark.kubernetes.container.image.pullPolicy.
	ImagePullPolicy *string `json:"imagePullPolicy,omitempty"`
	// ImagePullSecrets is spark.kubernetes.container.image.pullSecrets.
	ImagePullSecrets []string `json:"imagePullSecrets,omitempty"`
	// MainClass is --class.
	MainClass *string `json:"mainClass,omitempty"`
	// MainApplicationFile is the main file.
	MainApplicationFile *string `json:"mainApplicationFile,omitempty"`
	// Arguments are the application's own.
	Arguments []string `json:"arguments,omitempty"`
	// SparkConf is --conf; fields that set the same key weigh more.
	SparkConf map[string]string `json:"sparkConf,omitempty"`
	// HadoopConf is spark.hadoop.*.
	HadoopConf map[string]string `json:"hadoopConf,omitempty"`
	// SparkConfigMap is refused: Spark sets SPARK_CONF_DIR of its own in the pods.
	SparkConfigMap *string `json:"sparkConfigMap,omitempty"`
	// HadoopConfigMap is mounted at /etc/hadoop/conf, which HADOOP_CONF_DIR names.
	HadoopConfigMap *string `json:"hadoopConfigMap,omitempty"`
	// Volumes that the roles mount; those named spark-local-dir-* become Spark's local folders.
	Volumes []corev1.Volume `json:"volumes,omitempty"`
	// Driver and Executor are the roles.
	Driver   kubeflowDriver   `json:"driver"`
	Executor kubeflowExecutor `json:"executor"`
	// Deps are the lists of files: --jars, --packages and so on.
	Deps kubeflowDeps `json:"deps"`
	// RestartPolicy must be Never: retries are the caller's.
	RestartPolicy kubeflowRestart `json:"restartPolicy"`
	// NodeSelector of both roles: spark.kubernetes.node.selector.*.
	NodeSelector map[string]string `json:"nodeSelector,omitempty"`
	// FailureRetries and RetryInterval are refused: retries are the caller's.
	FailureRetries *int32 `json:"failureRetries,omitempty"`
	RetryInterval  *int64 `json:"retryInterval,omitempty"`
	// PythonVersion is spark.kubernetes.pyspark.pythonVersion.
	PythonVersion *string `json:"pythonVersion,omitempty"`
	// MemoryOverheadFactor is spark.kubernetes.memoryOverheadFactor.
	MemoryOverheadFactor *string `json:"memoryOverheadFactor,omitempty"`
	// Monitoring by Prometheus' JMX exporter, as far as it needs no ConfigMap.
	Monitoring *kubeflowMonitoring `json:"monitoring,omitempty"`
	// BatchScheduler and BatchSchedulerOptions are refused: they need the operator's objects.
	BatchScheduler        *string `json:"batchScheduler,omitempty"`
	BatchSchedulerOptions any     `json:"batchSchedulerOptions,omitempty"`
	// TimeToLiveSeconds is refused: nobody is there to delete.
	TimeToLiveSeconds *int64 `json:"timeToLiveSeconds,omitempty"`
	// SparkUIOptions and DriverIngressOptions are refused: they are Services and Ingresses.
	SparkUIOptions       any   `json:"sparkUIOptions,omitempty"`
	DriverIngressOptions []any `json:"driverIngressOptions,omitempty"`
	// DynamicAllocation is spark.dynamicAllocation.*.
	DynamicAllocation *kubeflowDynamicAllocation `json:"dynamicAllocation,omitempty"`
	// DriverPodDisruptionBudget must not be true: it is an object of its own.
	DriverPodDisruptionBudget *bool `json:"driverPodDisruptionBudget,omitempty"`
}

// kubeflowDeps are the lists of files (Dependencies).
type kubeflowDeps struct {
	Jars            []string `json:"jars,omitempty"`
	Files           []string `json:"files,omitempty"`
	PyFiles         []string `json:"pyFiles,omitempty"`
	Packages        []string `json:"packages,omitempty"`
	ExcludePackages []string `json:"excludePackages,omitempty"`
	Repositories    []string `json:"repositories,omitempty"`
	Archives        []string `json:"archives,omitempty"`
}

// kubeflowRestart is who runs a failed application again (RestartPolicy).
type kubeflowRestart struct {
	Type                             string `json:"type,omitempty"`
	OnSubmissionFailureRetries       *int32 `json:"onSubmissionFailureRetries,omitempty"`
	OnFailureRetries                 *int32 `json:"onFailureRetries,omitempty"`
	OnSubmissionFailureRetryInterval *int64 `json:"onSubmissionFailureRetryInterval,omitempty"`
	OnFailureRetryInterval           *int64 `json:"onFailureRetryInterval,omitempty"`
}

// kubeflowDynamicAllocation is spark.dynamicAllocation.* (DynamicAllocation).
type kubeflowDynamicAllocation struct {
	Enabled                bool   `json:"enabled,omitempty"`
	InitialExecutors       *int32 `json:"initialExecutors,omitempty"`
	MinExecutors           *int32 `json:"minExecutors,omitempty"`
	MaxExecutors           *int32 `json:"maxExecutors,omitempty"`
	ShuffleTrackingEnabled *bool  `json:"shuffleTrackingEnabled,omitempty"`
	// ShuffleTrackingTimeout in milliseconds.
	ShuffleTrackingTimeout *int64 `json:"shuffleTrackingTimeout,omitempty"`
}

// kubeflowMonitoring is how metrics are told (MonitoringSpec).
type kubeflowMonitoring struct {
	ExposeDriverMetrics   bool `json:"exposeDriverMetrics,omitempty"`
	ExposeExecutorMetrics bool `json:"exposeExecutorMetrics,omitempty"`
	// MetricsProperties is refused: it would need a ConfigMap.
	MetricsProperties *string `json:"metricsProperties,omitempty"`
	// MetricsPropertiesFile in the image: spark.metrics.conf.
	MetricsPropertiesFile *string             `json:"metricsPropertiesFile,omitempty"`
	Prometheus            *kubeflowPrometheus `json:"prometheus,omitempty"`
}

// kubeflowPrometheus is Prometheus' JMX exporter as a Java agent (PrometheusSpec).
type kubeflowPrometheus struct {
	JmxExporterJar string `json:"jmxExporterJar,omitempty"`
	// Port is 8090 by default.
	Port *int32 `json:"port,omitempty"`
	// PortName is refused: the operator names a port of the container with it only where it makes a ConfigMap.
	PortName *string `json:"portName,omitempty"`
	// ConfigFile in the image.
	ConfigFile *string `json:"configFile,omitempty"`
	// Configuration is refused: it would need a ConfigMap.
	Configuration *string `json:"configuration,omitempty"`
}
