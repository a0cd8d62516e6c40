// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"slices"

	"github.com/sparkctl/sparkctl/internal/driver"
)

// propertiesPath is where the driver reads its configuration.
const propertiesPath = confDir + "/" + driver.PropertiesFile

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
	const ofExecutors, ofDriver = "PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON"
	const configured, own = "spark.pyspark.python", "spark.pyspark.driver.python"
	// What is set counts, even to nothing.
	first := func(variable string, keys, variables []string) {
		for _, key := range keys {
			if c.has(key) {
				d.addEnv(variable, c.text(key, ""))
				return
			}
		}
		for _, name := range variables {
			if value, set := c.env[name]; set {
				d.addEnv(variable, value)
				return
			}
		}
	}
	first(ofExecutors, []string{configured}, []string{ofExecutors})
	first(ofDriver, []string{own, configured}, []string{ofDriver, ofExecutors})
}
