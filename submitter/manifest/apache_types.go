// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package manifest

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// apacheApplication is a SparkApplication of Apache's operator (its spark-operator-api, v1.SparkApplication). Each field says what
// it becomes; those of type any are refused with all that is in them.
type apacheApplication struct {
	metav1.TypeMeta `json:",inline"`
	Metadata        metav1.ObjectMeta `json:"metadata"`
	Spec            apacheSpec        `json:"spec"`
	// Status is what the operator wrote, and no wish: files got from a cluster have it.
	Status map[string]any `json:"status,omitempty"`
}

// apacheSpec is what to run (ApplicationSpec).
type apacheSpec struct {
	// SparkConf is --conf.
	SparkConf map[string]string `json:"sparkConf,omitempty"`
	// MainClass is --class.
	MainClass string `json:"mainClass,omitempty"`
	// RuntimeVersions are of the images.
	RuntimeVersions apacheVersions `json:"runtimeVersions"`
	// Jars, PyFiles and SparkRFiles each name the main file; only one of them is possible.
	Jars        string `json:"jars,omitempty"`
	PyFiles     string `json:"pyFiles,omitempty"`
	SparkRFiles string `json:"sparkRFiles,omitempty"`
	// Files is --files.
	Files string `json:"files,omitempty"`
	// DeploymentMode must be ClusterMode.
	DeploymentMode string `json:"deploymentMode,omitempty"`
	// ProxyUser is --proxy-user.
	ProxyUser string `json:"proxyUser,omitempty"`
	// DriverArgs are the application's own arguments.
	DriverArgs []string `json:"driverArgs,omitempty"`
	// DriverSpec and ExecutorSpec have the templates of the pods.
	DriverSpec   apacheRole `json:"driverSpec"`
	ExecutorSpec apacheRole `json:"executorSpec"`
	// The next are refused: they are Services, Ingresses, Routes and ConfigMaps.
	DriverServiceIngressList []any `json:"driverServiceIngressList,omitempty"`
	DriverHTTPRouteList      []any `json:"driverHttpRouteList,omitempty"`
	DriverGrpcRouteList      []any `json:"driverGrpcRouteList,omitempty"`
	ConfigMapSpecs           []any `json:"configMapSpecs,omitempty"`
	// ApplicationTolerations are the operator's patience, retries and tidying.
	ApplicationTolerations apacheTolerations `json:"applicationTolerations"`
	// Suspend must not be true: nothing would resume it.
	Suspend *bool `json:"suspend,omitempty"`
}

// apacheVersions are of what is in the images (RuntimeVersions). The operator does nothing with them but to show them.
type apacheVersions struct {
	SparkVersion string `json:"sparkVersion,omitempty"`
	ScalaVersion string `json:"scalaVersion,omitempty"`
	JDKVersion   string `json:"jdkVersion,omitempty"`
}

// apacheRole is driver or executors (BaseApplicationTemplateSpec).
type apacheRole struct {
	PodTemplateSpec *corev1.PodTemplateSpec `json:"podTemplateSpec,omitempty"`
}

// apacheTolerations are what the operator does around the application (ApplicationTolerations).
type apacheTolerations struct {
	// RestartConfig must not ask for restarts.
	RestartConfig *apacheRestart `json:"restartConfig,omitempty"`
	// ApplicationTimeoutConfig and InstanceConfig are refused: the follower has timeouts of its own.
	ApplicationTimeoutConfig any `json:"applicationTimeoutConfig,omitempty"`
	InstanceConfig           any `json:"instanceConfig,omitempty"`
	// ResourceRetainPolicy must be Always: nobody is there to delete.
	ResourceRetainPolicy string `json:"resourceRetainPolicy,omitempty"`
	// ResourceRetainDurationMillis and TTLAfterStopMillis must be negative, which is for ever.
	ResourceRetainDurationMillis *int64 `json:"resourceRetainDurationMillis,omitempty"`
	TTLAfterStopMillis           *int64 `json:"ttlAfterStopMillis,omitempty"`
}

// apacheRestart is who runs a failed application again (RestartConfig).
type apacheRestart struct {
	RestartPolicy                            string `json:"restartPolicy,omitempty"`
	MaxRestartAttempts                       *int64 `json:"maxRestartAttempts,omitempty"`
	RestartBackoffMillis                     *int64 `json:"restartBackoffMillis,omitempty"`
	RestartCounterResetMillis                *int64 `json:"restartCounterResetMillis,omitempty"`
	MaxRestartOnFailure                      *int64 `json:"maxRestartOnFailure,omitempty"`
	RestartBackoffMillisForFailure           *int64 `json:"restartBackoffMillisForFailure,omitempty"`
	MaxRestartOnSchedulingFailure            *int64 `json:"maxRestartOnSchedulingFailure,omitempty"`
	RestartBackoffMillisForSchedulingFailure *int64 `json:"restartBackoffMillisForSchedulingFailure,omitempty"`
}
