package dev.muster.execution;

import dev.muster.error.Problem;
import dev.muster.error.SourceLocation;
import dev.muster.error.Suggestions;
import dev.muster.error.Unread;
import dev.muster.error.WorkflowException;
import dev.muster.resource.Quantities;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Merges execution descriptions: pools, resources, config and environment by key, everything else as a whole; the
 * higher layer wins. Then every pool takes up its profile and its resource class under its own values, and the defaults
 * fill the rest.
 *
 * <p>Pure and thread-safe.
 *
 * @since 0.1
 */
public final class Layers {
  /** The name of the layer of defaults. */
  public static final String DEFAULTS = "default";

  private static final String LOCAL = "local";

  private final List<Layer> layers;
  private final SortedMap<String, String> origins = new TreeMap<>();
  private final Unread unread;
  private final Consumer<Problem> problems;

  private Layers(List<Layer> layers, Unread unread, Consumer<Problem> problems) {
    this.layers = layers;
    this.unread = unread;
    this.problems = problems;
  }

  /**
   * Merges layers, the lowest first. Those that are for another strategy than the one that results are left out.
   *
   * @throws WorkflowException if a pool takes up a profile or a resource class that no layer has; lists all such
   *     problems. A class that is not described may be the name of another pool, whose quantities it then stands for
   */
  public static EffectiveExecution merge(List<Layer> lowestFirst) {
    List<Problem> problems = new ArrayList<>();
    EffectiveExecution merged = merge(lowestFirst, Unread.none(), problems::add);
    if (!problems.isEmpty()) {
      throw new WorkflowException(problems);
    }
    return merged;
  }

  /**
   * Merges layers that may be wrong, and leaves out what cannot be found.
   *
   * @param unread what of the layers could not be read; nothing is said of a name that may be there
   * @param problems receives what {@link #merge(List)} would throw
   */
  public static EffectiveExecution merge(
      List<Layer> lowestFirst, Unread unread, Consumer<Problem> problems) {
    String strategy = LOCAL;
    for (Layer layer : lowestFirst) {
      strategy = Objects.requireNonNullElse(layer.execution().strategy(), strategy);
    }
    String chosen = strategy;
    return new Layers(
            lowestFirst.stream()
                .filter(
                    layer -> layer.forStrategy() == null || layer.forStrategy().equals(chosen))
                .toList(),
            unread,
            problems)
        .merged();
  }

  private EffectiveExecution merged() {
    Execution.Builder result = Execution.builder().backend(LOCAL).strategy(LOCAL);
    result
        .environment(WorkerEnvironment.current())
        .staging(Staging.SHARED)
        .durability(Durability.PROCESS)
        .credentials(Credentials.none());
    for (String path : List.of(
        "backend", "strategy", "environment.type", "staging", "reuse.durability", "credentials")) {
      origins.put(path, DEFAULTS);
    }
    Map<String, Quantities> resources = new LinkedHashMap<>();
    Map<String, PoolProfile> profiles = new LinkedHashMap<>();
    Map<String, String> profileLayer = new LinkedHashMap<>();
    Map<String, Pool> pools = new LinkedHashMap<>();
    WorkerEnvironment environment = WorkerEnvironment.current();
    for (Layer layer : layers) {
      Execution execution = layer.execution();
      String name = layer.name();
      if (execution.backend() != null) {
        result.backend(execution.backend());
        origins.put("backend", name);
      }
      if (execution.strategy() != null) {
        result.strategy(execution.strategy());
        origins.put("strategy", name);
      }
      if (execution.staging() != null) {
        result.staging(execution.staging());
        origins.put("staging", name);
      }
      if (execution.durability() != null) {
        result.durability(execution.durability());
        origins.put("reuse.durability", name);
      }
      if (execution.keep() != null) {
        result.keep(execution.keep());
        origins.put("reuse.keep", name);
      }
      if (execution.filesBy() != null) {
        result.filesBy(execution.filesBy());
        origins.put("reuse.files", name);
      }
      if (execution.report() != null) {
        result.report(execution.report());
        origins.put("report", name);
      }
      List<String> from = execution.reuseFrom();
      if (from != null) {
        result.reuseFrom(from.toArray(String[]::new));
        origins.put("reuse.from", name);
      }
      List<String> code = execution.code();
      if (code != null) {
        result.code(code.toArray(String[]::new));
        origins.put("code", name);
      }
      if (execution.credentials() != null) {
        result.credentials(execution.credentials());
        origins.put("credentials", name);
      }
      if (execution.environment() != null) {
        environment = environmentOver(execution.environment(), environment, name);
      }
      execution.config().forEach((key, value) -> {
        result.config(key, value);
        origins.put("config." + key, name);
      });
      execution.resources().forEach((label, quantities) -> {
        note("resources." + label, quantities, name);
        resources.merge(label, quantities, (lower, higher) -> higher.over(lower));
      });
      execution.profiles().forEach((key, profile) -> {
        profiles.put(key, profile);
        profileLayer.put(key, name);
        result.profile(profile);
        origins.put("profiles." + key, name);
      });
      execution.pools().forEach((key, pool) -> {
        Pool lower = pools.get(key);
        pools.put(key, lower == null ? pool : over(pool, lower));
        noteAll(pool, name);
      });
      execution.executors().forEach((key, executor) -> {
        result.executor(executor);
        origins.put("executors." + key, name);
      });
      execution.assignments().forEach((key, executor) -> {
        result.assignment(key, executor);
        origins.put("assignments." + key, name);
      });
    }
    result.environment(environment);
    resources.forEach(result::resource);
    Map<String, Pool> profiled = new LinkedHashMap<>();
    pools.forEach((name, pool) -> profiled.put(name, profiled(pool, profiles, profileLayer)));
    profiled.forEach((name, pool) -> result.pool(complete(pool, pools, profiled, resources)));
    return new EffectiveExecution(result.build(), origins);
  }

