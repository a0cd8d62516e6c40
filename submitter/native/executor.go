// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// Keys of executors.
const (
	confExecutorContainer    = "spark.kubernetes.executor.podTemplateContainerName"
	confExecutorRequestCores = "spark.kubernetes.executor.request.cores"
	confExecutorLimitCores   = "spark.kubernetes.executor.limit.cores"
	confExecutorCores        = "spark.executor.cores"
	confExecutorMemory       = "spark.executor.memory"
	confExecutorOverhead     = "spark.executor.memoryOverhead"
	confExecutorFactor       = "spark.executor.memoryOverheadFactor"
	confExecutorMinOverhead  = "spark.executor.minMemoryOverhead"
	confExecutorPython       = "spark.executor.pyspark.memory"
	confExecutorPrivileges   = "spark.kubernetes.executor.securityContext.allowPrivilegeEscalation"
	confInstances            = "spark.executor.instances"
	confDynamic              = "spark.dynamicAllocation.enabled"
	confDynamicLeast         = "spark.dynamicAllocation.minExecutors"
	confDynamicFirst         = "spark.dynamicAllocation.initialExecutors"
	defaultExecutors         = 2
)

// Executor sketches the pods that the driver will make of an input that [Build] takes: what they ask for and which objects they name, not all
// that is in them; and says how many the driver asks for at first (Spark: BasicExecutorFeatureStep, MountSecretsFeatureStep, EnvSecretsFeatureStep,
// MountVolumesFeatureStep, SchedulerBackendUtils.getInitialTargetExecutorNumber). Every error is a [*problem.Error] with exit code 2.
func Executor(in Input) (pod *corev1.Pod, first int, err error) {
	c := newDriverConf(in)
	pod = &corev1.Pod{}
	if err := yaml.Unmarshal(in.Launcher.ExecutorTemplate, pod); err != nil {
		c.refuse("check the file with: kubectl create --dry-run=client -f FILE", "the executors' pod template is no pod: %w", err)
		return nil, 0, c.wrong
	}
	container := takeContainer(pod, c.text(confExecutorContainer, ""))
	if container.Name == "" {
		container.Name = "spark-kubernetes-executor"
	}
	setResources(c, container, resourceKeys{confExecutorRequestCores, confExecutorCores, confExecutorLimitCores, confExecutorDevices}, executorMemory(c))
	setPrivileges(c, container, confExecutorPrivileges)
	d := &spec{pod: pod, container: container}
	executorSecrets(c, d)
	for _, v := range volumesUnder(c, confExecutorVolumes) {
		if v.kind == typeClaim && strings.Contains(v.options[optionClaim], claimOnDemand) {
			// The driver makes it.
			continue
		}
		d.addVolume(v.name, volumeSource(c, d, v, 0), corev1.VolumeMount{MountPath: v.options[mountPath]})
	}
	for _, secret := range c.list(confPullSecrets) {
		pod.Spec.ImagePullSecrets = append(pod.Spec.ImagePullSecrets, corev1.LocalObjectReference{Name: secret})
	}
	pod.Spec.Containers = append(pod.Spec.Containers, *container)
	first = c.whole(confInstances, defaultExecutors)
	if c.flag(confDynamic, false) {
		least := c.whole(confDynamicLeast, 0)
		first = max(least, c.whole(confDynamicFirst, least), c.whole(confInstances, 0))
	}
	if c.wrong != nil {
		return nil, 0, c.wrong
	}
	return pod, first, nil
}

// executorMemory is an executor's memory with its overhead, and what is off the heap and Python's, in MiB (Spark: ResourceProfile.getResourcesForClusterManager).
func executorMemory(c *driverConf) int64 {
	memory := c.mebibytes(confExecutorMemory, "1g")
	total := memory
	if c.has(confExecutorOverhead) {
		total += c.mebibytes(confExecutorOverhead, "")
	} else {
		least, _ := byteString(minOverhead, 20)
		if c.in.Spark.AtLeast(4, 0) {
			least = c.bytes(confExecutorMinOverhead, minOverhead, 20)
		}
		total += max(int64(c.factor(confExecutorFactor, defaultFactor(c))*float64(memory)), least>>20)
	}
	if c.flag("spark.memory.offHeap.enabled", false) {
		total += c.bytes("spark.memory.offHeap.size", "0", 0) >> 20
	}
	if c.kind == python && c.has(confExecutorPython) {
		total += c.mebibytes(confExecutorPython, "")
	}
	return total
}

// executorSecrets mounts Secrets and sets variables from them.
func executorSecrets(c *driverConf, d *spec) {
	paths := c.under("spark.kubernetes.executor.secrets.")
	for _, name := range sorted(paths) {
		d.addVolume(name+"-volume", corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: name}}, corev1.VolumeMount{MountPath: paths[name]})
	}
	references := c.under("spark.kubernetes.executor.secretKeyRef.")
	for _, variable := range sorted(references) {
		name, key, _ := strings.Cut(references[variable], ":")
		d.container.Env = append(d.container.Env, corev1.EnvVar{Name: variable, ValueFrom: &corev1.EnvVarSource{
			SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: name}, Key: key},
		}})
	}
}
