// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/sparkctl/sparkctl/submitter"
)

// initialSpec is the pod that the steps begin with: the template, its container for the driver taken out (Spark:
// KubernetesUtils.loadPodFromTemplate, selectSparkContainer).
func initialSpec(c *driverConf) *spec {
	if path, named := c.raw(submitter.ConfTemplate); named && len(c.in.Plan.Template) == 0 {
		c.refuse("mount it into the launcher's pod, from a ConfigMap for example, and name its path there",
			"%s names %q, which could not be read", submitter.ConfTemplate, path)
	}
	pod := &corev1.Pod{}
	if err := yaml.Unmarshal(c.in.Plan.Template, pod); err != nil {
		c.refuse("check the file with: kubectl create --dry-run=client -f FILE", "the driver's pod template is no pod: %w", err)
	}
	if pod.Namespace != "" && pod.Namespace != c.namespace() && !c.in.Spark.AtLeast(3, 4) {
		c.refuse("take metadata.namespace out of the template", "the driver's pod template is for the namespace %s, and the driver for %s", pod.Namespace, c.namespace())
	}
	// The driver runs where the configuration says, whatever a template does (since Spark 3.4).
	pod.Namespace = ""
	pod.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"}
	return &spec{pod: pod, container: takeContainer(pod, c.in.Plan.Container), properties: map[string]string{}}
}

// takeContainer takes the container for the driver out of the pod: the only one of the name, else the first, else a new one.
func takeContainer(pod *corev1.Pod, name string) *corev1.Container {
	containers := pod.Spec.Containers
	if len(containers) == 0 {
		return &corev1.Container{}
	}
	named := func(container corev1.Container) bool { return container.Name == name }
	at := max(0, slices.IndexFunc(containers, named))
	if slices.ContainsFunc(containers[at+1:], named) {
		at = 0
	}
	container := containers[at]
	pod.Spec.Containers = slices.Delete(containers, at, at+1)
	return &container
}
