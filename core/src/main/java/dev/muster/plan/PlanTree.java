package dev.muster.plan;

import com.google.common.collect.Lists;
import dev.muster.error.Problem;
import dev.muster.execution.Durability;
import dev.muster.execution.Execution;
import dev.muster.execution.Pool;
import dev.muster.execution.Workers;
import dev.muster.resource.Quantities;
import dev.muster.resource.Walltime;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.EscalateOn;
import dev.muster.workflow.Modifier;
import dev.muster.workflow.Requirement;
import dev.muster.workflow.Retry;
import dev.muster.workflow.Stage;
import dev.muster.workflow.StageEnvironment;
import dev.muster.workflow.StageInput;
import dev.muster.workflow.Variables;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A plan as a tree of maps, lists, texts, numbers and booleans: the one structure that both YAML and JSON show.
 * {@code docs/plan.md} describes it. Keys that have nothing to say are left out; credentials are named by kind,
 * variables by name, and of a {@code .env} file there is only its path. What stands in it of stages and links is made
 * when it is asked for, each time.
 */
final class PlanTree {
  /** The version of this structure; it grows when a reader of the old one could be misled. */
  static final int FORMAT = 1;

  private static final java.util.regex.Pattern SECRET = java.util.regex.Pattern.compile(
      "password|passwd|passphrase|secret|token|private_?key|api_?key");

  private final Plan plan;
  private final Map<String, String> origins;

  private PlanTree(Plan plan) {
    this.plan = plan;
    this.origins = plan.execution().origins();
  }

  static Map<String, @Nullable Object> of(Plan plan) {
    return new PlanTree(plan).root();
  }

  private Map<String, @Nullable Object> root() {
    Map<String, @Nullable Object> root = new LinkedHashMap<>();
    root.put("plan", FORMAT);
    root.put("workflow", plan.workflow().name());
    putUnlessEmpty(root, "params", sorted(plan.workflow().params().values()));
    root.put("tasks", plan.taskCount());
    List<Object> datasets = new ArrayList<>();
    for (int d = 0; d < plan.workflow().datasets().size(); d++) {
      Dataset dataset = plan.workflow().datasets().get(d);
      datasets.add(map(
          "name", dataset.name(),
          "files", dataset.files().size(),
          "partitions", plan.partitionsOf(d)));
    }
    putUnlessEmpty(root, "datasets", datasets);
    root.put("stages", Lists.transform(plan.stages(), this::stage));
    root.put("execution", execution());
    root.put("pools", pools());
    root.put("warnings", plan.warnings().stream().map(Problem::toString).toList());
    return root;
  }

  // Stages

  private Map<String, @Nullable Object> stage(PlannedStage planned) {
    Stage stage = planned.stage();
    Route route = planned.route();
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("id", stage.id());
    tree.put("op", stage.op());
    tree.put("scope", lower(planned.scope()));
    putUnlessNull(tree, "block", planned.block() > 0 ? planned.block() : null);
    putUnlessNull(
        tree, "tolerate", stage.tolerate() == null ? null : stage.tolerate().toString());
    putUnlessNull(tree, "version", stage.version());
    putUnlessNull(tree, "keep", stage.keep() == null ? null : lower(stage.keep()));
    putUnlessEmpty(tree, "applies_to", sorted(stage.appliesTo()));
    tree.put("tasks", planned.taskCount());
    tree.put("pools", route.pools().stream().map(Pool::name).toList());
    tree.put("reason", route.reason());
    tree.put("backend", route.backend());
    tree.put("strategy", route.strategy());
    putUnlessNull(tree, "executor", route.executor());
    tree.put("label", route.label());
    Map<String, @Nullable Object> annotations = new LinkedHashMap<>();
    route.annotations().resources().forEach((key, value) -> annotations.put(key, number(value)));
    tree.put("annotations", annotations);
    putUnlessEmpty(tree, "asks", asks(stage));
    putUnlessNull(
        tree, "timeout", stage.timeout() == null ? null : Walltime.format(stage.timeout()));
    putUnlessEmpty(tree, "retry", retry(stage.retry()));
    putUnlessEmpty(
        tree, "modifiers", stage.modifiers().stream().map(PlanTree::modifier).toList());
    putUnlessEmpty(tree, "environment", environment(stage.environment()));
    putUnlessEmpty(tree, "waits_for", Lists.transform(planned.incoming(), this::wait));
    return tree;
  }

