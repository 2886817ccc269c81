package dev.muster.fasthep;

import dev.muster.error.SourceLocation;
import dev.muster.error.Suggestions;
import dev.muster.execution.Execution;
import dev.muster.execution.Layer;
import dev.muster.execution.Pool;
import dev.muster.execution.Staging;
import dev.muster.execution.WorkerEnvironment;
import dev.muster.resource.MemorySize;
import dev.muster.resource.Quantities;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Says in Muster's terms what FAST-HEP's {@code execution} block says. Not thread-safe. */
final class ExecutionMapping {
  private static final List<String> KEYS = List.of(
      "backend", "strategy", "profiles", "resources", "pools", "environment", "staging", "config");
  // Of Muster's own language. It reads 'code' of the file itself.
  private static final String CODE = "code";
  private static final List<String> ELSEWHERE = List.of("credentials", "executors");

  private static final String LOCAL = "local";
  private static final String DASK = "dask";
  private static final List<String> QUANTITIES = List.of("cpus", "memory", "disk", "gpus");

  private final Notes notes;
  private final Map<String, @Nullable Object> given;
  private final Path python;
  private final Execution.Builder execution = Execution.builder();
  private final Map<String, SourceLocation> places = new LinkedHashMap<>();
  private final Map<String, Quantities> classes = new LinkedHashMap<>();
  private final List<String> pools = new ArrayList<>();

  private ExecutionMapping(Notes notes, Map<String, @Nullable Object> given, Path python) {
    this.notes = notes;
    this.given = given;
    this.python = python;
  }

  /**
   * What came of it.
   *
   * @param execution what the workflow says of where to run
   * @param places where values stand in the file, by their path
   * @param anyPool the pool of stages that ask for none, or null for Muster's own choice
   * @param unpooled whether there are no pools, so that requirements have no effect
   */
  record Mapped(
      Execution execution,
      Map<String, SourceLocation> places,
      @Nullable String anyPool,
      boolean unpooled) {}

  /**
   * Maps a block; what cannot be mapped is added to the notes.
   *
   * @param given FAST-HEP's normalised block
   * @param python the interpreter that was chosen
   * @param others layers below and above the file, whose pools count too
   */
  static Mapped map(
      Map<String, @Nullable Object> given, Path python, List<Layer> others, Notes notes) {
    return new ExecutionMapping(notes, given, python).map(others);
  }

  private Mapped map(List<Layer> others) {
    dropped();
    backend();
    resources();
    ConfigMapping config =
        new ConfigMapping(notes, "execution.config", readsConfig(), mapping("config"));
    pools(config);
    config.config().forEach((key, value) -> {
      execution.config(key, value);
      place("config." + key);
    });
    execution.config(PythonChoice.KEY, python.toString());
    place("config." + PythonChoice.KEY);
    environment();
    staging();
    List<String> elsewhere = new ArrayList<>();
    others.forEach(layer -> elsewhere.addAll(layer.execution().pools().keySet()));
    return new Mapped(
        execution.build(), places, anyPool(elsewhere), pools.isEmpty() && elsewhere.isEmpty());
  }

  private void place(String path) {
    SourceLocation place = notes.place("execution." + path);
    if (place != null) {
      places.put(path, place);
    }
  }

  private Map<?, ?> mapping(String key) {
    return given.get(key) instanceof Map<?, ?> map ? map : Map.of();
  }

  private String text(String key, String fallback) {
    return String.valueOf(Objects.requireNonNullElse(given.get(key), fallback));
  }

  private boolean readsConfig() {
    return !text("backend", LOCAL).equals(LOCAL);
  }

  // The compiler drops what it does not know.
  private void dropped() {
    for (Object each : notes.keys("execution")) {
      String key = String.valueOf(each);
      String path = "execution." + key;
      if (ELSEWHERE.contains(key)) {
        notes.refuse(
            path,
            "FAST-HEP's compiler drops '" + key + "', so it would have no effect here",
            "write it into a site file, or give it on the command line"
                + (key.equals("credentials") ? ": --set 'credentials=[x509]'" : ""));
      } else if (!KEYS.contains(key) && !key.equals(CODE)) {
        notes.warn(
            path,
            "FAST-HEP's compiler drops '" + key + "', which it does not know",
            Suggestions.didYouMean(key, KEYS));
      }
    }
  }

