// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// confDevices begins the keys of the devices that a driver asks for.
const confDevices = "spark.driver.resource."

// devices are the GPUs and the like that a driver asks for, as Kubernetes names them (Spark: KubernetesUtils.buildResourcesQuantities,
// resource/ResourceUtils.parseAllResourceRequests).
func devices(c *driverConf) map[corev1.ResourceName]resource.Quantity {
	var names []string
	for key := range c.under(confDevices) {
		name, _, found := strings.Cut(key, ".")
		if !found {
			c.refuse("give "+confDevices+name+".amount and "+confDevices+name+".vendor", "%s%s says nothing of the device %s", confDevices, key, name)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	asked := map[corev1.ResourceName]resource.Quantity{}
	for _, name := range slices.Compact(names) {
		key := confDevices + name + "."
		text, ok := c.raw(key + "amount")
		amount, err := strconv.ParseInt(text, 10, 32)
		if !ok || err != nil {
			c.refuse("give "+key+"amount as a whole number", "the amount of the device %s is %s", name, c.told(key+"amount", text))
			return nil
		}
		if amount <= 0 {
			continue
		}
		vendor, ok := c.raw(key + "vendor")
		if !ok {
			c.refuse("give "+key+"vendor, such as nvidia.com", "the device %s has no vendor, and Kubernetes names devices VENDOR/DEVICE", name)
			return nil
		}
		asked[corev1.ResourceName(vendor+"/"+name)] = *resource.NewQuantity(amount, resource.DecimalSI)
	}
	return asked
}
