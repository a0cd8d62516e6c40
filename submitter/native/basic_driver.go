// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"maps"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/sparkctl/sparkctl/internal/driver"
)

// Keys and defaults of BasicDriverFeatureStep.
const (
	confPodName            = "spark.kubernetes.driver.pod.name"
	confCores              = "spark.driver.cores"
	confRequestCores       = "spark.kubernetes.driver.request.cores"
	confLimitCores         = "spark.kubernetes.driver.limit.cores"
	confMemory             = "spark.driver.memory"
	confMemoryOverhead     = "spark.driver.memoryOverhead"
	confDriverFactor       = "spark.driver.memoryOverheadFactor"
	confMinOverhead        = "spark.driver.minMemoryOverhead"
	confPullPolicy         = "spark.kubernetes.container.image.pullPolicy"
	confPullSecrets        = "spark.kubernetes.container.image.pullSecrets"
	confScheduler          = "spark.kubernetes.scheduler.name"
	confDriverScheduler    = "spark.kubernetes.driver.scheduler.name"
	confPrivileges         = "spark.kubernetes.securityContext.allowPrivilegeEscalation"
	confDriverPrivileges   = "spark.kubernetes.driver.securityContext.allowPrivilegeEscalation"
	confDriverPort         = "spark.driver.port"
	confBlockManagerPort   = "spark.blockManager.port"
	confDriverManagerPort  = "spark.driver.blockManager.port"
	confUIPort             = "spark.ui.port"
	defaultDriverPort      = 7078
	defaultManagerPort     = 7079
	defaultConnectPort     = 15002
	minOverhead            = "384m"
	factorJVM, factorOther = 0.1, 0.4
)

// basicDriver makes the pod and its container (Spark: features/BasicDriverFeatureStep).
func basicDriver(c *driverConf, d *spec) {
	name := c.text(confPodName, c.prefix+"-driver")
	basicContainer(c, d)

	meta, pod := &d.pod.ObjectMeta, &d.pod.Spec
	meta.Name = name
	meta.Labels = merged(meta.Labels, c.labels())
	meta.Annotations = merged(meta.Annotations, c.annotations())
	pod.RestartPolicy = corev1.RestartPolicyNever
	pod.NodeSelector = merged(pod.NodeSelector, c.under("spark.kubernetes.node.selector."))
	pod.NodeSelector = merged(pod.NodeSelector, c.under("spark.kubernetes.driver.node.selector."))
	for _, secret := range c.list(confPullSecrets) {
		pod.ImagePullSecrets = append(pod.ImagePullSecrets, corev1.LocalObjectReference{Name: secret})
	}
	pod.SchedulerName = c.text(confDriverScheduler, c.text(confScheduler, pod.SchedulerName))
	maps.Copy(d.properties, map[string]string{
		confPodName:                       name,
		"spark.app.id":                    c.in.ApplicationID,
		"spark.kubernetes.submitInDriver": "true",
		confOverheadFactor:                javaDouble(defaultFactor(c)),
	})
}

func basicContainer(c *driverConf, d *spec) {
	container := d.container
	if container.Name == "" {
		container.Name = driver.DefaultContainer
	}
	container.Image = c.image()
	container.ImagePullPolicy = corev1.PullPolicy(c.choice(confPullPolicy, "IfNotPresent", "Always", "Never"))
	container.Ports = append(container.Ports, basicPorts(c)...)
	basicEnv(c, d)
	basicResources(c, container)
	setPrivileges(c, container, confDriverPrivileges)
}

// setPrivileges says whether the container may gain privileges, since Spark 4.3.
func setPrivileges(c *driverConf, container *corev1.Container, key string) {
	if !c.in.Spark.AtLeast(4, 3) {
		return
	}
	if container.SecurityContext == nil {
		container.SecurityContext = &corev1.SecurityContext{}
	}
	container.SecurityContext.AllowPrivilegeEscalation = new(c.flag(key, c.flag(confPrivileges, false)))
}

