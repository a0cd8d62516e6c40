// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package main

import (
	"bytes"
	"fmt"

	"github.com/sparkctl/sparkctl/submitter"
)

const argumentsIntro = "What stands behind `--` is read as `spark-submit` reads it: options, each as `--name value` or `--name=value`, then the main file, then the application's own arguments,\n" +
	"which may look like options. An option that is unknown is refused, with the nearest one that is known. A value that is empty or has a line end in it stands apart: `--name \"\"`.\n\n"

const argumentsWeight = `
## What weighs more

From the most to the least:

1. An option that sets a key, wherever it stands; of several the last. Those with *in order* weigh as much as a ` + "`--conf`" + ` of their key: of all of them the last one wins.
2. ` + "`--conf`" + `; of several for a key the last.
3. ` + "`--extra-properties-file`" + `; of several the last.
4. ` + "`--properties-file`" + `; of several only the last is read.
5. ` + "`spark-defaults.conf`" + ` in ` + "`SPARK_CONF_DIR`" + `, else in ` + "`SPARK_HOME/conf`" + `: it is read without ` + "`--properties-file`" + `, or with ` + "`--load-spark-defaults`" + `.
6. The environment: ` + "`SPARK_DRIVER_MEMORY`, `SPARK_EXECUTOR_MEMORY` and `SPARK_EXECUTOR_CORES`" + `.

` + "`MASTER` and `DEPLOY_MODE`" + ` count for nothing: ` + "`submitter`" + ` always gives both as ` + "`--conf`" + `. ` + "`SPARK_REMOTE`" + ` is refused.

Files of properties are read as ` + "`java.util.Properties`" + ` reads them, in UTF-8: comments with ` + "`#` and `!`" + `, lines continued with ` + "`\\`" + `, keys that end at a blank, ` + "`=` or `:`, and `\\uXXXX`" + `. Blanks around a value do not count.

## What is refused

Before anything is created, with exit code 2: what no supported ` + "`spark-submit`" + ` submits in cluster mode on Kubernetes.

- A master that does not begin with ` + "`k8s://`" + `, client mode, ` + "`spark.kubernetes.submission.waitAppCompletion=true`" + `, ` + "`spark.remote`" + `.
- Amounts that are no positive numbers: memory, cores, and the number of executors unless ` + "`spark.dynamicAllocation.enabled`" + ` is true.
- A heap by ` + "`-Xmx`" + ` in ` + "`spark.driver.extraJavaOptions` or `spark.driver.defaultJavaOptions`" + `.
- ` + "`--proxy-user`" + ` together with a Kerberos principal.
- Shells, the Thrift server and the server of Spark Connect.

These are refused too, though some ` + "`spark-submit`" + ` takes them, as they cannot be meant:

- A path with a scheme that is no URI, such as ` + "`local:///opt/my app.jar` or `s3a://{{ bucket }}/app.jar`: `spark-submit`" + ` looks for a file of that name in the launcher.
- A value for a switch: ` + "`--supervise=false`" + ` supervises.
- ` + "`--conf =VALUE`" + `, and an empty main file.

## Where the engines differ

The engine ` + "`native`" + ` refuses an option that the driver's version of Spark does not have yet, as ` + "`spark-submit`" + ` would. ` + "`spark-submit`" + ` of Spark 3.4 and newer drops carriage returns from its arguments
(` + "`bin/spark-class`" + `), and with another locale than one of UTF-8 it damages letters beyond ASCII; ` + "`native`" + ` hands over what it was given.
`

// argumentsPage is the page about what stands behind --.
func argumentsPage() []byte {
	var page bytes.Buffer
	page.WriteString("# The arguments of spark-submit\n\n" + generated + argumentsIntro + "| option | sets or does | from Spark |\n|---|---|---|\n")
	for _, o := range submitter.Options() {
		name := "`" + o.Name + "`"
		if o.Short != "" {
			name += ", `" + o.Short + "`"
		}
		does := o.Does
		if o.Key != "" {
			does = "`" + o.Key + "`"
		}
		if o.InOrder {
			does += ", *in order*"
		}
		if o.Action {
			does += "; refused"
		}
		since := fmt.Sprintf("%d.%d", o.Major, o.Minor)
		if o.In(3, 3) {
			since = "3.3 and before"
		}
		fmt.Fprintf(&page, "| %s | %s | %s |\n", name, does, since)
	}
	page.WriteString(argumentsWeight)
	return page.Bytes()
}
