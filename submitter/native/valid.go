// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/sparkctl/sparkctl/internal/problem"
)

// valid refuses what every API server would refuse of the objects that are made after the pod, as far as the configuration decides
// it, so that it is told before anything is created; spark-submit makes the pod and takes it back. The pod itself is made first: what
// is wrong with it the API server says in time, and labels are checked here because a Service has to find the pod by them.
func valid(c *driverConf, d *spec) {
	for _, o := range append([]Object{d.pod}, d.owned...) {
		kind := o.GetObjectKind().GroupVersionKind().Kind
		c.valid(validation.IsDNS1123Subdomain(o.GetName()), "name of the "+kind, strconv.Quote(o.GetName()))
		for _, key := range sorted(o.GetLabels()) {
			c.valid(validation.IsQualifiedName(key), "name of a label of the "+kind, key)
			if wrong := validation.IsValidLabelValue(o.GetLabels()[key]); wrong != nil {
				c.valid(wrong, "label "+key+" of the "+kind, c.told(key, o.GetLabels()[key]))
			}
		}
		for _, key := range sorted(o.GetAnnotations()) {
			c.valid(validation.IsQualifiedName(key), "name of an annotation of the "+kind, key)
		}
		service, ok := o.(*corev1.Service)
		if !ok {
			continue
		}
		for _, port := range service.Spec.Ports {
			c.valid(validation.IsValidPortNum(int(port.Port)), "port "+port.Name, port.TargetPort.String())
		}
	}
}

// valid refuses a value that apimachinery's validation says something against.
func (c *driverConf) valid(wrong []string, of, value string) {
	if len(wrong) > 0 {
		c.refuse("the API server would refuse it: "+problem.Rule(wrong), "the %s is %s", of, value)
	}
}