func basicPorts(c *driverConf) []corev1.ContainerPort {
	port := func(name string, number int32) corev1.ContainerPort {
		return corev1.ContainerPort{Name: name, ContainerPort: number, Protocol: corev1.ProtocolTCP}
	}
	ports := []corev1.ContainerPort{
		port(driver.PortRPC, c.port(confDriverPort, defaultDriverPort)),
		port("blockmanager", c.port(confDriverManagerPort, c.whole(confBlockManagerPort, defaultManagerPort))),
		port("spark-ui", c.port(confUIPort, driver.UIPort)),
	}
	if c.in.Spark.AtLeast(4, 1) {
		ports = append(ports, port("spark-connect", c.port(confConnectPort, defaultConnectPort)))
	}
	return ports
}

func basicEnv(c *driverConf, d *spec) {
	user := c.in.Launcher.User
	// Until Spark 4.3 the launcher's own SPARK_USER comes before.
	if c.proxyUser != "" && (c.in.Spark.AtLeast(4, 3) || c.env["SPARK_USER"] == "") {
		user = c.proxyUser
	}
	d.addEnv("SPARK_USER", user)
	d.addEnv(driver.EnvApplicationID, c.in.ApplicationID)
	env := c.under("spark.kubernetes.driverEnv.")
	for _, name := range sorted(env) {
		d.addEnv(name, env[name])
	}
	d.container.Env = append(d.container.Env, corev1.EnvVar{Name: "SPARK_DRIVER_BIND_ADDRESS", ValueFrom: &corev1.EnvVarSource{
		FieldRef: &corev1.ObjectFieldSelector{APIVersion: "v1", FieldPath: "status.podIP"},
	}})
}

// basicResources sets CPU, memory and devices.
func basicResources(c *driverConf, container *corev1.Container) {
	setResources(c, container, resourceKeys{confRequestCores, confCores, confLimitCores, confDevices}, driverMemory(c))
}

// resourceKeys are the keys by which a container says what it asks for; the last begins those of its devices.
type resourceKeys struct{ request, cores, limit, devices string }

// setResources sets CPU, memory in MiB, and devices; what a template says of others stays.
func setResources(c *driverConf, container *corev1.Container, keys resourceKeys, mebibytes int64) {
	requests, limits := container.Resources.Requests, container.Resources.Limits
	if requests == nil {
		requests = corev1.ResourceList{}
	}
	if limits == nil {
		limits = corev1.ResourceList{}
	}
	requests[corev1.ResourceCPU] = c.quantity(keys.request, c.text(keys.request, strconv.Itoa(c.whole(keys.cores, 1))))
	if c.has(keys.limit) {
		limits[corev1.ResourceCPU] = c.quantity(keys.limit, c.text(keys.limit, ""))
	}
	memory := *resource.NewQuantity(mebibytes<<20, resource.BinarySI)
	requests[corev1.ResourceMemory], limits[corev1.ResourceMemory] = memory, memory
	maps.Copy(limits, devices(c, keys.devices))
	container.Resources.Requests, container.Resources.Limits = requests, limits
}

// defaultFactor is the memory overhead's default share, which executors take over.
func defaultFactor(c *driverConf) float64 {
	otherwise := factorJVM
	if c.kind != java {
		otherwise = factorOther
	}
	factor := c.factor(confOverheadFactor, otherwise)
	if factor < 0 {
		c.refuse("give 0 or more", "%s is %v", confOverheadFactor, factor)
	}
	return factor
}

// driverMemory is the driver's memory with its overhead in MiB.
func driverMemory(c *driverConf) int64 {
	memory := c.mebibytes(confMemory, "1g")
	if c.has(confMemoryOverhead) {
		return memory + c.mebibytes(confMemoryOverhead, "")
	}
	factor := defaultFactor(c)
	if c.has(confDriverFactor) {
		if factor = c.factor(confDriverFactor, 0); factor <= 0 {
			c.refuse("give more than 0", "%s is %v", confDriverFactor, factor)
		}
	}
	least, _ := byteString(minOverhead, 20)
	// The least overhead can be set since Spark 4.0.
	if c.in.Spark.AtLeast(4, 0) {
		least = c.bytes(confMinOverhead, minOverhead, 20)
	}
	return memory + max(int64(factor*float64(memory)), least>>20)
}
