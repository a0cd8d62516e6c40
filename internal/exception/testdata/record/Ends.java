// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.function.VoidFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An application that ends in the way its first argument names. */
public final class Ends {
  private static final Logger log = LoggerFactory.getLogger(Ends.class);

  public static void main(String[] args) throws Exception {
    switch (args[0]) {
      case "throw" -> throw new RuntimeException("bad input");
      case "multiline" -> throw new IllegalStateException("first line\nsecond line\n\tat the third\n\nlast line");
      case "cause" -> {
        try {
          Integer.parseInt("seven");
        } catch (NumberFormatException e) {
          throw new IllegalStateException("cannot read the day", new RuntimeException(e));
        }
      }
      case "suppressed" -> {
        try (AutoCloseable broken = () -> { throw new java.io.IOException("cannot close", new java.io.EOFException("short")); }) {
          throw new IllegalStateException("the body failed", new IllegalArgumentException("bad day"));
        }
      }
      case "shadow" -> {
        try (JavaSparkContext context = new JavaSparkContext(new SparkConf())) {
          Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            throw new IllegalStateException("too late");
          }, "my-hook"));
          throw new IllegalArgumentException("the real error");
        }
      }
      case "task" -> {
        try (JavaSparkContext context = new JavaSparkContext(new SparkConf())) {
          context.parallelize(List.of(1, 0)).foreach((VoidFunction<Integer>) i -> System.out.println(1 / i));
        }
      }
      case "logged" -> {
        try {
          Integer.parseInt("seven");
        } catch (NumberFormatException e) {
          log.error("the job failed", new IllegalStateException("cannot read the day", e));
          System.exit(3);
        }
      }
      case "survived" -> {
        try {
          Integer.parseInt("seven");
        } catch (NumberFormatException e) {
          log.warn("the first try failed", e);
        }
        throw new UnsupportedOperationException("the second try failed");
      }
      case "thread" -> {
        Thread thread = new Thread(() -> { throw new IllegalStateException("the worker failed"); }, "worker-1");
        thread.start();
        thread.join();
        System.exit(4);
      }
      case "heap" -> {
        List<long[]> all = new ArrayList<>();
        while (true) {
          all.add(new long[1 << 20]);
        }
      }
      case "heaptask" -> {
        try (JavaSparkContext context = new JavaSparkContext(new SparkConf())) {
          context.parallelize(List.of(1)).foreach((VoidFunction<Integer>) i -> {
            List<long[]> all = new ArrayList<>();
            while (true) {
              all.add(new long[1 << 20]);
            }
          });
        }
      }
      case "wait" -> {
        try (JavaSparkContext context = new JavaSparkContext(new SparkConf())) {
          System.out.println(context.parallelize(List.of(1, 2)).count());
        }
      }
      default -> throw new IllegalArgumentException(args[0]);
    }
  }
}