  // FAST-HEP's block is never without a backend. What nobody wrote leaves the choice to site files.
  private void backend() {
    String backend = text("backend", LOCAL);
    String strategy = text("strategy", "default");
    if (backend.equals(LOCAL)
        && strategy.equals("default")
        && !notes.says("execution.backend")
        && !notes.says("execution.strategy")) {
      return;
    }
    String started = strategy.equals("default") ? LOCAL : strategy;
    switch (backend) {
      case LOCAL -> execution.backend(LOCAL).strategy(started);
      case DASK -> execution.backend(DASK).strategy(started);
      case "muster" -> {
        boolean here = started.equals(LOCAL);
        execution.backend(here ? LOCAL : DASK);
        execution.strategy(started.equals(DASK) ? LOCAL : started);
      }
      default ->
        notes.refuse(
            "execution.backend",
            "the backend '" + backend + "' is a plug-in of FAST-HEP, and Muster cannot run it",
            "write backend: local or dask, or override it with --backend");
    }
    place("backend");
    place("strategy");
  }

  private void resources() {
    mapping("resources").forEach((name, value) -> {
      if (value instanceof Map<?, ?> map && map.containsKey("kind")) {
        return; // Something that operations read, such as a file: see registry.resource_kinds.
      }
      String path = "execution.resources." + name;
      Quantities.Builder quantities = Quantities.builder();
      if (value instanceof Map<?, ?> map) {
        map.forEach((key, amount) -> quantity(quantities, path, String.valueOf(key), amount));
      }
      Quantities built = quantities.build();
      classes.put(String.valueOf(name), built);
      execution.resource(String.valueOf(name), built);
      place("resources." + name);
    });
  }

  private void quantity(
      Quantities.Builder quantities, String path, String key, @Nullable Object amount) {
    if (amount == null) {
      return;
    }
    String text = String.valueOf(amount);
    try {
      switch (key) {
        case "cpus" -> quantities.cpus(whole(text));
        case "gpus" -> quantities.gpus(whole(text));
        case "memory" -> quantities.memory(size(text));
        case "disk" -> quantities.disk(size(text));
        default ->
          notes.refuse(
              path + "." + key,
              "a resource class of Muster has " + String.join(", ", QUANTITIES) + ", and no '" + key
                  + "'",
              "remove it, or write it into config of the pool if it is an option of the jobs");
      }
    } catch (IllegalArgumentException e) {
      notes.refuse(path + "." + key, String.valueOf(e.getMessage()), null);
    }
  }

  private static int whole(String text) {
    if (!text.matches("\\d{1,7}(\\.0)?")) {
      throw new IllegalArgumentException("expected a whole number, got '" + text + "'");
    }
    return (int) Double.parseDouble(text);
  }

  private static MemorySize size(String text) {
    MemorySize size = MemorySize.parse(text);
    String meant = MemorySize.probablyMeant(text);
    if (meant != null) {
      throw new IllegalArgumentException(
          "'" + text + "' is " + size.bytes() + " bytes; did you mean " + meant + "?");
    }
    return size;
  }

  private void pools(ConfigMapping common) {
    mapping("pools").forEach((name, value) -> {
      if (value instanceof Map<?, ?> pool) {
        pool(String.valueOf(name), pool, common);
      }
    });
    boolean sized = common.workers() != null
        || common.slots() != null
        || common.cpus() != null
        || common.memory() != null;
    if (pools.isEmpty() && sized) {
      pool("default", Map.of(), common);
    }
  }

