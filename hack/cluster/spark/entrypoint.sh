#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The sparkctl Authors
#
# What Spark on Kubernetes calls in its containers: `driver ARGS...` and
# `executor`; anything else is run as it is. The contract is that of the
# entrypoint in Spark's own images, from 3.3 to 4.3.
set -e

# Java and Ivy need a home; a user id that the image does not know has none.
if ! getent passwd "$(id -u)" >/dev/null && [ -w /etc/passwd ]; then
	echo "$(id -u):x:$(id -u):0:${SPARK_USER_NAME:-anonymous uid}:/home/spark:/bin/false" >>/etc/passwd
fi

# Options for the executor's JVM, in the order of their numbers.
readarray -t -d '' java_options < <(env -0 | grep -z '^SPARK_JAVA_OPT_' | sort -z -t_ -k4 -n | sed -z 's/^[^=]*=//')

classpath="$SPARK_CLASSPATH:$SPARK_HOME/jars/*"
[ -z "$SPARK_EXTRA_CLASSPATH" ] || classpath="$classpath:$SPARK_EXTRA_CLASSPATH"
[ -z "${HADOOP_CONF_DIR+set}" ] || classpath="$HADOOP_CONF_DIR:$classpath"
classpath="${SPARK_CONF_DIR:-$SPARK_HOME/conf}:$classpath:$PWD"

case "$1" in
driver)
	shift
	set -- "$SPARK_HOME/bin/spark-submit" \
		--conf "spark.driver.bindAddress=$SPARK_DRIVER_BIND_ADDRESS" \
		--conf "spark.executorEnv.SPARK_DRIVER_POD_IP=$SPARK_DRIVER_BIND_ADDRESS" \
		--deploy-mode client \
		"$@"
	;;
executor)
	shift
	set -- "$JAVA_HOME/bin/java" \
		"${java_options[@]}" \
		"-Xms$SPARK_EXECUTOR_MEMORY" \
		"-Xmx$SPARK_EXECUTOR_MEMORY" \
		-cp "$classpath:$SPARK_DIST_CLASSPATH" \
		org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend \
		--driver-url "$SPARK_DRIVER_URL" \
		--executor-id "$SPARK_EXECUTOR_ID" \
		--cores "$SPARK_EXECUTOR_CORES" \
		--app-id "$SPARK_APPLICATION_ID" \
		--hostname "$SPARK_EXECUTOR_POD_IP" \
		--resourceProfileId "$SPARK_RESOURCE_PROFILE_ID" \
		--podName "$SPARK_EXECUTOR_POD_NAME"
	;;
*)
	exec "$@"
	;;
esac

# As process 1 tini reaps what Python workers leave behind.
exec /usr/bin/tini -s -- "$@"
