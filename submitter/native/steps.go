// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// spec is a driver in the making (Spark: deploy/k8s/KubernetesDriverSpec, SparkPod).
type spec struct {
	// pod without the driver's container, which is put behind the others at the end.
	pod       *corev1.Pod
	container *corev1.Container
	// properties of the driver: the configuration, and what the steps add to it.
	properties    map[string]string
	before, owned []Object
}

// step is one of Spark's feature steps. What it reads wrong it refuses, see [settings].
type step struct {
	// name is the class of Spark's in deploy/k8s/features.
	name  string
	apply func(*driverConf, *spec)
	// since is the version that has it first; zero for one that all have.
	since Version
}

// features is the package of Spark's feature steps.
const features = "org.apache.spark.deploy.k8s.features."

// steps are those of Spark's KubernetesDriverBuilder in its order.
func steps() []step {
	return []step{
		{name: "BasicDriverFeatureStep", apply: basicDriver},
		{name: "DriverKubernetesCredentialsFeatureStep", apply: driverCredentials},
		{name: "DriverServiceFeatureStep", apply: driverService},
		{name: "NetworkPolicyFeatureStep", apply: networkPolicy, since: Version{Major: 4, Minor: 2}},
		{name: "MountSecretsFeatureStep", apply: mountSecrets},
		{name: "EnvSecretsFeatureStep", apply: envSecrets},
		{name: "MountVolumesFeatureStep", apply: mountVolumes},
		{name: "DriverCommandFeatureStep", apply: driverCommand},
		{name: "HadoopConfDriverFeatureStep", apply: hadoopConf},
		{name: "KerberosConfDriverFeatureStep", apply: kerberosConf},
		{name: "PodTemplateConfigMapStep", apply: podTemplateConfigMap},
		{name: "LocalDirsFeatureStep", apply: localDirs},
	}
}

// userSteps are the steps that a user can add by spark.kubernetes.driver.pod.featureSteps and that are part of Spark.
func userSteps() []step {
	return []step{{name: "VolcanoFeatureStep", apply: volcano}}
}

// confSteps and confExcludedSteps name steps to add and, since Spark 4.1, to leave out.
const (
	confSteps         = "spark.kubernetes.driver.pod.featureSteps"
	confExcludedSteps = "spark.kubernetes.driver.pod.excludedFeatureSteps"
)

// stepsFor are the steps of one driver.
func stepsFor(c *driverConf) []step {
	chosen := slices.DeleteFunc(steps(), func(s step) bool { return !c.in.Spark.AtLeast(s.since.Major, s.since.Minor) })
	for _, class := range c.list(confSteps) {
		at := slices.IndexFunc(userSteps(), func(s step) bool { return features+s.name == class })
		if at < 0 {
			c.refuse("give --engine=spark-submit", "%s names %s, and a feature step of one's own needs a JVM", confSteps, class)
			return nil
		}
		chosen = append(chosen, userSteps()[at])
	}
	if !c.in.Spark.AtLeast(4, 1) {
		return chosen
	}
	excluded := c.list(confExcludedSteps)
	return slices.DeleteFunc(chosen, func(s step) bool { return slices.Contains(excluded, features+s.name) })
}

// addVolume adds a volume to the pod and its mount to the driver's container.
func (s *spec) addVolume(name string, source corev1.VolumeSource, mount corev1.VolumeMount) {
	s.pod.Spec.Volumes = append(s.pod.Spec.Volumes, corev1.Volume{Name: name, VolumeSource: source})
	mount.Name = name
	s.container.VolumeMounts = append(s.container.VolumeMounts, mount)
}

// addEnv adds a variable to the driver's container.
func (s *spec) addEnv(name, value string) {
	s.container.Env = append(s.container.Env, corev1.EnvVar{Name: name, Value: value})
}

// merged is m with more in it; nil where there is nothing.
func merged(m, more map[string]string) map[string]string {
	if len(m)+len(more) == 0 {
		return m
	}
	all := maps.Clone(m)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, more)
	return all
}