  private WorkerEnvironment environmentOver(
      WorkerEnvironment higher, WorkerEnvironment lower, String layer) {
    Map<String, @Nullable Object> options = new LinkedHashMap<>();
    if (higher.type().equals(lower.type())) {
      options.putAll(lower.options());
    } else {
      origins.keySet().removeIf(path -> path.startsWith("environment."));
    }
    options.putAll(higher.options());
    origins.put("environment.type", layer);
    higher.options().keySet().forEach(key -> origins.put("environment." + key, layer));
    return new WorkerEnvironment(higher.type(), options);
  }

  private static Pool over(Pool higher, Pool lower) {
    Map<String, @Nullable Object> config = new LinkedHashMap<>(lower.config());
    config.putAll(higher.config());
    return new Pool(
        higher.name(),
        higher.use() != null ? higher.use() : lower.use(),
        higher.workers() != null ? higher.workers() : lower.workers(),
        higher.slots() != null ? higher.slots() : lower.slots(),
        higher.resource() != null ? higher.resource() : lower.resource(),
        higher.quantities().over(lower.quantities()),
        config);
  }

  private void noteAll(Pool pool, String layer) {
    String path = "pools." + pool.name();
    if (pool.use() != null) {
      origins.put(path + ".use", layer);
    }
    if (pool.workers() != null) {
      origins.put(path + ".workers", layer);
    }
    if (pool.slots() != null) {
      origins.put(path + ".slots", layer);
    }
    if (pool.resource() != null) {
      origins.put(path + ".resource", layer);
    }
    note(path + ".resources", pool.quantities(), layer);
    pool.config().keySet().forEach(key -> origins.put(path + ".config." + key, layer));
  }

  private void note(String path, Quantities quantities, String layer) {
    quantityKeys(quantities).forEach(key -> origins.put(path + "." + key, layer));
  }

  private static List<String> quantityKeys(Quantities quantities) {
    List<String> keys = new ArrayList<>(6);
    if (quantities.cpus() != null) {
      keys.add("cpus");
    }
    if (quantities.memory() != null) {
      keys.add("memory");
    }
    if (quantities.disk() != null) {
      keys.add("disk");
    }
    if (quantities.gpus() != null) {
      keys.add("gpus");
    }
    if (quantities.nodes() != null) {
      keys.add("nodes");
    }
    if (quantities.tasksPerNode() != null) {
      keys.add("tasks_per_node");
    }
    return keys;
  }

