// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/sparkctl/sparkctl/internal/driver"
)

// Keys of DriverServiceFeatureStep.
const (
	confBindAddress  = "spark.driver.bindAddress"
	confFamilyPolicy = "spark.kubernetes.driver.service.ipFamilyPolicy"
	confFamilies     = "spark.kubernetes.driver.service.ipFamilies"
	confNotReady     = "spark.kubernetes.driver.service.publishNotReadyAddresses"
)

// driverService makes the headless Service by which executors find the driver (Spark: features/DriverServiceFeatureStep).
func driverService(c *driverConf, d *spec) {
	if c.has(confBindAddress) {
		c.refuse("take it out", "%s is set, and the driver's bind address is its pod's", confBindAddress)
	}
	port := func(name string, number int32) corev1.ServicePort {
		return corev1.ServicePort{Name: name, Port: number, TargetPort: intstr.FromInt32(number)}
	}
	rpc := c.port(confDriverPort, defaultDriverPort)
	// Unlike the container's, the Service's port does not follow spark.blockManager.port.
	manager := c.port(confDriverManagerPort, defaultManagerPort)
	service := &corev1.Service{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: metav1.ObjectMeta{
			Name:        c.serviceName(),
			Labels:      map[string]string{driver.LabelSelector: c.in.ApplicationID},
			Annotations: merged(nil, c.under("spark.kubernetes.driver.service.annotation.")),
		},
		Spec: corev1.ServiceSpec{
			ClusterIP: corev1.ClusterIPNone,
			Selector:  c.labels(),
			Ports: []corev1.ServicePort{
				port(driver.PortRPC, rpc), port("blockmanager", manager), port("spark-ui", c.port(confUIPort, driver.UIPort)),
			},
		},
	}
	if c.in.Spark.AtLeast(3, 4) {
		service.Labels = merged(service.Labels, c.under("spark.kubernetes.driver.service.label."))
		policy := corev1.IPFamilyPolicy(c.choice(confFamilyPolicy, "SingleStack", "PreferDualStack", "RequireDualStack"))
		service.Spec.IPFamilyPolicy = &policy
		for family := range strings.SplitSeq(c.choice(confFamilies, "IPv4", "IPv6", "IPv4,IPv6", "IPv6,IPv4"), ",") {
			service.Spec.IPFamilies = append(service.Spec.IPFamilies, corev1.IPFamily(family))
		}
	}
	if c.in.Spark.AtLeast(4, 1) {
		connect := port("spark-connect", c.port(confConnectPort, defaultConnectPort))
		if c.in.Spark.AtLeast(4, 2) {
			connect.AppProtocol = new("grpc")
		}
		service.Spec.Ports = append(service.Spec.Ports, connect)
	}
	if c.in.Spark.AtLeast(4, 3) {
		service.Spec.PublishNotReadyAddresses = c.flag(confNotReady, false)
	}
	d.owned = append(d.owned, service)
	d.properties[confDriverHost] = service.Name + "." + c.namespace() + ".svc"
	d.properties[confDriverPort] = strconv.Itoa(int(rpc))
	d.properties[confDriverManagerPort] = strconv.Itoa(int(manager))
}
