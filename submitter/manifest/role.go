// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package manifest

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Spark's names of the two roles, as they stand in its keys.
const (
	roleDriver   = "driver"
	roleExecutor = "executor"
)

// role is driver or executors, with what Spark calls its keys.
type role struct {
	// name in Spark's keys, and path of the field.
	name, path string
	// container is the name of Spark's own.
	container string
	// env begins the keys of environment variables.
	env string
	pod *kubeflowPod
}

func driverRole(spec *kubeflowSpec) role {
	return role{roleDriver, "spec.driver", "spark-kubernetes-driver", "spark.kubernetes.driverEnv.", &spec.Driver.kubeflowPod}
}

func executorRole(spec *kubeflowSpec) role {
	return role{roleExecutor, "spec.executor", "spark-kubernetes-executor", "spark.executorEnv.", &spec.Executor.kubeflowPod}
}

func (b *builder) driver(r role, spec *kubeflowSpec) {
	b.resources(r, spec)
	b.text("spark.kubernetes.driver.master", spec.Driver.KubernetesMaster)
	b.marks(r)
	b.all("spark.kubernetes.driver.service.label.", spec.Driver.ServiceLabels)
	b.all("spark.kubernetes.driver.service.annotation.", spec.Driver.ServiceAnnotations)
	b.environment(r)
	b.secrets(r)
	b.localDirs(r, spec)
}

func (b *builder) executor(r role, spec *kubeflowSpec) {
	_, set := spec.SparkConf["spark.executor.instances"]
	switch {
	case spec.Executor.Instances != nil:
		b.conf("spark.executor.instances", strconv.Itoa(int(*spec.Executor.Instances)))
	case !set && !spec.isDynamic():
		b.conf("spark.executor.instances", "1")
	}
	b.resources(r, spec)
	if spec.Executor.DeleteOnTermination != nil {
		b.conf("spark.kubernetes.executor.deleteOnTermination", strconv.FormatBool(*spec.Executor.DeleteOnTermination))
	}
	b.marks(r)
	b.environment(r)
	b.secrets(r)
	b.localDirs(r, spec)
}

// isDynamic reports whether Spark itself decides on the number of executors.
func (s *kubeflowSpec) isDynamic() bool {
	if s.DynamicAllocation != nil {
		return s.DynamicAllocation.Enabled
	}
	// The operator looks for the key in small letters, which nobody writes, and sets one executor beside it (its defaults.go).
	return strings.EqualFold(s.SparkConf["spark.dynamicAllocation.enabled"], "true")
}

// resources are image, size and identity of a role's pods. Cores and memory have the operator's defaults (its defaults.go).
func (b *builder) resources(r role, spec *kubeflowSpec) {
	kubernetes := "spark.kubernetes." + r.name + "."
	image := r.pod.Image
	if value(image) == "" {
		image = spec.Image
	}
	b.text(kubernetes+"container.image", image)
	b.sized(r, spec, "cores", "1", r.cores(b))
	b.text(kubernetes+"request.cores", r.pod.CoreRequest)
	b.text(kubernetes+"limit.cores", r.pod.CoreLimit)
	b.sized(r, spec, "memory", "1g", r.pod.Memory)
	b.text("spark."+r.name+".memoryOverhead", r.pod.MemoryOverhead)
	b.text("spark.kubernetes.authenticate."+r.name+".serviceAccountName", r.pod.ServiceAccount)
	b.text("spark."+r.name+".extraJavaOptions", r.pod.JavaOptions)
}

func (b *builder) sized(r role, spec *kubeflowSpec, what, standard string, wish *string) {
	key := "spark." + r.name + "." + what
	_, set := spec.SparkConf[key]
	switch {
	case wish != nil:
		b.conf(key, *wish)
	case !set:
		b.conf(key, standard)
	}
}

// cores is the number of cores as text; newer operators take text as well as a number.
func (r role) cores(b *builder) *string {
	cores := r.pod.Cores
	if cores == nil {
		return nil
	}
	if number, err := strconv.ParseInt(cores.String(), 10, 32); err != nil || number < 1 {
		hint := "give a whole number; give fractions as coreRequest, such as 500m"
		b.refuse(r.path+".cores", strconv.Quote(cores.String())+" is no whole number from 1 on, which "+"spark."+r.name+".cores needs", hint)
	}
	return new(cores.String())
}

// marks are labels and annotations: the application's labels are on all of its pods.
func (b *builder) marks(r role) {
	prefix := "spark.kubernetes." + r.name + "."
	b.all(prefix+"label.", b.document.Metadata.Labels)
	b.all(prefix+"label.", r.pod.Labels)
	b.all(prefix+"annotation.", r.pod.Annotations)
}

func (b *builder) environment(r role) {
	b.all(r.env, r.pod.EnvVars)
	for _, name := range slices.Sorted(maps.Keys(r.pod.EnvSecretKeyRefs)) {
		ref := r.pod.EnvSecretKeyRefs[name]
		b.conf("spark.kubernetes."+r.name+".secretKeyRef."+name, ref.Name+":"+ref.Key)
	}
}

// secrets mounts Secrets; of some types a variable names the file in it (the operator's driverSecretOption).
func (b *builder) secrets(r role) {
	for i, secret := range r.pod.Secrets {
		b.conf("spark.kubernetes."+r.name+".secrets."+secret.Name, secret.Path)
		switch secret.Type {
		case "GCPServiceAccount":
			b.conf(r.env+"GOOGLE_APPLICATION_CREDENTIALS", path.Join(secret.Path, "key.json"))
		case "HadoopDelegationToken":
			b.conf(r.env+"HADOOP_TOKEN_FILE_LOCATION", path.Join(secret.Path, "hadoop.token"))
		case "", "Generic":
		default:
			b.refuse(r.path+".secrets["+strconv.Itoa(i)+"].secretType", strconv.Quote(secret.Type)+" is none that is known", "give Generic, GCPServiceAccount or HadoopDelegationToken")
		}
	}
}

// value is what p points to, empty for nil.
func value(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// without is a copy of values without a key.
func without(values map[string]string, key string) map[string]string {
	values = maps.Clone(values)
	delete(values, key)
	return values
}

// with is a copy of values with more in it.
func with(values, more map[string]string) map[string]string {
	values = maps.Clone(values)
	if values == nil {
		values = map[string]string{}
	}
	maps.Copy(values, more)
	return values
}
