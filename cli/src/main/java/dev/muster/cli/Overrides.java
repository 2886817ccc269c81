package dev.muster.cli;

import dev.muster.error.Problem;
import dev.muster.error.Suggestions;
import dev.muster.execution.Durability;
import dev.muster.execution.Execution;
import dev.muster.execution.FilesBy;
import dev.muster.execution.Layer;
import dev.muster.execution.NamedExecutor;
import dev.muster.execution.Pool;
import dev.muster.execution.Staging;
import dev.muster.execution.WorkerEnvironment;
import dev.muster.execution.Workers;
import dev.muster.resource.MemorySize;
import dev.muster.resource.Quantities;
import dev.muster.workflow.Keep;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns what the command line says of the execution into layers, one for each option, so that a plan can name the
 * option that set a value. Not thread-safe.
 */
final class Overrides {
  private static final List<String> TOP_KEYS = List.of(
      "backend",
      "strategy",
      "staging",
      "reuse",
      "code",
      "report",
      "environment",
      "credentials",
      "config",
      "pools",
      "resources",
      "executors",
      "assignments");
  private static final List<String> QUANTITY_KEYS =
      List.of("cpus", "memory", "disk", "gpus", "nodes", "tasks_per_node");
  private static final List<String> POOL_KEYS =
      List.of("use", "workers", "slots", "resources", "config");
  private static final List<String> EXECUTOR_KEYS =
      List.of("type", "backend", "strategy", "pool", "config");

  private final List<Layer> below;
  private final List<Layer> layers = new ArrayList<>();
  private final List<Problem> warnings = new ArrayList<>(); // of the next layer

  /** Starts from the layers that the overrides lie upon, the lowest first. */
  Overrides(List<Layer> below) {
    this.below = List.copyOf(below);
  }

  /** Returns the layers, the lowest first. */
  List<Layer> layers() {
    return List.copyOf(layers);
  }

  /** Overrides the backend. */
  void backend(String name) {
    add("--backend " + name, Execution.builder().backend(name));
  }

  /** Overrides the strategy. */
  void strategy(String name) {
    add("--strategy " + name, Execution.builder().strategy(name));
  }

  /**
   * Overrides one value, given as {@code pools.gpu.workers=2}.
   *
   * @throws UsageException if there is no such key or the value does not suit it
   */
  void set(String assignment) {
    Assignment.read("--set", assignment, this::change);
  }

  /**
   * Overrides a pool's number of workers, given as {@code gpu=2} or {@code gpu=0..8}.
   *
   * @throws UsageException if it is not of that form
   */
  void pool(String assignment) {
    Assignment.read("--pool", assignment, given -> {
      Pool.Builder pool = Pool.builder(String.join(".", given.path()));
      add(given.option(), Execution.builder().pool(pool.workers(workers(given)).build()));
    });
  }

  private void add(String name, Execution.Builder execution) {
    layers.add(new Layer(name, execution.build(), Map.of(), null, warnings));
    warnings.clear();
  }

  private void change(Assignment given) {
    Execution.Builder execution = Execution.builder();
    Assignment key =
        given.path().size() > 1 && given.head().equals("execution") ? given.rest() : given;
    Assignment rest = key.rest();
    switch (key.head()) {
      case "backend" -> execution.backend(key.last().text());
      case "strategy" -> execution.strategy(key.last().text());
      case "staging" -> execution.staging(staging(key));
      case "reuse" -> reuse(rest, execution);
      case "code" -> execution.code(texts(key));
      case "report" -> execution.report(key.last().flag());
      case "credentials" -> execution.credentials(texts(key));
      case "config" -> execution.config(rest.joined(), rest.value());
      case "environment" -> execution.environment(environment(rest));
      case "pools" -> execution.pool(pool(rest));
      case "resources" ->
        execution.resource(rest.named(), quantities(Quantities.none(), rest.rest()));
      case "executors" -> execution.executor(executor(rest));
      case "assignments" -> execution.assignment(rest.joined(), rest.text());
      default -> throw key.unknown(TOP_KEYS);
    }
    add(given.option(), execution);
  }

  private static Staging staging(Assignment given) {
    Assignment mode = given;
    if (given.path().size() > 1) {
      mode = given.rest();
      if (!mode.head().equals("mode")) {
        throw mode.unknown(List.of("mode"));
      }
    }
    String text = mode.last().text();
    for (Staging staging : Staging.values()) {
      if (staging.name().toLowerCase(Locale.ROOT).equals(text)) {
        return staging;
      }
    }
    throw given.wrong("staging is 'shared' or 'transfer'");
  }

  private static void reuse(Assignment given, Execution.Builder execution) {
    switch (given.head()) {
      case "durability" -> execution.durability(constant(given, Durability.class));
      case "keep" -> execution.keep(constant(given, Keep.class));
      case "files" -> execution.filesBy(constant(given, FilesBy.class));
      case "from" -> execution.reuseFrom(texts(given));
      default -> throw given.unknown(List.of("durability", "keep", "files", "from"));
    }
  }

  private static <E extends Enum<E>> E constant(Assignment given, Class<E> type) {
    String text = given.last().text();
    List<String> known = new ArrayList<>();
    for (E each : type.getEnumConstants()) {
      String name = each.name().toLowerCase(Locale.ROOT);
      if (name.equals(text)) {
        return each;
      }
      known.add("'" + name + "'");
    }
    throw given.wrong(given.head() + " is " + String.join(" or ", known));
  }

