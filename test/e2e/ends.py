# SPDX-License-Identifier: Apache-2.0
# Copyright The sparkctl Authors

"""A PySpark application that ends in the way its first argument says."""

import sys
import threading
import time


def session():
    from pyspark.sql import SparkSession

    return SparkSession.builder.getOrCreate()


def traceback():
    orders = {"day": "2026-11-20"}
    try:
        return orders["customer"]
    except KeyError as missing:
        raise ValueError("the orders have no column customer") from missing


def exit_with(code):
    sys.exit(int(code))


def no_table():
    session().sql("SELECT count(*) FROM sales.orders").show()


def no_filesystem():
    session().read.parquet("s3a://warehouse/orders").show()


def no_path():
    session().read.parquet("/data/orders/day=2026-11-21").show()


def no_module():
    import orders_schema

    print(orders_schema)


def no_jdbc_driver():
    session().read.jdbc("jdbc:postgresql://warehouse/sales", "orders").show()


def unknown_host():
    session().read.text("hdfs://namenode.invalid:8020/orders").show()


def large_result():
    print(len(session().range(100000).collect()))


def executor_heap():
    # Depends on the row, so that it is not computed in the driver.
    session().range(1).selectExpr("length(repeat('x', 1500000000 + cast(id AS int)))").show()


def task_fails():
    session().sparkContext.parallelize(["12", "n/a"], 1).map(int).sum()


def worker_memory():
    session().sparkContext.parallelize([2 << 30], 1).map(lambda size: len(bytearray(size))).sum()


def driver_memory():
    print(len(bytearray(4 << 30)))


def count():
    print("rows:", session().range(100).count())


def hang():
    """Leaves a thread behind, as connection pools do, after its SparkContext has stopped."""
    spark = session()
    spark._jvm.java.util.concurrent.Executors.newFixedThreadPool(1).prestartAllCoreThreads()
    spark.stop()


def hang_python():
    spark = session()
    threading.Thread(target=time.sleep, args=(600,)).start()
    spark.stop()


def sleep(seconds):
    session()
    time.sleep(int(seconds))


globals()[sys.argv[1]](*sys.argv[2:])
