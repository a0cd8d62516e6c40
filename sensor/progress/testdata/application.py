"""An application whose progress is worth recording: jobs that are done, one that failed, then one that runs."""

import sys
import time

from pyspark.sql import SparkSession

idle, tasks = float(sys.argv[1]), int(sys.argv[2])
spark = SparkSession.builder.appName("progress").getOrCreate()
spark.range(0, 1000, 1, 20).count()
try:
    spark.range(1).selectExpr("assert_true(id < 0)").collect()
except Exception as error:
    print("as it should:", type(error).__name__)
print("idle", flush=True)
time.sleep(idle)
print("busy", flush=True)
slow = spark.range(0, tasks, 1, tasks).selectExpr("id % 7 as k", "java_method('java.lang.Thread', 'sleep', 200L) as s")
slow.groupBy("k").agg({"s": "max"}).collect()
spark.stop()
