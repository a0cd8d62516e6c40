# SPDX-License-Identifier: Apache-2.0
# Copyright The sparkctl Authors
"""A driver that checks what it was given: a Secret as files (this file is one of them) and as an
environment variable, a volume to write to, and executors that come when there is work and go when there is none."""

import os
import pathlib
import sys
import time

from pyspark.sql import SparkSession

assert os.environ["WORD"] == "open sesame", "the environment variable from the Secret"
pathlib.Path("/scratch/written").write_text("yes")
assert os.path.ismount("/scratch"), "the volume"
spark = SparkSession.builder.getOrCreate()
conf = spark.sparkContext.getConf()
assert conf.get("spark.greeting") == "Ümläut – \"quoted\" = 1", conf.get("spark.greeting")
total = spark.sparkContext.parallelize(range(100), 2).map(lambda n: n + 1).sum()
assert total == 5050, total
executors = spark.sparkContext._jsc.sc().getExecutorMemoryStatus().size() - 1
assert executors >= 1, "no executor came for the work"
print("the sum is", total, "by", executors, "executors, arguments", sys.argv[1:])
for _ in range(120):
    if spark.sparkContext._jsc.sc().getExecutorMemoryStatus().size() == 1:
        print("the executors have gone")
        break
    time.sleep(0.5)
spark.stop()
sys.exit(7)
