"""An application that ends in the way its first argument names."""

import os
import sys

from pyspark.sql import SparkSession


def fail(day):
    return 1 // (day - day)


def end(how):
    if how == "value":
        raise ValueError("no rows")
    if how == "multiline":
        raise ValueError("first line\nsecond line\n\n  an indented line\nlast line")
    if how == "cause":
        try:
            {}["day"]
        except KeyError as e:
            raise RuntimeError("cannot read the partition") from e
    if how == "context":
        try:
            {}["day"]
        except KeyError:
            open("/no/such/file")
    if how == "group":
        try:
            {}["day"]
        except KeyError as e:
            raise ExceptionGroup("two parts failed", [ValueError("no rows"), TypeError("bad type")]) from e
    if how == "note":
        e = ValueError("no rows")
        e.add_note("while reading\nthe second day")
        raise e
    if how == "exit":
        sys.exit(7)
    if how == "exittext":
        sys.exit("nothing to do for this day")
    if how == "interrupt":
        raise KeyboardInterrupt
    if how == "assert":
        assert 1 > 2
    spark = SparkSession.builder.getOrCreate()
    if how == "handled":
        try:
            spark.table("no_such_table").count()
        except Exception:
            import traceback

            traceback.print_exc()
        sys.exit(3)
    if how == "analysis":
        spark.table("no_such_table").count()
    if how == "udf":
        spark.sparkContext.parallelize([1, 2], 1).map(fail).collect()
    if how == "heap":
        rows = spark.sparkContext._jvm.java.util.ArrayList()
        while True:
            rows.add(spark.sparkContext._jvm.java.nio.ByteBuffer.allocate(1 << 24))
    if how == "stopped":
        spark.stop()
        spark.range(10).count()


end(sys.argv[1])
