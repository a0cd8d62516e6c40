// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package manifest

import (
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/resource"
)

// hadoopConfDir and its volume are as the operator's webhook has them (its pkg/common).
const (
	hadoopConfDir    = "/etc/hadoop/conf"
	hadoopConfVolume = "hadoop-configmap-volume"
)

// podTemplate is the template of a role's pod: the user's own, and what the operator's webhook would do to the pod
// (its sparkpod_defaulter.go, mutateSparkPod); nil if there is nothing to say. With a template of the user's, the operator leaves
// those fields out; here they count all the same.
func (b *builder) podTemplate(r role, spec *kubeflowSpec) *corev1.PodTemplateSpec {
	template := &corev1.PodTemplateSpec{}
	if r.pod.Template != nil {
		template = r.pod.Template.DeepCopy()
	}
	container := sparkContainer(&template.Spec, r.container)
	before := template.DeepCopy()
	b.fillContainer(container, r, spec)
	b.mount(&template.Spec, container, r, spec)
	fillScheduling(&template.Spec, r.pod)
	b.fillPod(&template.Spec, r)
	if r.pod.Template == nil && len(r.pod.Sidecars) == 0 && equality.Semantic.DeepEqual(before, template) {
		return nil
	}
	// Containers are added behind Spark's own, so it stays where it is.
	template.Spec.Containers = addContainers(template.Spec.Containers, r.pod.Sidecars)
	return template
}

// sparkContainer is the one that Spark would take: that of the name, else the first, else a new one (Spark: KubernetesUtils.selectSparkContainer).
func sparkContainer(pod *corev1.PodSpec, name string) *corev1.Container {
	if len(pod.Containers) == 0 {
		pod.Containers = []corev1.Container{{Name: name}}
	}
	at := slices.IndexFunc(pod.Containers, func(c corev1.Container) bool { return c.Name == name })
	return &pod.Containers[max(0, at)]
}

func (b *builder) fillContainer(container *corev1.Container, r role, spec *kubeflowSpec) {
	container.Env = append(container.Env, r.pod.Env...)
	container.EnvFrom = append(container.EnvFrom, r.pod.EnvFrom...)
	if value(spec.HadoopConfigMap) != "" {
		container.Env = append(container.Env, corev1.EnvVar{Name: "HADOOP_CONF_DIR", Value: hadoopConfDir})
	}
	for _, port := range r.pod.Ports {
		container.Ports = append(container.Ports, corev1.ContainerPort{Name: port.Name, ContainerPort: port.ContainerPort, Protocol: corev1.Protocol(port.Protocol)})
	}
	if r.pod.SecurityContext != nil {
		container.SecurityContext = r.pod.SecurityContext
	}
	if r.pod.Lifecycle != nil {
		container.Lifecycle = r.pod.Lifecycle
	}
	gpu := r.pod.GPU
	switch {
	case gpu == nil:
	case gpu.Name == "" || gpu.Quantity <= 0:
		b.refuse(r.path+".gpu", "needs the name of a resource and a quantity from 1 on", "give a name such as nvidia.com/gpu and a quantity")
	default:
		if container.Resources.Limits == nil {
			container.Resources.Limits = corev1.ResourceList{}
		}
		container.Resources.Limits[corev1.ResourceName(gpu.Name)] = *resource.NewQuantity(gpu.Quantity, resource.DecimalSI)
	}
}

// mount adds volumes and where they are mounted, but for Spark's local folders.
func (b *builder) mount(pod *corev1.PodSpec, container *corev1.Container, r role, spec *kubeflowSpec) {
	configMap := func(volume, name, at string) {
		pod.Volumes = append(pod.Volumes, corev1.Volume{Name: volume, VolumeSource: corev1.VolumeSource{
			ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: name}},
		}})
		container.VolumeMounts = append(container.VolumeMounts, corev1.VolumeMount{Name: volume, ReadOnly: true, MountPath: at})
	}
	if name := value(spec.HadoopConfigMap); name != "" {
		configMap(hadoopConfVolume, name, hadoopConfDir)
	}
	for _, named := range r.pod.ConfigMaps {
		volume := named.Name + "-vol"
		configMap(volume[:min(len(volume), 63)], named.Name, named.Path)
	}
	for i, mount := range r.pod.VolumeMounts {
		if strings.HasPrefix(mount.Name, localDir) {
			continue
		}
		volume, found := spec.volume(mount.Name)
		if !found {
			b.refuse(r.path+".volumeMounts["+strconv.Itoa(i)+"].name", "no volume of spec.volumes is called "+strconv.Quote(mount.Name), "add the volume")
			continue
		}
		if !slices.ContainsFunc(pod.Volumes, func(v corev1.Volume) bool { return v.Name == volume.Name }) {
			pod.Volumes = append(pod.Volumes, volume)
		}
		container.VolumeMounts = append(container.VolumeMounts, mount)
	}
}

// fillScheduling is where the pod runs.
func fillScheduling(pod *corev1.PodSpec, role *kubeflowPod) {
	if role.Affinity != nil {
		pod.Affinity = role.Affinity
	}
	pod.Tolerations = append(pod.Tolerations, role.Tolerations...)
	if len(role.NodeSelector) > 0 {
		pod.NodeSelector = with(pod.NodeSelector, role.NodeSelector)
	}
	if name := value(role.SchedulerName); name != "" {
		pod.SchedulerName = name
	}
	if name := value(role.PriorityClassName); name != "" {
		pod.PriorityClassName, pod.Priority, pod.PreemptionPolicy = name, nil, nil
	}
	if role.RuntimeClassName != nil {
		pod.RuntimeClassName = role.RuntimeClassName
	}
}

// fillPod is the rest of the pod.
func (b *builder) fillPod(pod *corev1.PodSpec, r role) {
	role := r.pod
	if role.HostNetwork != nil && *role.HostNetwork {
		// A pod in the host's network finds names of the cluster only so.
		pod.HostNetwork, pod.DNSPolicy = true, corev1.DNSClusterFirstWithHostNet
	}
	pod.HostAliases = append(pod.HostAliases, role.HostAliases...)
	if role.DNSConfig != nil {
		pod.DNSConfig = role.DNSConfig
	}
	if role.PodSecurityContext != nil {
		pod.SecurityContext = role.PodSecurityContext
	}
	if role.TerminationGracePeriodSeconds != nil {
		pod.TerminationGracePeriodSeconds = role.TerminationGracePeriodSeconds
	}
	if role.ShareProcessNamespace != nil {
		pod.ShareProcessNamespace = role.ShareProcessNamespace
	}
	pod.InitContainers = addContainers(pod.InitContainers, role.InitContainers)
	for i, sidecar := range role.Sidecars {
		if sidecar.Name == r.container {
			b.refuse(r.path+".sidecars["+strconv.Itoa(i)+"].name", "is the name of Spark's own container", "give it another")
		}
	}
}

// addContainers adds those whose names are not there yet.
func addContainers(containers, more []corev1.Container) []corev1.Container {
	for _, container := range more {
		if !slices.ContainsFunc(containers, func(c corev1.Container) bool { return c.Name == container.Name }) {
			containers = append(containers, container)
		}
	}
	return containers
}