  private static Map<String, @Nullable Object> asks(Stage stage) {
    Map<String, @Nullable Object> asks = new LinkedHashMap<>();
    if (stage.requirement() instanceof Requirement.Require require) {
      asks.put("require", require.label());
    } else if (stage.requirement() instanceof Requirement.Prefer prefer) {
      asks.put("prefer", prefer.label());
      putUnlessNull(asks, "fallback", prefer.fallback());
    }
    StageEnvironment environment = stage.environment();
    quantities(environment.resources()).forEach(asks::put);
    putUnlessNull(
        asks,
        "process_on",
        environment.processOn() == null ? null : lower(environment.processOn()));
    return asks;
  }

  private static Map<String, @Nullable Object> retry(Retry retry) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    if (retry.max() > 0 || retry.escalate() != null) {
      tree.put("max", retry.max());
      tree.put("backoff", Walltime.format(retry.backoff()));
      putUnlessNull(tree, "escalate", retry.escalate());
      if (!retry.escalateOn().equals(EscalateOn.outOfMemory())) {
        tree.put("escalate_on", retry.escalateOn().listed());
      }
    }
    return tree;
  }

  private static Object modifier(Modifier modifier) {
    return modifier.params().isEmpty()
        ? modifier.name()
        : map("name", modifier.name(), "params", sorted(modifier.params()));
  }

  private static Map<String, @Nullable Object> environment(StageEnvironment environment) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    putUnlessNull(tree, "image", environment.image());
    if (environment.variables() instanceof Variables.EnvFile file) {
      tree.put("variables_from", file.path().toString());
    } else if (environment.variables() instanceof Variables.Values values) {
      putUnlessEmpty(tree, "variables", List.copyOf(values.values().keySet()));
    }
    putUnlessEmpty(tree, "extra_data", List.copyOf(environment.extraData().keySet()));
    return tree;
  }

  private Map<String, @Nullable Object> wait(Link link) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("stage", plan.stages().get(link.producer()).id());
    tree.put("pattern", lower(link.pattern()));
    putUnlessEmpty(tree, "inputs", link.inputs().stream().map(PlanTree::input).toList());
    putUnlessEmpty(tree, "in_place_of", plan.skipped(link));
    putUnlessEmpty(tree, "datasets", plan.datasets(link));
    return tree;
  }

  private static Map<String, @Nullable Object> input(StageInput input) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("as", input.name());
    putUnlessNull(tree, "port", input.port());
    putUnlessNull(tree, "optional", input.optional() ? true : null);
    return tree;
  }

  // Execution

  private Map<String, @Nullable Object> execution() {
    Execution execution = plan.execution().execution();
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("backend", from("backend", execution.backend()));
    tree.put("strategy", from("strategy", execution.strategy()));
    if (execution.environment() != null) {
      Map<String, @Nullable Object> environment = new LinkedHashMap<>();
      environment.put("type", from("environment.type", execution.environment().type()));
      settings("environment", execution.environment().options()).forEach(environment::put);
      tree.put("environment", environment);
    }
    if (execution.staging() != null) {
      tree.put("staging", from("staging", lower(execution.staging())));
    }
    Map<String, @Nullable Object> reuse = new LinkedHashMap<>();
    if (execution.durability() != null && execution.durability() != Durability.PROCESS) {
      reuse.put("durability", from("reuse.durability", lower(execution.durability())));
    }
    if (execution.keep() != null) {
      reuse.put("keep", from("reuse.keep", lower(execution.keep())));
    }
    if (execution.filesBy() != null) {
      reuse.put("files", from("reuse.files", lower(execution.filesBy())));
    }
    if (execution.reuseFrom() != null) {
      reuse.put("from", from("reuse.from", execution.reuseFrom()));
    }
    putUnlessEmpty(tree, "reuse", reuse);
    putUnlessEmpty(tree, "own_code", plan.workflow().code());
    if (execution.code() != null) {
      tree.put("code", from("code", execution.code()));
    }
    if (execution.report() != null) {
      tree.put("report", from("report", execution.report()));
    }
    if (execution.credentials() != null) {
      tree.put("credentials", from("credentials", execution.credentials().kinds()));
    }
    putUnlessEmpty(tree, "config", settings("config", execution.config()));
    return tree;
  }

  private Map<String, @Nullable Object> pools() {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    plan.execution().execution().pools().forEach((name, pool) -> tree.put(name, pool(pool)));
    for (PlannedStage stage : plan.stages()) {
      for (Pool pool : stage.route().pools()) {
        if (!tree.containsKey(pool.name())) {
          tree.put(pool.name(), pool(pool));
        }
      }
    }
    return tree;
  }

  private Map<String, @Nullable Object> pool(Pool pool) {
    String path = "pools." + pool.name();
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    if (pool.use() != null) {
      tree.put("use", from(path + ".use", pool.use()));
    }
    Workers workers = pool.workersOrDefault();
    Object count =
        workers.adaptive() ? map("min", workers.min(), "max", workers.max()) : workers.max();
    tree.put("workers", from(path + ".workers", count));
    tree.put("slots", from(path + ".slots", pool.slotsOrDefault()));
    if (pool.resource() != null) {
      tree.put("resource", from(path + ".resource", pool.resource()));
    }
    Map<String, @Nullable Object> resources = new LinkedHashMap<>();
    quantities(pool.quantities())
        .forEach((key, value) -> resources.put(key, from(path + ".resources." + key, value)));
    putUnlessEmpty(tree, "resources", resources);
    putUnlessEmpty(tree, "config", settings(path + ".config", pool.config()));
    return tree;
  }

  private Map<String, @Nullable Object> settings(
      String path, Map<String, @Nullable Object> settings) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    new TreeMap<>(settings)
        .forEach((key, value) -> tree.put(key, from(path + "." + key, setting(key, value))));
    return tree;
  }

  private Map<String, @Nullable Object> from(String path, @Nullable Object value) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    tree.put("value", value);
    tree.put("from", Objects.requireNonNullElse(origins.get(path), "this machine"));
    return tree;
  }

  // Values

  private static Map<String, @Nullable Object> quantities(Quantities quantities) {
    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
    putUnlessNull(tree, "cpus", quantities.cpus());
    putUnlessNull(
        tree, "memory", quantities.memory() == null ? null : quantities.memory().toString());
    putUnlessNull(
        tree, "disk", quantities.disk() == null ? null : quantities.disk().toString());
    putUnlessNull(tree, "gpus", quantities.gpus());
    putUnlessNull(tree, "nodes", quantities.nodes());
    putUnlessNull(tree, "tasks_per_node", quantities.tasksPerNode());
    return tree;
  }

  /** Returns a free-form value with its keys sorted, so that every JVM prints it the same, and without secrets. */
  private static @Nullable Object setting(String key, @Nullable Object value) {
    if (SECRET.matcher(key.toLowerCase(Locale.ROOT)).find()) {
      return "(hidden)";
    }
    if (value instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> entries = new LinkedHashMap<>();
      map.forEach((name, entry) -> entries.put(String.valueOf(name), entry));
      return sorted(entries);
    }
    if (value instanceof List<?> list) {
      return list.stream().map(item -> setting("", item)).toList();
    }
    if (value == null) {
      return null;
    }
    if (value instanceof Double || value instanceof Float) {
      return number(((Number) value).doubleValue());
    }
    boolean plain = value instanceof String || value instanceof Boolean || value instanceof Number;
    return plain ? value : "(" + value.getClass().getName() + ")";
  }

  private static Map<String, @Nullable Object> sorted(Map<String, ? extends @Nullable Object> map) {
    Map<String, @Nullable Object> sorted = new TreeMap<>();
    map.forEach((key, value) -> sorted.put(key, setting(key, value)));
    return sorted;
  }

  /** Returns a whole number where it is one; what JSON has no number for becomes text. */
  static Object number(double value) {
    if (!Double.isFinite(value)) {
      return Double.toString(value);
    }
    return value == Math.rint(value) && Math.abs(value) < 1e15 ? (Object) (long) value : value;
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static Map<String, @Nullable Object> map(Object... keysAndValues) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }

  private static void putUnlessNull(
      Map<String, @Nullable Object> map, String key, @Nullable Object value) {
    if (value != null) {
      map.put(key, value);
    }
  }

  private static void putUnlessEmpty(Map<String, @Nullable Object> map, String key, Object value) {
    boolean empty =
        value instanceof Map<?, ?> entries ? entries.isEmpty() : ((List<?>) value).isEmpty();
    if (!empty) {
      map.put(key, value);
    }
  }
}
