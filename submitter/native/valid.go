// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/sparkctl/sparkctl/internal/problem"
)

// valid refuses what every API server would refuse, as far as the configuration decides it: a mistake is told before anything is
// created. spark-submit makes the pod first and takes it back.
func valid(c *driverConf, d *spec) {
	for _, o := range append([]Object{d.pod}, d.owned...) {
		of := o.GetObjectKind().GroupVersionKind().Kind
		validLabels(c, "label of the "+of, o.GetLabels())
		for _, key := range sorted(o.GetAnnotations()) {
			c.valid(validation.IsQualifiedName(key), "name of an annotation of the "+of, key)
		}
	}
	validLabels(c, "node selector", d.pod.Spec.NodeSelector)
	c.valid(validation.IsDNS1123Subdomain(d.pod.Name), "name of the driver pod", d.pod.Name)
	volumes := map[string]bool{}
	for _, volume := range d.pod.Spec.Volumes {
		c.valid(validation.IsDNS1123Label(volume.Name), "name of a volume", volume.Name)
		if volumes[volume.Name] {
			c.refuse("give each volume a name of its own", "two volumes of the driver have the name %q", volume.Name)
		}
		volumes[volume.Name] = true
	}
	validContainer(c, d.container)
	for _, o := range d.owned {
		if service, ok := o.(*corev1.Service); ok {
			for _, port := range service.Spec.Ports {
				c.valid(validation.IsValidPortNum(int(port.Port)), "port "+port.Name, port.TargetPort.String())
			}
		}
	}
}

func validContainer(c *driverConf, container *corev1.Container) {
	for _, port := range container.Ports {
		c.valid(validation.IsValidPortNum(int(port.ContainerPort)), "port "+port.Name, port.Name)
	}
	paths := map[string]bool{}
	for _, mount := range container.VolumeMounts {
		if mount.MountPath == "" || paths[mount.MountPath] {
			c.refuse("mount each volume at a path of its own", "the volume %q is mounted at %q, and so is another, or it is no path", mount.Name, mount.MountPath)
		}
		paths[mount.MountPath] = true
	}
}

func validLabels(c *driverConf, of string, labels map[string]string) {
	for _, key := range sorted(labels) {
		c.valid(validation.IsQualifiedName(key), "name of a "+of, key)
		if wrong := validation.IsValidLabelValue(labels[key]); wrong != nil {
			c.valid(wrong, of+" "+key, c.told(key, labels[key]))
		}
	}
}

// valid refuses a value that apimachinery's validation says something against.
func (c *driverConf) valid(wrong []string, of, value string) {
	if len(wrong) > 0 {
		c.refuse("the API server would refuse it: "+problem.Rule(wrong), "the %s is %s", of, value)
	}
}