  private Pool profiled(
      Pool pool, Map<String, PoolProfile> profiles, Map<String, String> profileLayer) {
    if (pool.use() == null) {
      return pool;
    }
    PoolProfile profile = profiles.get(pool.use());
    if (profile == null && isLost("execution.profiles." + pool.use())) {
      return pool;
    }
    if (profile == null) {
      problem(
          "pools." + pool.name() + ".use",
          execution -> saysOf(execution, pool.name(), Pool::use),
          "pool " + pool.name() + " uses the unknown profile '" + pool.use() + "'",
          unknown(
              pool.use(),
              profiles,
              "no profile is described; add execution.profiles or a site file"));
      return pool;
    }
    String origin = "profile " + profile.name() + " (" + profileLayer.get(profile.name()) + ")";
    Pool below = new Pool(
        pool.name(),
        null,
        profile.workers(),
        profile.slots(),
        profile.resource(),
        profile.quantities(),
        profile.config());
    SortedMap<String, String> own = new TreeMap<>(origins);
    noteAll(below, origin);
    origins.putAll(own);
    return over(pool, below);
  }

  /** Takes up the pool's resource class: one that is described, or another pool whose workers it is to resemble. */
  private Pool complete(
      Pool pool,
      Map<String, Pool> asWritten,
      Map<String, Pool> profiled,
      Map<String, Quantities> resources) {
    String path = "pools." + pool.name();
    Pool.Builder completed =
        pool.toBuilder().workers(pool.workersOrDefault()).slots(pool.slotsOrDefault());
    origins.putIfAbsent(path + ".workers", DEFAULTS);
    origins.putIfAbsent(path + ".slots", DEFAULTS);
    String label = pool.resource();
    if (label == null) {
      return completed.build();
    }
    Pool other = label.equals(pool.name()) ? null : profiled.get(label);
    Quantities meaning = resources.get(label);
    String kind = "resource class ";
    String from = "resources." + label;
    if (meaning == null && other != null) {
      kind = "pool ";
      from = "pools." + label + ".resources";
      Quantities further = other.resource() == null ? null : resources.get(other.resource());
      meaning = further == null ? other.quantities() : other.quantities().over(further);
    }
    if (meaning == null
        && (isLost("execution.resources." + label) || isLost("execution.pools." + label))) {
      return completed.build();
    }
    if (meaning == null) {
      unknownClass(Objects.requireNonNull(asWritten.get(pool.name())), label, resources);
      return completed.build();
    }
    for (String key : quantityKeys(meaning)) {
      String setBy = origins.get(from + "." + key);
      origins.putIfAbsent(
          path + ".resources." + key, kind + label + (setBy == null ? "" : " (" + setBy + ")"));
    }
    return completed.quantities(pool.quantities().over(meaning)).build();
  }

  /** Tells whether something may be there and could not be read. */
  private boolean isLost(String path) {
    return unread.covers(Unread.SITE) || unread.covers(path);
  }

  private void unknownClass(Pool pool, String label, Map<String, Quantities> resources) {
    boolean own = pool.resource() != null;
    problem(
        own ? "pools." + pool.name() + ".resources" : "profiles." + pool.use() + ".resources",
        execution -> own
            ? saysOf(execution, pool.name(), Pool::resource)
            : execution.profiles().containsKey(String.valueOf(pool.use())),
        (own ? "pool " + pool.name() : "profile " + pool.use())
            + " has the unknown resource class '" + label + "'",
        unknown(label, resources, "no resource class is described; add execution.resources"));
  }

  private static @Nullable String unknown(String word, Map<String, ?> known, String none) {
    return known.isEmpty() ? none : Suggestions.didYouMean(word, known.keySet());
  }

  private static boolean saysOf(
      Execution execution, String pool, Function<Pool, @Nullable String> value) {
    Pool own = execution.pools().get(pool);
    return own != null && value.apply(own) != null;
  }

  /** Notes a problem where the highest layer that {@code says} the value says it. */
  private void problem(
      String path, Predicate<Execution> says, String message, @Nullable String suggestion) {
    SourceLocation location = null;
    for (Layer layer : layers) {
      if (says.test(layer.execution())) {
        SourceLocation named = layer.locations().get(path + ".class");
        location = named != null ? named : layer.locations().get(path);
      }
    }
    problems.accept(new Problem(location, "execution." + path, message, suggestion));
  }
}
