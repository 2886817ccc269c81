package dev.muster.internal.yaml;

import dev.muster.execution.Credentials;
import dev.muster.execution.Execution;
import dev.muster.execution.NamedExecutor;
import dev.muster.execution.Pool;
import dev.muster.execution.PoolProfile;
import dev.muster.execution.WorkerEnvironment;
import dev.muster.execution.Workers;
import dev.muster.resource.Quantities;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns an execution into the plain values of its YAML form. */
public final class ExecutionWriter {
  private ExecutionWriter() {}

  /** Returns what {@code execution} would hold in a file; empty if it says nothing. */
  public static Map<String, @Nullable Object> write(Execution execution) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    put(out, "backend", execution.backend());
    put(out, "strategy", execution.strategy());
    Map<String, @Nullable Object> resources = new LinkedHashMap<>();
    execution.resources().forEach((label, amounts) -> resources.put(label, quantities(amounts)));
    putFull(out, "resources", resources);
    Map<String, @Nullable Object> pools = new LinkedHashMap<>();
    execution.pools().forEach((name, pool) -> pools.put(name, pool(pool)));
    putFull(out, "pools", pools);
    Map<String, @Nullable Object> profiles = new LinkedHashMap<>();
    execution.profiles().forEach((name, profile) -> profiles.put(name, profile(profile)));
    putFull(out, "profiles", profiles);
    WorkerEnvironment environment = execution.environment();
    if (environment != null) {
      Map<String, @Nullable Object> values = new LinkedHashMap<>();
      values.put("type", environment.type());
      values.putAll(environment.options());
      out.put("environment", values);
    }
    if (execution.staging() != null) {
      out.put("staging", Map.of("mode", execution.staging().name().toLowerCase(Locale.ROOT)));
    }
    Map<String, @Nullable Object> reuse = new LinkedHashMap<>();
    lower(reuse, "durability", execution.durability());
    lower(reuse, "keep", execution.keep());
    lower(reuse, "files", execution.filesBy());
    put(reuse, "from", execution.reuseFrom());
    putFull(out, "reuse", reuse);
    put(out, "code", execution.code());
    put(out, "report", execution.report());
    if (execution.credentials() != null) {
      out.put("credentials", credentials(execution.credentials()));
    }
    putFull(out, "config", execution.config());
    Map<String, @Nullable Object> executors = new LinkedHashMap<>();
    execution.executors().forEach((name, executor) -> executors.put(name, executor(executor)));
    putFull(out, "executors", executors);
    putFull(out, "assignments", execution.assignments());
    return out;
  }

  private static Map<String, @Nullable Object> pool(Pool pool) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    put(out, "use", pool.use());
    body(out, pool.workers(), pool.slots(), pool.resource(), pool.quantities(), pool.config());
    return out;
  }

  private static Map<String, @Nullable Object> profile(PoolProfile profile) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    body(
        out,
        profile.workers(),
        profile.slots(),
        profile.resource(),
        profile.quantities(),
        profile.config());
    return out;
  }

  private static void body(
      Map<String, @Nullable Object> out,
      @Nullable Workers workers,
      @Nullable Integer slots,
      @Nullable String label,
      Quantities amounts,
      Map<String, @Nullable Object> config) {
    if (workers != null) {
      out.put("workers", workers.adaptive() ? range(workers) : workers.max());
    }
    put(out, "slots", slots);
    if (label != null && amounts.isEmpty()) {
      out.put("resources", label);
    } else {
      Map<String, @Nullable Object> resources = new LinkedHashMap<>();
      put(resources, "class", label);
      resources.putAll(quantities(amounts));
      putFull(out, "resources", resources);
    }
    putFull(out, "config", config);
  }

  private static Map<String, @Nullable Object> range(Workers workers) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("min", workers.min());
    out.put("max", workers.max());
    return out;
  }

  private static Object credentials(Credentials credentials) {
    Duration lifetime = credentials.requiredLifetime();
    if (lifetime == null) {
      return credentials.kinds();
    }
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    out.put("use", List.copyOf(credentials.kinds()));
    out.put("required_lifetime", span(lifetime));
    return out;
  }

  private static Map<String, @Nullable Object> executor(NamedExecutor executor) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    put(out, "type", executor.type());
    put(out, "backend", executor.backend());
    put(out, "strategy", executor.strategy());
    put(out, "pool", executor.pool());
    putFull(out, "config", executor.config());
    return out;
  }

  static Map<String, @Nullable Object> quantities(Quantities amounts) {
    Map<String, @Nullable Object> out = new LinkedHashMap<>();
    put(out, "cpus", amounts.cpus());
    put(out, "memory", amounts.memory() == null ? null : amounts.memory().toString());
    put(out, "disk", amounts.disk() == null ? null : amounts.disk().toString());
    put(out, "gpus", amounts.gpus());
    put(out, "nodes", amounts.nodes());
    put(out, "tasks_per_node", amounts.tasksPerNode());
    return out;
  }

  /** Writes a span in the largest unit that it is whole in. */
  static String span(Duration span) {
    long millis = span.toMillis();
    if (!Duration.ofMillis(millis).equals(span)) {
      throw new IllegalArgumentException(
          "the time span " + span + " is not a whole number of milliseconds");
    }
    if (millis % 3_600_000 == 0 && millis > 0) {
      return millis / 3_600_000 + "h";
    }
    if (millis % 60_000 == 0 && millis > 0) {
      return millis / 60_000 + "m";
    }
    return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
  }

  static void put(Map<String, @Nullable Object> out, String key, @Nullable Object value) {
    if (value != null) {
      out.put(key, value);
    }
  }

  static void putFull(Map<String, @Nullable Object> out, String key, Map<String, ?> values) {
    if (!values.isEmpty()) {
      out.put(key, values);
    }
  }

  private static void lower(
      Map<String, @Nullable Object> out, String key, @Nullable Enum<?> constant) {
    if (constant != null) {
      out.put(key, constant.name().toLowerCase(Locale.ROOT));
    }
  }
}
