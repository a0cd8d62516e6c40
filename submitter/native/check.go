// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import "strings"

// check refuses what spark-submit refuses before it looks at Kubernetes (Spark: SparkSubmitArguments.validateSubmitArguments,
// SparkSubmit.prepareSubmitEnvironment).
func check(c *driverConf) {
	app := c.in.Plan.Application
	if master := c.values[confMaster]; !strings.HasPrefix(master, "k8s://https://") && !strings.HasPrefix(master, "k8s://http://") {
		c.refuse("give --master k8s://https://HOST:PORT", "master %q is no URL of an API server", master)
	}
	if c.class == "" {
		c.refuse("give --class CLASS", "no main class: only spark-submit can look for it, and only in a jar of the launcher's")
	}
	switch c.resource {
	case "spark-shell", "pyspark-shell", "sparkr-shell":
		c.refuse("run it with --deploy-mode client", "%s cannot run in cluster mode", c.resource)
	}
	switch c.class {
	case "org.apache.spark.sql.hive.thriftserver.SparkSQLCLIDriver", "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2",
		"org.apache.spark.sql.connect.service.SparkConnectServer":
		c.refuse("run it with --deploy-mode client", "%s cannot run in cluster mode", c.class)
	}
	for _, key := range []string{confMemory, "spark.executor.memory"} {
		if c.has(key) && c.bytes(key, "", 0) <= 0 {
			c.refuse("give an amount such as 4g", "%s is %s", key, c.told(key, c.values[key]))
		}
	}
	for _, key := range []string{"spark.executor.cores", "spark.cores.max"} {
		if cores := c.whole(key, 1); cores <= 0 {
			c.refuse("give 1 or more", "%s is %d", key, cores)
		}
	}
	if instances := c.whole("spark.executor.instances", 1); instances <= 0 && !c.flag("spark.dynamicAllocation.enabled", false) {
		c.refuse("give 1 or more, or spark.dynamicAllocation.enabled=true", "spark.executor.instances is %d", instances)
	}
	if _, principal := app.Option("--principal"); principal && c.proxyUser != "" {
		c.refuse("give one of them", "--proxy-user and --principal are both given")
	}
}
