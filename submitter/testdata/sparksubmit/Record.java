// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package org.apache.spark.launcher;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Asks the classes behind spark-submit what they make of argument lists: its launcher, which runs first and writes the list
 * anew, then SparkSubmitArguments, then SparkSubmit.prepareSubmitEnvironment. It stands in the launcher's package because
 * that is where the launcher can be seen from.
 *
 * <pre>Record ask VERSION CASES OUT: what one version says, by the names of the cases
 * Record merge OUT ANSWERS...: the answers of several versions in one file, each answer once with the versions that give it</pre>
 */
public final class Record {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] words) throws Exception {
    if (words[0].equals("merge")) {
      merge(words);
      return;
    }
    ObjectNode out = JSON.createObjectNode();
    out.put("spark", words[1]);
    for (JsonNode test : JSON.readTree(new File(words[2]))) {
      ObjectNode answer = out.putObject(test.get("name").asText());
      List<Path> written = new ArrayList<>();
      Iterable<Map.Entry<String, JsonNode>> files = () -> test.path("files").fields();
      for (Map.Entry<String, JsonNode> file : files) {
        Path path = Path.of(file.getKey());
        if (path.getParent() != null) {
          Files.createDirectories(path.getParent());
        }
        Files.write(path, file.getValue().asText().getBytes(StandardCharsets.UTF_8));
        written.add(path);
      }
      try {
        ask(test, answer);
      } catch (Throwable e) {
        while (e instanceof java.lang.reflect.InvocationTargetException) {
          e = e.getCause();
        }
        answer.removeAll();
        answer.put("refused", String.valueOf(e.getMessage()).split("\n")[0]);
      }
      for (Path path : written) {
        Files.delete(path);
      }
    }
    // The folder that it is run in is nobody's concern.
    write(words[3], JSON.writeValueAsString(out).replace(Path.of("").toAbsolutePath().toString(), "/launcher"));
  }

  private static void merge(String[] words) throws Exception {
    Map<String, Map<String, String>> merged = new LinkedHashMap<>();
    for (String path : List.of(words).subList(2, words.length)) {
      JsonNode answers = JSON.readTree(new File(path));
      answers.fields().forEachRemaining(answer -> {
        if (!answer.getKey().equals("spark")) {
          merged.computeIfAbsent(answer.getKey(), name -> new LinkedHashMap<>())
              .merge(answer.getValue().toString(), answers.get("spark").asText(), (a, b) -> a + " " + b);
        }
      });
    }
    StringBuilder text = new StringBuilder("{");
    String comma = "\n";
    for (Map.Entry<String, Map<String, String>> test : merged.entrySet()) {
      text.append(comma).append(JSON.writeValueAsString(test.getKey())).append(": [");
      comma = "";
      for (Map.Entry<String, String> answer : test.getValue().entrySet()) {
        ObjectNode line = JSON.createObjectNode();
        line.put("spark", answer.getValue());
        line.setAll((ObjectNode) JSON.readTree(answer.getKey()));
        text.append(comma).append("\n ").append(JSON.writeValueAsString(line));
        comma = ",";
      }
      text.append("]");
      comma = ",\n";
    }
    write(words[1], text.append("\n}").toString());
  }

  private static void write(String path, String text) throws Exception {
    Files.write(Path.of(path), (text + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static void ask(JsonNode test, ObjectNode answer) throws Exception {
    Map<String, String> env = new HashMap<>();
    env.put("SPARK_HOME", System.getenv("SPARK_HOME"));
    if (test.has("env")) {
      test.get("env").fields().forEachRemaining(e -> env.put(e.getKey(), e.getValue().asText()));
    }
    env.putIfAbsent("SPARK_CONF_DIR", Path.of("conf").toAbsolutePath().toString());
    List<String> argv = new ArrayList<>();
    test.get("argv").forEach(word -> argv.add(word.asText()));

    SparkSubmitCommandBuilder builder = new SparkSubmitCommandBuilder(argv);
    builder.childEnv.putAll(env);
    // Else the launcher looks for it among the folders of a build (bin/load-spark-env.sh sets it).
    builder.childEnv.put("SPARK_SCALA_VERSION", "2.13");
    List<String> command = builder.buildCommand(new HashMap<>(env));
    List<String> rewritten = command.subList(command.indexOf("org.apache.spark.deploy.SparkSubmit") + 1, command.size());

    Class<?> type = Class.forName("org.apache.spark.deploy.SparkSubmitArguments");
    Constructor<?> constructor = type.getConstructors()[0];
    Object args = constructor.newInstance(Scala.seq(rewritten), Scala.map(env));
    answer.put("resource", (String) type.getMethod("primaryResource").invoke(args));
    answer.put("class", (String) type.getMethod("mainClass").invoke(args));
    answer.put("name", (String) type.getMethod("name").invoke(args));
    var arguments = answer.putArray("arguments");
    for (Object word : Scala.list(type.getMethod("childArgs").invoke(args))) {
      arguments.add((String) word);
    }
    ObjectNode conf = answer.putObject("conf");
    Map<String, String> sorted = new TreeMap<>();
    if (test.has("unprepared")) {
      // To go on, spark-submit would need the network or files that are not here.
      for (Map.Entry<Object, Object> e : Scala.java(type.getMethod("sparkProperties").invoke(args)).entrySet()) {
        sorted.put((String) e.getKey(), (String) e.getValue());
      }
      for (Map.Entry<String, String> field : Map.of("packages", "spark.jars.packages", "packagesExclusions", "spark.jars.excludes",
          "repositories", "spark.jars.repositories", "principal", "spark.kerberos.principal", "keytab", "spark.kerberos.keytab",
          "master", "spark.master", "deployMode", "spark.submit.deployMode").entrySet()) {
        String value = (String) type.getMethod(field.getKey()).invoke(args);
        if (value != null) {
          sorted.put(field.getValue(), value);
        }
      }
    } else {
      Class<?> submit = Class.forName("org.apache.spark.deploy.SparkSubmit");
      Object tuple = submit.getMethod("prepareSubmitEnvironment", type, scala.Option.class)
          .invoke(submit.getConstructor().newInstance(), args, scala.Option.empty());
      org.apache.spark.SparkConf prepared = (org.apache.spark.SparkConf) tuple.getClass().getMethod("_3").invoke(tuple);
      for (scala.Tuple2<String, String> pair : prepared.getAll()) {
        sorted.put(pair._1(), pair._2());
      }
      sorted.remove("spark.app.submitTime");
    }
    sorted.forEach(conf::put);
  }

  /** Scala's collections, whose classes differ between Scala 2.12 and 2.13. */
  private static final class Scala {
    static Object seq(List<String> list) throws Exception {
      Object buffer = converter("asScalaBuffer", "asScala", List.class, list);
      return buffer.getClass().getMethod("toList").invoke(buffer);
    }

    static Object map(Map<String, String> map) {
      scala.collection.immutable.Map<String, String> made = scala.Predef$.MODULE$.Map().empty();
      for (Map.Entry<String, String> e : map.entrySet()) {
        made = plus(made, e);
      }
      return made;
    }

    @SuppressWarnings("unchecked")
    private static scala.collection.immutable.Map<String, String> plus(scala.collection.immutable.Map<String, String> m, Map.Entry<String, String> e) {
      try {
        return (scala.collection.immutable.Map<String, String>) scala.collection.immutable.Map.class
            .getMethod("updated", Object.class, Object.class).invoke(m, e.getKey(), e.getValue());
      } catch (ReflectiveOperationException wrong) {
        throw new IllegalStateException(wrong);
      }
    }

    static Object converter(String old, String now, Class<?> from, Object value) throws Exception {
      try {
        Class<?> type = Class.forName("scala.jdk.javaapi.CollectionConverters");
        return type.getMethod(now, from).invoke(null, value);
      } catch (ClassNotFoundException scala212) {
        return Class.forName("scala.collection.JavaConverters").getMethod(old, from).invoke(null, value);
      }
    }

    static List<Object> list(Object seq) throws Exception {
      List<Object> all = new ArrayList<>();
      Object iterator = seq.getClass().getMethod("iterator").invoke(seq);
      scala.collection.Iterator<?> i = (scala.collection.Iterator<?>) iterator;
      while (i.hasNext()) {
        all.add(i.next());
      }
      return all;
    }

    static Map<Object, Object> java(Object map) throws Exception {
      Map<Object, Object> all = new HashMap<>();
      for (Object pair : list(map)) {
        scala.Tuple2<?, ?> t = (scala.Tuple2<?, ?>) pair;
        all.put(t._1(), t._2());
      }
      return all;
    }
  }
}