  private static String[] texts(Assignment given) {
    if (given.last().value() instanceof List<?> list) {
      return list.stream().map(String::valueOf).toArray(String[]::new);
    }
    return given.text().split("\\s*,\\s*");
  }

  private WorkerEnvironment environment(Assignment given) {
    String key = given.joined();
    if (key.equals("type")) {
      return new WorkerEnvironment(given.text(), Map.of());
    }
    WorkerEnvironment current = null;
    for (Layer layer : all()) {
      WorkerEnvironment environment = layer.execution().environment();
      current = environment == null ? current : environment;
    }
    if (current == null) {
      throw given.wrong("the workflow has no environment; set environment.type first");
    }
    Map<String, @Nullable Object> options = new LinkedHashMap<>();
    options.put(key, given.value());
    return new WorkerEnvironment(current.type(), options);
  }

  private Pool pool(Assignment given) {
    Pool.Builder pool = Pool.builder(given.named());
    Assignment key = given.rest();
    switch (key.head()) {
      case "use" -> pool.use(key.last().text());
      case "workers" -> pool.workers(workers(key.last()));
      case "slots" -> pool.slots(key.last().integer());
      case "config" -> pool.config(key.rest().joined(), key.value());
      case "resources" -> {
        if (key.path().size() == 1) {
          pool.resource(key.text());
        } else {
          pool.quantities(quantities(Quantities.none(), key.rest()));
        }
      }
      default -> throw key.unknown(POOL_KEYS);
    }
    return pool.build();
  }

  private static Workers workers(Assignment given) {
    Object value = given.value();
    if (value instanceof Map<?, ?> range
        && range.get("min") instanceof Integer min
        && range.get("max") instanceof Integer max
        && range.size() == 2) {
      return new Workers(min, max);
    }
    if (value instanceof String text && text.matches("\\d{1,7}\\.\\.\\d{1,7}")) {
      int dots = text.indexOf("..");
      return new Workers(
          Integer.parseInt(text.substring(0, dots)), Integer.parseInt(text.substring(dots + 2)));
    }
    return Workers.of(given.integer());
  }

  private Quantities quantities(Quantities from, Assignment given) {
    Quantities.Builder quantities = from.toBuilder();
    Assignment key = given.last();
    switch (given.head()) {
      case "cpus" -> quantities.cpus(key.integer());
      case "memory" -> quantities.memory(size(given));
      case "disk" -> quantities.disk(size(given));
      case "gpus" -> quantities.gpus(key.integer());
      case "nodes" -> quantities.nodes(key.integer());
      case "tasks_per_node" -> quantities.tasksPerNode(key.integer());
      default -> throw given.unknown(QUANTITY_KEYS);
    }
    return quantities.build();
  }

  private String size(Assignment given) {
    String text = given.last().text();
    MemorySize bytes;
    try {
      bytes = MemorySize.parse(text);
    } catch (IllegalArgumentException e) {
      return text; // told where it is set
    }
    String meant = MemorySize.probablyMeant(text);
    if (meant != null) {
      warnings.add(new Problem(
          null,
          given.option(),
          given.head() + " is " + bytes.bytes() + " bytes",
          "did you mean " + meant + "?"));
    }
    return text;
  }

  // Layers replace an executor as a whole, so this one starts from the one below.
  private NamedExecutor executor(Assignment given) {
    String name = given.named();
    NamedExecutor old = new NamedExecutor(name, null, null, null, Map.of());
    for (Layer layer : all()) {
      old = layer.execution().executors().getOrDefault(name, old);
    }
    Assignment key = given.rest();
    Map<String, @Nullable Object> config = new LinkedHashMap<>(old.config());
    return switch (key.head()) {
      case "backend" ->
        new NamedExecutor(name, old.type(), key.last().text(), old.strategy(), old.pool(), config);
      case "type" ->
        new NamedExecutor(
            name, key.last().text(), old.backend(), old.strategy(), old.pool(), config);
      case "strategy" ->
        new NamedExecutor(name, old.type(), old.backend(), key.last().text(), old.pool(), config);
      case "pool" ->
        new NamedExecutor(
            name, old.type(), old.backend(), old.strategy(), key.last().text(), config);
      case "config" -> {
        config.put(key.rest().joined(), key.value());
        yield new NamedExecutor(
            name, old.type(), old.backend(), old.strategy(), old.pool(), config);
      }
      default -> throw key.unknown(EXECUTOR_KEYS);
    };
  }

  private List<Layer> all() {
    List<Layer> all = new ArrayList<>(below);
    all.addAll(layers);
    return all;
  }

  /**
   * Returns what looks like a slip: pools that only the command line knows, and whose name is close to one of the
   * workflow.
   */
  List<String> doubts() {
    List<String> known = new ArrayList<>();
    below.forEach(layer -> known.addAll(layer.execution().pools().keySet()));
    List<String> doubts = new ArrayList<>();
    for (Layer layer : layers) {
      for (String pool : layer.execution().pools().keySet()) {
        String meant = known.contains(pool) ? null : Suggestions.nearest(pool, known);
        if (meant != null) {
          doubts.add(layer.name() + " adds a pool '" + pool + "'; did you mean '" + meant + "'?");
        }
      }
    }
    return doubts;
  }
}
