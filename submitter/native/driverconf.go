// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"maps"
	"strings"

	"github.com/sparkctl/sparkctl/internal/driver"
)

// Keys that more than one step reads (Spark: deploy/k8s/Config.scala).
const (
	confNamespace      = "spark.kubernetes.namespace"
	confImage          = "spark.kubernetes.container.image"
	confDriverImage    = "spark.kubernetes.driver.container.image"
	confOverheadFactor = "spark.kubernetes.memoryOverheadFactor"
	confLabels         = "spark.kubernetes.driver.label."
	confConnectPort    = "spark.connect.grpc.binding.port"
)

// maxLabel is how long a label's value may be, in bytes.
const maxLabel = 63

// driverConf is what the steps read (Spark: deploy/k8s/KubernetesDriverConf).
type driverConf struct {
	settings
	in Input
	// prefix begins the names of the objects beside the pod.
	prefix string
	// kind, class and resource of the application; proxyUser is empty for none.
	kind                       kind
	class, resource, proxyUser string
}

func newDriverConf(in Input) *driverConf {
	app := in.Plan.Application
	c := &driverConf{
		settings: settings{values: effective(in), env: in.Launcher.Env},
		in:       in, kind: kindOf(app), resource: app.MainFile,
	}
	c.prefix = namePrefix(c.values[confName], in.UniqueID)
	c.proxyUser, _ = app.Option("--proxy-user")
	switch c.kind {
	case python:
		c.class = "org.apache.spark.deploy.PythonRunner"
	case r:
		c.class = "org.apache.spark.deploy.RRunner"
	default:
		c.class, _ = app.Option("--class")
	}
	return c
}

// namePrefix begins the names of a driver's objects (Spark: KubernetesConf.getResourceNamePrefix).
func namePrefix(name, id string) string {
	prefix := dashed(strings.ToLower(trimmed(name + "-" + id)))
	prefix = strings.TrimPrefix(prefix, "-")
	if prefix != "" && prefix[0] >= '0' && prefix[0] <= '9' {
		prefix = "x" + prefix[1:]
	}
	return prefix
}

// trimmed is s without what Java's String.trim takes away.
func trimmed(s string) string { return strings.TrimFunc(s, func(r rune) bool { return r <= ' ' }) }

// dashed has one dash for all that cannot stand in a name.
func dashed(name string) string {
	var out strings.Builder
	for _, c := range name {
		switch {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			out.WriteRune(c)
		case !strings.HasSuffix(out.String(), "-"):
			out.WriteByte('-')
		}
	}
	return out.String()
}

// nameLabel is the application's name as a label (Spark: KubernetesConf.getAppNameLabel).
func nameLabel(name string) string {
	label := dashed(strings.ToLower(trimmed(name)))
	label = label[:min(len(label), maxLabel)]
	return strings.TrimSuffix(strings.TrimPrefix(label, "-"), "-")
}

// namespace is where the driver runs.
func (c *driverConf) namespace() string { return c.text(confNamespace, "default") }

// withID replaces Spark's placeholders for ids (Spark: Utils.substituteAppNExecIds). A driver is no executor.
func (c *driverConf) withID(text string) string {
	return strings.NewReplacer("{{APP_ID}}", c.in.ApplicationID, "{{EXECUTOR_ID}}", "").Replace(text)
}

// labels of the driver pod (Spark: KubernetesDriverConf.labels). A label of the user's may hold the application's id since Spark 4.0.
func (c *driverConf) labels() map[string]string {
	preset := map[string]string{
		driver.LabelVersion:  c.in.Spark.String(),
		driver.LabelSelector: c.in.ApplicationID,
		driver.LabelAppName:  nameLabel(c.values[confName]),
		driver.LabelRole:     driver.RoleDriver,
	}
	labels := c.under(confLabels)
	for _, key := range sorted(labels) {
		if _, reserved := preset[key]; reserved {
			c.refuse("take it out", "%s%s sets a label that Spark keeps its books with", confLabels, key)
		}
		if c.in.Spark.AtLeast(4, 0) {
			labels[key] = c.withID(labels[key])
		}
	}
	maps.Copy(labels, preset)
	return labels
}

// annotations of the driver pod (Spark: KubernetesDriverConf.annotations).
func (c *driverConf) annotations() map[string]string {
	annotations := c.under("spark.kubernetes.driver.annotation.")
	for key, value := range annotations {
		annotations[key] = c.withID(value)
	}
	return annotations
}

// image of the driver's container (Spark: KubernetesDriverConf.image). It may hold Spark's version since Spark 4.1.
func (c *driverConf) image() string {
	image := c.text(confDriverImage, c.text(confImage, ""))
	if image == "" {
		c.refuse("give --conf "+confImage+"=IMAGE", "no image: neither %s nor %s is set", confImage, confDriverImage)
	}
	if c.in.Spark.AtLeast(4, 1) {
		image = strings.ReplaceAll(image, "{{SPARK_VERSION}}", c.in.Spark.String())
	}
	return image
}

// serviceName is the name of the driver's Service (Spark: DriverServiceFeatureStep, KubernetesDriverConf.driverServiceName).
func (c *driverConf) serviceName() string {
	if name := c.prefix + "-driver-svc"; len(name) <= maxLabel {
		return name
	}
	return "spark-" + c.in.UniqueID + "-driver-svc"
}
