// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package dev.sparkctl.examples;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * A Spark application that ends in the way its first argument says, so that a test can have every
 * end there is. Only "pi" makes a SparkContext and asks for executors; the others are quick.
 */
public final class Main {
  private static final int SAMPLES = 100_000;

  private Main() {}

  public static void main(String[] args) throws Exception {
    String command = args.length == 0 ? "" : args[0];
    List<String> rest = args.length == 0 ? List.of() : Arrays.asList(args).subList(1, args.length);
    switch (command) {
      case "pi":
        pi(rest.isEmpty() ? 2 : Integer.parseInt(rest.get(0)));
        break;
      case "exit":
        int code = Integer.parseInt(rest.get(0));
        System.out.println("exiting with code " + code);
        System.exit(code);
        break;
      case "throw":
        String message = rest.isEmpty() ? "thrown on request" : String.join(" ", rest);
        throw new RuntimeException(message, new IllegalStateException("the cause of " + message));
      case "sleep":
        sleep(Long.parseLong(rest.get(0)));
        break;
      case "oom":
        fillHeap();
        break;
      default:
        System.err.println("usage: pi [SLICES] | exit CODE | throw [MESSAGE] | sleep SECONDS | oom");
        System.exit(2);
    }
  }

  private static void pi(int slices) {
    try (JavaSparkContext context =
        new JavaSparkContext(new SparkConf().setIfMissing("spark.app.name", "sparkctl-pi"))) {
      List<Integer> parts = IntStream.range(0, slices).boxed().collect(Collectors.toList());
      long inside = context.parallelize(parts, slices).map(part -> hits()).reduce(Long::sum);
      System.out.println("Pi is roughly " + 4.0 * inside / ((long) slices * SAMPLES));
    }
  }

  /** How many of the samples of one slice fall into the circle. Runs in an executor. */
  private static long hits() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    long inside = 0;
    for (int i = 0; i < SAMPLES; i++) {
      double x = random.nextDouble() * 2 - 1;
      double y = random.nextDouble() * 2 - 1;
      if (x * x + y * y <= 1) {
        inside++;
      }
    }
    return inside;
  }

  private static void sleep(long seconds) throws InterruptedException {
    for (long second = 0; second < seconds; second++) {
      System.out.println("slept " + second + " of " + seconds + " s");
      Thread.sleep(1000);
    }
    System.out.println("slept " + seconds + " of " + seconds + " s");
  }

  private static void fillHeap() {
    List<byte[]> kept = new ArrayList<>();
    while (true) {
      kept.add(new byte[16 << 20]);
      System.out.println("holding " + kept.size() * 16 + " MiB");
    }
  }
}
