// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package ends

import (
	"time"

	"github.com/sparkctl/sparkctl/xcom"
)

// spark are the ends that Spark itself comes to.
func spark() []End {
	application, config, memory := xcom.CategoryApplication, xcom.CategoryConfig, xcom.CategoryMemory
	const exited = "the driver exited with code 1: "
	return []End{
		succeeded("spark-success", "the application ends as it should"),
		failed("spark-exit-3", "the application calls System.exit(3)", 3, application, "Error", "the driver exited with code 3", ""),
		failed("spark-sys-exit-7", "the PySpark application calls sys.exit(7)", 7, application, "Error", "the driver exited with code 7", ""),
		failed("spark-exception", "an exception leaves the application's main method", 1, application, "Error",
			exited+"java.lang.RuntimeException: no partition 2026-11-21, caused by java.lang.IllegalStateException: the cause of no partition 2026-11-21", ""),
		failed("spark-traceback", "an exception leaves the PySpark application", 1, application, "Error",
			exited+"ValueError: the orders have no column customer, caused by KeyError: 'customer'", ""),
		failed("spark-no-table", "a query names a table that does not exist", 1, application, "Error", exited+"...[TABLE_OR_VIEW_NOT_FOUND] The table or view `sales`.`orders` cannot be found...", ""),
		failed("spark-no-path", "a path does not exist", 1, application, "Error", exited+"...[PATH_NOT_FOUND] Path does not exist: file:/data/orders/day=2026-11-21...", ""),
		failed("spark-unknown-host", "a host's name is unknown", 1, application, "Error", exited+"...java.net.UnknownHostException: namenode.invalid", ""),
		failed("spark-large-result", "the application collects more than spark.driver.maxResultSize", 1, application, "ResultTooLarge", exited+"Total size of serialized results of ... is bigger than spark.driver.maxResultSize (1024.0 B)...", "no"),
		failed("spark-task-fails", "a task fails once more than spark.task.maxFailures allows", 1, application, "Error",
			exited+"ValueError: invalid literal for int() with base 10: 'n/a' (task 0 in stage 0.0 failed on executor ...)", ""),
		failed("spark-class-not-found", "the main class is in none of the jars", 101, config, "MainClassNotFound",
			"the driver exited with code 101 (the main class was not found): Failed to load class dev.sparkctl.examples.Mian.", "no"),
		failed("spark-jar-not-found", "the main jar is not in the image", 1, config, "MainFileNotFound", exited+"java.nio.file.NoSuchFileException: /opt/spark/examples/jars/orders.jar", "no"),
		failed("spark-file-not-found", "the main Python file is not in the image", 2, config, "MainFileNotFound",
			"the driver exited with code 2: python3: can't open file '/programs/orders.py': [Errno 2] No such file or directory", "no"),
		failed("spark-no-module", "a Python module is missing", 1, config, "LibraryNotFound", exited+"ModuleNotFoundError: No module named 'orders_schema'", "no"),
		failed("spark-no-jdbc-driver", "the JDBC driver for a database is missing", 1, config, "LibraryNotFound", exited+"java.sql.SQLException: No suitable driver", "no"),
		failed("spark-no-filesystem", "the library for s3a:// paths is missing", 1, config, "LibraryNotFound",
			exited+"...java.lang.ClassNotFoundException: Class org.apache.hadoop.fs.s3a.S3AFileSystem not found", "no"),
		failed("spark-heap", "the driver's JVM runs out of heap", 1, memory, "OutOfMemoryError", exited+"java.lang.OutOfMemoryError: Java heap space", "no"),
		failed("spark-driver-memory", "the PySpark application takes more memory than the driver's container may have", 137, memory, "OOMKilled",
			"the driver's container used more memory than its limit and was killed (exit code 137)", "no"),
		failed("spark-executor-heap", "an executor's JVM runs out of heap", 1, memory, "ExecutorOutOfMemory", exited+"java.lang.OutOfMemoryError: Java heap space (task ... failed on executor ...)", "no"),
		failed("spark-worker-memory", "a Python worker on an executor takes more memory than the container may have", 1, application, "PythonWorkerCrashed",
			exited+"org.apache.spark.SparkException: Python worker exited unexpectedly (crashed). (task 0 in stage 0.0 failed on executor ...)", ""),
		failed("spark-executors-fail", "more executors fail than spark.executor.maxNumFailures allows", 11, application, "MaxExecutorFailures",
			"the driver exited with code 11 (too many executors failed): Max number of executor failures (1) reached...", ""),
		failed("spark-no-rights", "the driver's service account may not make executors", 1, xcom.CategoryPermission, "Forbidden",
			exited+`...caused by io.fabric8.kubernetes.client.KubernetesClientException: pods ... is forbidden: User "system:serviceaccount:...:default" cannot get resource "pods"...`, "no"),
		failed("spark-exit-exception", "an exception leaves the main method, and the driver writes it into its pod (spark.kubernetes.driver.annotateExitException)", 1, application, "Error",
			exited+"java.lang.RuntimeException: no partition 2026-11-21, caused by java.lang.IllegalStateException: the cause of no partition 2026-11-21", ""),
		failed("spark-driver-timeout", "the driver runs for longer than spark.driver.timeout", 124, application, "DriverTimeout", "the driver exited with code 124 (spark.driver.timeout passed)", ""),
	}
}

// hanging are Spark drivers that do not come to their end.
func hanging() []End {
	return []End{
		overdue("spark-executors-without-image", "the executors' image cannot be pulled", "; no executor runs, 1 waits (...Pull...connection refused...)"),
		overdue("spark-executors-unschedulable", "no node has room for an executor", "; no executor runs, 1 waits (Unschedulable: ...Insufficient cpu...)"),
		overdue("spark-executors-over-quota", "the namespace's quota has no room for an executor", "; no executor runs: they are refused (pods ... is forbidden: exceeded quota: team-a, ...)"),
		overdue("spark-hangs", "a thread of the JVM goes on after the SparkContext has stopped", "; ...its SparkContext has stopped, and ... does not end because a thread of the application goes on"),
		overdue("spark-hangs-in-python", "a thread of the PySpark application goes on after the SparkContext has stopped", "; ...its SparkContext has stopped, and ... does not end because a thread of the application goes on"),
	}
}

// overdue is a driver that was running for longer than it may.
func overdue(name, what, why string) End {
	row := notStarted(name, what, xcom.ExitDeadline, xcom.CategoryDeadline, "RunningTimeout", "the driver ran for longer than ..., and still runs"+why, "")
	row.RunningTimeout = time.Minute
	return row
}
