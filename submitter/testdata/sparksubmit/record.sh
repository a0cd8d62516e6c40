#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The sparkctl Authors
#
# Records in answers.json what the real spark-submit of each minor version makes of the argument lists in cases.json. It
# needs a JDK and, once, the network for Spark's distributions; it starts one JVM per version and talks to no API server.
#
#   submitter/testdata/sparksubmit/record.sh [VERSION...]
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ $# == 0 ]; then
	set -- 3.3.4 3.4.4 3.5.9 4.0.5 4.1.4 4.2.1 4.3.0
fi
answers=()
for version; do
	home=$(../../../hack/cluster/cluster spark-home "$version" | tail -n 1)
	mkdir -p "$work/$version/classes" "$work/$version/launcher"
	javac -nowarn -cp "$home/jars/*" -d "$work/$version/classes" Record.java
	# Spark's own words about each case go to a file that is shown where it fails.
	(cd "$work/$version/launcher" && LC_ALL=C.UTF-8 SPARK_HOME=$home java -XX:TieredStopAtLevel=1 --add-opens=java.base/java.lang=ALL-UNNAMED \
		-cp "$work/$version/classes:$home/jars/*" org.apache.spark.launcher.Record ask "${version%.*}" "$here/cases.json" "$work/$version.json" \
		>"$work/$version.log" 2>&1) || { cat "$work/$version.log" >&2 && exit 1; }
	answers+=("$work/$version.json")
done
java -cp "$work/$1/classes:$home/jars/*" org.apache.spark.launcher.Record merge "$here/answers.json" "${answers[@]}"
