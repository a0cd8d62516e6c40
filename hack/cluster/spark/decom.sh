#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Copyright The sparkctl Authors
#
# Called before an executor's container is stopped when spark.decommission.enabled
# is set: SIGPWR tells the executor to hand its blocks over.
worker=$(pgrep -o java) || exit 0
kill -s SIGPWR "$worker"
timeout 60 tail --pid="$worker" -f /dev/null