  private void pool(String name, Map<?, ?> given, ConfigMapping common) {
    String path = "execution.pools." + name;
    Map<?, ?> own = given.get("config") instanceof Map<?, ?> map ? map : Map.of();
    ConfigMapping config = new ConfigMapping(notes, path + ".config", readsConfig(), own);
    Pool.Builder pool = Pool.builder(name);
    Object workers = given.get("workers");
    Integer count =
        workers instanceof Integer number ? number : first(config.workers(), common.workers());
    if (workers != null && !(workers instanceof Integer)) {
      notes.refuse(path + ".workers", "it must be a whole number, and is " + workers, "write one");
    } else if (count != null && count < 1) {
      notes.refuse(path + ".workers", "a pool needs at least 1 worker", "remove the pool");
    } else if (count != null) {
      pool.workers(count);
    }
    Integer slots = first(config.slots(), common.slots());
    if (slots != null) {
      pool.slots(slots);
    }
    Quantities of = Quantities.none();
    if (given.get("resources") instanceof String label) {
      pool.resource(label);
      of = classes.getOrDefault(label, of);
    }
    Integer cpus = first(config.cpus(), common.cpus());
    if (cpus != null && of.cpus() == null) {
      pool.cpus(cpus);
    }
    String memory = config.memory() != null ? config.memory() : common.memory();
    if (memory != null && of.memory() == null) {
      memory(pool, path, memory);
    }
    config.config().forEach(pool::config);
    execution.pool(pool.build());
    pools.add(name);
    place("pools." + name);
  }

  private void memory(Pool.Builder pool, String path, String memory) {
    try {
      pool.memory(size(memory));
    } catch (IllegalArgumentException e) {
      notes.refuse(path + ".config.memory_limit", String.valueOf(e.getMessage()), null);
    }
  }

  private static @Nullable Integer first(@Nullable Integer one, @Nullable Integer other) {
    return one != null ? one : other;
  }

  private @Nullable String anyPool(List<String> elsewhere) {
    if (pools.size() < 2 || pools.contains("default") || elsewhere.contains("default")) {
      return null;
    }
    String first = pools.get(0);
    notes.warn(
        "execution.pools",
        "there is no pool 'default': stages that require nothing run in the first one, '" + first
            + "'",
        "call one 'default'");
    return first;
  }

  private void environment() {
    Map<?, ?> environment = mapping("environment");
    Object type = environment.get("type");
    if (type == null) {
      return;
    }
    Map<String, @Nullable Object> options = new LinkedHashMap<>();
    if (type.equals("shared-prefix")) {
      Object prefix = environment.get("prefix");
      boolean current = prefix == null || prefix.equals("current");
      options.put("prefix", current ? prefix() : String.valueOf(prefix));
      execution.environment(new WorkerEnvironment("shared", options));
    } else if (type.equals("packed-pixi") && "prefix".equals(environment.get("mode"))) {
      options.put("mode", "prefix");
      options.put("prefix", prefix());
      execution.environment(new WorkerEnvironment("packed-pixi", options));
    } else if (type.equals("packed-pixi")) {
      options.put("mode", "lock");
      for (String key : List.of("environment", "archive_path", "worker_env_dir")) {
        if (environment.get(key) != null) {
          options.put(key, environment.get(key));
        }
      }
      execution.environment(new WorkerEnvironment("packed-pixi", options));
    } else {
      notes.refuse(
          "execution.environment.type",
          "Muster has no environment '" + type + "' of FAST-HEP",
          "write type: shared-prefix or packed-pixi");
    }
    place("environment");
  }

  /** Returns the environment of the interpreter. */
  private String prefix() {
    Path bin = python.getParent();
    Path prefix = bin == null ? null : bin.getParent();
    return String.valueOf(prefix == null ? python : prefix);
  }

  private void staging() {
    Object mode = mapping("staging").get("mode");
    if (mode == null || (mode.equals("shared") && !notes.says("execution.staging"))) {
      return; // 'shared' is what FAST-HEP's block has where nobody wrote it.
    }
    if (mode.equals("transfer") || mode.equals("shared")) {
      execution.staging(mode.equals("transfer") ? Staging.TRANSFER : Staging.SHARED);
    } else {
      notes.refuse(
          "execution.staging.mode",
          "there is no staging '" + mode + "'",
          "write mode: shared or transfer");
    }
    place("staging");
  }
}
