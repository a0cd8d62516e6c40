// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// Keys and names of VolcanoFeatureStep.
const (
	confPodGroupFile   = "spark.kubernetes.scheduler.volcano.podGroupTemplateFile"
	confPodGroupJSON   = "spark.kubernetes.scheduler.volcano.podGroupTemplateJson"
	annotationPodGroup = "scheduling.k8s.io/group-name"
)

// volcano makes the PodGroup that Volcano schedules the application by (Spark: features/VolcanoFeatureStep).
func volcano(c *driverConf, d *spec) {
	name := c.in.ApplicationID + "-podgroup"
	key, template := confPodGroupJSON, []byte(nil)
	if path, ok := c.raw(confPodGroupFile); ok {
		key, template = confPodGroupFile, c.file(confPodGroupFile, path)
	} else if text, ok := c.raw(confPodGroupJSON); ok && c.in.Spark.AtLeast(4, 2) {
		template = []byte(text)
	}
	group := &unstructured.Unstructured{Object: map[string]any{}}
	if err := yaml.Unmarshal(template, &group.Object); err != nil || group.Object == nil && len(template) > 0 {
		c.refuse("write what a PodGroup of scheduling.volcano.sh/v1beta1 has", "%s is no PodGroup", key)
	}
	if group.Object == nil {
		group.Object = map[string]any{}
	}
	group.SetAPIVersion("scheduling.volcano.sh/v1beta1")
	group.SetKind("PodGroup")
	group.SetName(name)
	group.SetNamespace(c.namespace())
	if group.Object["spec"] == nil {
		group.Object["spec"] = map[string]any{}
	}
	d.before = append(d.before, group)
	d.pod.Annotations = merged(d.pod.Annotations, map[string]string{annotationPodGroup: name})
}
