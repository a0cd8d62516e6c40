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

// confDevices begins the keys of the devices that a driver asks for, confExecutorDevices of those that each executor does.
const (
	confDevices         = "spark.driver.resource."
	confExecutorDevices = "spark.executor.resource."
)

// devices are the GPUs and the like that the keys below a prefix ask for, as Kubernetes names them (Spark: KubernetesUtils.buildResourcesQuantities,
// resource/ResourceUtils.parseAllResourceRequests).
func devices(c *driverConf, prefix string) map[corev1.ResourceName]resource.Quantity {
	var names []string
	for key := range c.under(prefix) {
		name, _, found := strings.Cut(key, ".")
		if !found {
			c.refuse("give "+prefix+name+".amount and "+prefix+name+".vendor", "%s%s says nothing of the device %s", prefix, key, name)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	asked := map[corev1.ResourceName]resource.Quantity{}
	for _, name := range slices.Compact(names) {
		key := prefix + name + "."
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
