package dev.muster.internal.yaml;

import dev.muster.resource.Quantities;
import dev.muster.workflow.ProcessOn;
import dev.muster.workflow.StageEnvironment;
import dev.muster.workflow.Variables;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a stage's {@code environment}, and {@code global}, which stands below every stage's. */
final class EnvironmentBinder {
  private static final List<String> KEYS =
      List.of("image", "variables", "executor", "resources", "extra_data");
  static final String HINT =
      "write for example {image: NAME, variables: {KEY: VALUE}, resources: {memory: 8Gi}}";
  private static final Pattern ASSIGNMENT =
      Pattern.compile("\\s*(export\\s+)?[A-Za-z_][A-Za-z0-9_]*=");
  private static final List<String> RESOURCE_KEYS;

  static {
    List<String> keys = new ArrayList<>(QuantitiesBinder.KEYS);
    keys.add("process_on");
    RESOURCE_KEYS = List.copyOf(keys);
  }

  private EnvironmentBinder() {}

  /** Reads the environment of a stage; what it does not say is taken from {@code below}. */
  static StageEnvironment bind(@Nullable Fields environment, StageEnvironment below) {
    if (environment == null) {
      return below;
    }
    environment.only(
        KEYS,
        Map.of(
            "memory", "write it under 'resources'",
            "cpus", "write it under 'resources'",
            "gpus", "write it under 'resources'",
            "nodes", "write it under 'resources'",
            "tasks_per_node", "write it under 'resources'",
            "process_on", "write it under 'resources'"));
    return read(environment, below);
  }

  /** Reads {@code global}; the caller takes {@code output_dir}. */
  static StageEnvironment global(@Nullable Fields global) {
    if (global == null) {
      return StageEnvironment.none();
    }
    global.only(List.of("resources", "executor", "output_dir", "variables"));
    return read(global, StageEnvironment.none());
  }

  private static StageEnvironment read(Fields fields, StageEnvironment below) {
    StageEnvironment.Builder builder = below.toBuilder();
    String image = fields.text("image");
    Node named = fields.node("image");
    if (image != null && named != null) {
      fields.problems().checked(named, fields.where().key("image"), () -> builder.image(image));
    }
    String executor = fields.text("executor");
    if (executor != null) {
      builder.executor(executor);
    }
    Variables variables = variables(fields, below.variables());
    if (variables != null) {
      builder.variables(variables);
    }
    Fields resources = fields.map("resources", "write for example {memory: 8Gi, cpus: 2}");
    if (resources != null) {
      resources.only(RESOURCE_KEYS);
      Quantities own = QuantitiesBinder.bind(resources);
      builder.resources(own.over(below.resources()));
      ProcessOn processOn = resources.constant("process_on", ProcessOn.class);
      if (processOn != null) {
        builder.processOn(processOn);
      }
    }
    Node extra = fields.node("extra_data");
    if (extra != null && !extra.isNull()) {
      builder.extraData(
          extra instanceof MapNode map
              ? map.toJava()
              : Collections.singletonMap("value", extra.toJava()));
    }
    return builder.build();
  }

  private static @Nullable Variables variables(Fields fields, Variables below) {
    Node node = fields.node("variables");
    if (node == null) {
      return null;
    }
    Where where = fields.where().key("variables");
    if (node instanceof ScalarNode && !node.isNull()) {
      String path = fields.text("variables");
      return path == null ? null : envFile(fields.problems(), node, where, path);
    }
    Fields given = fields.map("variables", "write the path of a .env file, or {KEY: VALUE}");
    if (given == null) {
      return null;
    }
    Map<String, String> values = new LinkedHashMap<>();
    if (below instanceof Variables.Values lower) {
      values.putAll(lower.values());
    }
    for (MapNode.Entry entry : given.named("a variable", true)) {
      String value = named(fields.problems(), entry, where)
          ? value(fields.problems(), entry, where.key(entry.key()))
          : null;
      if (value != null) {
        values.put(entry.key(), value);
      }
    }
    return new Variables.Values(values);
  }

  // Whoever writes NAME=VALUE has the value in what is read as a key: it is not repeated.
  private static boolean named(Problems problems, MapNode.Entry entry, Where where) {
    if (entry.key().indexOf('=') < 0 && entry.key().indexOf('\0') < 0) {
      return true;
    }
    problems.add(
        entry.line(),
        entry.column(),
        where.toString(),
        "the name of a variable must not have '=' or a NUL character",
        "write NAME: VALUE");
    return false;
  }

  // Booleans are fine here: every variable is text in the end, and "true" is what one means by
  // true.
  private static @Nullable String value(Problems problems, MapNode.Entry entry, Where where) {
    Node node = entry.value();
    if (node instanceof ScalarNode scalar && scalar.isNull()) {
      problems.add(
          entry.line(),
          entry.column(),
          where.toString(),
          "expected text, got nothing",
          "write \"\" for an empty variable");
      return null;
    }
    if (node instanceof ScalarNode scalar) {
      if (scalar.text().indexOf('\0') < 0) {
        return scalar.text();
      }
      problems.add(
          node,
          where,
          "the value of this variable has a NUL character, which ends a text in every process",
          null);
      return null;
    }
    problems.add(node, where, "expected text, got " + node.describe(), null);
    return null;
  }

  private static @Nullable Variables envFile(
      Problems problems, Node node, Where where, String path) {
    if (ASSIGNMENT.matcher(path).lookingAt()) { // with a value, which is not repeated
      problems.add(
          node,
          where,
          "expected the path of a .env file, got an assignment",
          "write {NAME: VALUE}; a path that looks like one begins with ./");
      return null;
    }
    try {
      return new Variables.EnvFile(Path.of(path));
    } catch (InvalidPathException e) {
      problems.add(node, where, "this is not a path", null);
      return null;
    }
  }
}
