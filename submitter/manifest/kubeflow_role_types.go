// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package manifest

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// kubeflowPod is what driver and executors have in common (SparkPodSpec). What says "template" goes into the template of the
// role's pod: the operator's webhook sets it on pods that exist.
type kubeflowPod struct {
	// Template of the pod, which the rest is added to.
	Template *corev1.PodTemplateSpec `json:"template,omitempty"`
	// Cores is spark.ROLE.cores, a whole number; 1 by default, as the operator has it.
	Cores *intstr.IntOrString `json:"cores,omitempty"`
	// CoreLimit and CoreRequest are spark.kubernetes.ROLE.limit.cores and .request.cores.
	CoreLimit   *string `json:"coreLimit,omitempty"`
	CoreRequest *string `json:"coreRequest,omitempty"`
	// Memory is spark.ROLE.memory; 1g by default, as the operator has it.
	Memory *string `json:"memory,omitempty"`
	// MemoryLimit is refused: Spark sets the limit to the request.
	MemoryLimit *string `json:"memoryLimit,omitempty"`
	// MemoryOverhead is spark.ROLE.memoryOverhead.
	MemoryOverhead *string `json:"memoryOverhead,omitempty"`
	// GPU is a limit of the container: template.
	GPU *kubeflowGPU `json:"gpu,omitempty"`
	// Image is spark.kubernetes.ROLE.container.image; spec.image by default.
	Image *string `json:"image,omitempty"`
	// ConfigMaps are mounted: template.
	ConfigMaps []kubeflowNamePath `json:"configMaps,omitempty"`
	// Secrets are spark.kubernetes.ROLE.secrets.*.
	Secrets []kubeflowSecret `json:"secrets,omitempty"`
	// Env and EnvFrom: template.
	Env     []corev1.EnvVar        `json:"env,omitempty"`
	EnvFrom []corev1.EnvFromSource `json:"envFrom,omitempty"`
	// EnvVars is spark.kubernetes.driverEnv.* or spark.executorEnv.*.
	EnvVars map[string]string `json:"envVars,omitempty"`
	// EnvSecretKeyRefs is spark.kubernetes.ROLE.secretKeyRef.*.
	EnvSecretKeyRefs map[string]kubeflowNameKey `json:"envSecretKeyRefs,omitempty"`
	// Labels and Annotations are spark.kubernetes.ROLE.label.* and .annotation.*.
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	// VolumeMounts: template; those of volumes named spark-local-dir-* are spark.kubernetes.ROLE.volumes.*.
	VolumeMounts []corev1.VolumeMount `json:"volumeMounts,omitempty"`
	// Affinity, Tolerations, the contexts, SchedulerName, Sidecars and InitContainers: template.
	Affinity           *corev1.Affinity           `json:"affinity,omitempty"`
	Tolerations        []corev1.Toleration        `json:"tolerations,omitempty"`
	PodSecurityContext *corev1.PodSecurityContext `json:"podSecurityContext,omitempty"`
	SecurityContext    *corev1.SecurityContext    `json:"securityContext,omitempty"`
	SchedulerName      *string                    `json:"schedulerName,omitempty"`
	Sidecars           []corev1.Container         `json:"sidecars,omitempty"`
	InitContainers     []corev1.Container         `json:"initContainers,omitempty"`
	// HostNetwork with DNS of the cluster: template.
	HostNetwork *bool `json:"hostNetwork,omitempty"`
	// NodeSelector of the role: template; not beside spec.nodeSelector.
	NodeSelector map[string]string `json:"nodeSelector,omitempty"`
	// DNSConfig and TerminationGracePeriodSeconds: template.
	DNSConfig                     *corev1.PodDNSConfig `json:"dnsConfig,omitempty"`
	TerminationGracePeriodSeconds *int64               `json:"terminationGracePeriodSeconds,omitempty"`
	// ServiceAccount is spark.kubernetes.authenticate.ROLE.serviceAccountName.
	ServiceAccount *string `json:"serviceAccount,omitempty"`
	// HostAliases, ShareProcessNamespace and RuntimeClassName: template.
	HostAliases           []corev1.HostAlias `json:"hostAliases,omitempty"`
	ShareProcessNamespace *bool              `json:"shareProcessNamespace,omitempty"`
	RuntimeClassName      *string            `json:"runtimeClassName,omitempty"`
	// JavaOptions is spark.ROLE.extraJavaOptions.
	JavaOptions *string `json:"javaOptions,omitempty"`
	// Lifecycle, Ports and PriorityClassName: template.
	Lifecycle         *corev1.Lifecycle `json:"lifecycle,omitempty"`
	Ports             []kubeflowPort    `json:"ports,omitempty"`
	PriorityClassName *string           `json:"priorityClassName,omitempty"`
}

// kubeflowDriver is the driver (DriverSpec).
type kubeflowDriver struct {
	kubeflowPod `json:",inline"`
	// PodName is spark.kubernetes.driver.pod.name.
	PodName *string `json:"podName,omitempty"`
	// KubernetesMaster is spark.kubernetes.driver.master.
	KubernetesMaster *string `json:"kubernetesMaster,omitempty"`
	// ServiceAnnotations and ServiceLabels are spark.kubernetes.driver.service.annotation.* and .label.*.
	ServiceAnnotations map[string]string `json:"serviceAnnotations,omitempty"`
	ServiceLabels      map[string]string `json:"serviceLabels,omitempty"`
}

// kubeflowExecutor is the executors (ExecutorSpec).
type kubeflowExecutor struct {
	kubeflowPod `json:",inline"`
	// Instances is spark.executor.instances; 1 by default, as the operator has it, where Spark itself has 2.
	Instances *int32 `json:"instances,omitempty"`
	// DeleteOnTermination is spark.kubernetes.executor.deleteOnTermination.
	DeleteOnTermination *bool `json:"deleteOnTermination,omitempty"`
}

// kubeflowGPU is how many of which extended resource (GPUSpec).
type kubeflowGPU struct {
	Name     string `json:"name,omitempty"`
	Quantity int64  `json:"quantity,omitempty"`
}

// kubeflowNamePath is an object and where it is mounted (NamePath).
type kubeflowNamePath struct {
	Name string `json:"name,omitempty"`
	Path string `json:"path,omitempty"`
}

// kubeflowSecret is a Secret, where it is mounted, and whether a variable names a file in it (SecretInfo).
type kubeflowSecret struct {
	Name string `json:"name,omitempty"`
	Path string `json:"path,omitempty"`
	Type string `json:"secretType,omitempty"`
}

// kubeflowNameKey is a key of a Secret (NameKey).
type kubeflowNameKey struct {
	Name string `json:"name,omitempty"`
	Key  string `json:"key,omitempty"`
}

// kubeflowPort is a port of the container (Port).
type kubeflowPort struct {
	Name          string `json:"name,omitempty"`
	Protocol      string `json:"protocol,omitempty"`
	ContainerPort int32  `json:"containerPort,omitempty"`
}
