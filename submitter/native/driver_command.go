// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import "slices"

// propertiesPath is where the driver reads its configuration.
const propertiesPath = confDir + "/" + propertiesFile

// driverCommand says what the driver runs (Spark: features/DriverCommandFeatureStep).
func driverCommand(c *driverConf, d *spec) {
	d.properties["spark.kubernetes.resource.type"] = string(c.kind)
	if c.kind == python {
		pythonEnv(c, d)
	}
	args := []string{"driver"}
	if c.proxyUser != "" {
		args = append(args, "--proxy-user", c.proxyUser)
	}
	args = append(args, "--properties-file", propertiesPath, "--class", c.class, c.resource)
	d.container.Args = slices.Concat(d.container.Args, args, c.in.Plan.Application.Arguments)
}

// pythonEnv names the Python to run: the configuration's, else the launcher's.
func pythonEnv(c *driverConf, d *spec) {
	const executors, driver = "PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON"
	configured, own := c.text("spark.pyspark.python", ""), c.text("spark.pyspark.driver.python", "")
	first := func(words ...string) string {
		return words[max(0, slices.IndexFunc(words, func(word string) bool { return word != "" }))]
	}
	if name := first(configured, c.env[executors]); name != "" {
		d.addEnv(executors, name)
	}
	if name := first(own, configured, c.env[driver], c.env[executors]); name != "" {
		d.addEnv(driver, name)
	}
}
