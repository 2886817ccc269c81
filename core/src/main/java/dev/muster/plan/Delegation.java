package dev.muster.plan;

import dev.muster.execution.Execution;
import dev.muster.execution.NamedExecutor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An executor that runs no worker itself but hands each call to another one: the types {@code multiple}, by the
 * worker's name, and {@code task}, by patterns of {@code worker.function}. Source: the executors of that name of
 * FAST-HEP's page and of Tierkreis. Immutable and thread-safe.
 *
 * @param executor its name
 * @param patterns whether the keys are patterns; else they are names of workers
 * @param assignments by worker or pattern the executor that runs it, in the author's order
 * @param fallback the executor of all others, or null if there is none
 * @since 0.1
 */
public record Delegation(
    String executor,
    boolean patterns,
    Map<String, String> assignments,
    @Nullable String fallback) {
  private static final Logger log = LoggerFactory.getLogger(Delegation.class);
  private static final Set<String> MULTIPLE = Set.of("multiple", "MultipleExecutor");
  private static final Set<String> TASK = Set.of("task", "TaskExecutor");
  private static final String ASSIGNMENTS = "assignments";
  private static final String EXECUTORS = "executors";
  private static final String DEFAULT = "default";

  public Delegation {
    assignments = Collections.unmodifiableMap(new LinkedHashMap<>(assignments));
  }

  /** Tells whether an executor of that type hands calls to others. */
  public static boolean is(@Nullable String type) {
    return type != null && (MULTIPLE.contains(type) || TASK.contains(type));
  }

  /**
   * Returns what an executor hands on to which others, or null if it runs workers itself.
   *
   * @throws IllegalArgumentException if its options are not what they must be; names the option in single quotes
   */
  public static @Nullable Delegation of(NamedExecutor executor) {
    String type = executor.type();
    if (!is(type)) {
      return null;
    }
    boolean patterns = TASK.contains(type);
    Set<String> known = patterns ? Set.of(ASSIGNMENTS) : Set.of(ASSIGNMENTS, EXECUTORS, DEFAULT);
    for (String name : executor.config().keySet()) {
      if (!known.contains(name)) {
        throw new IllegalArgumentException("an executor of type " + type + " has no option '" + name
            + "'; it has " + new TreeSet<>(known));
      }
    }
    Map<String, String> names = texts(executor, EXECUTORS);
    Map<String, String> assignments = new LinkedHashMap<>();
    texts(executor, ASSIGNMENTS)
        .forEach((worker, name) -> assignments.put(worker, names.getOrDefault(name, name)));
    Object fallback = executor.config().get(DEFAULT);
    if (patterns) {
      if (assignments.isEmpty()) {
        throw new IllegalArgumentException("an executor of type " + type
            + " needs 'assignments', from patterns of WORKER.FUNCTION to executors");
      }
      return new Delegation(executor.name(), true, assignments, null);
    }
    if (!(fallback instanceof String name) || name.isBlank()) {
      throw new IllegalArgumentException("an executor of type " + type
          + " needs the name of an executor as 'default', which runs workers that nothing assigns"
          + (fallback == null ? "" : "; got " + fallback));
    }
    return new Delegation(executor.name(), false, assignments, names.getOrDefault(name, name));
  }

  /** Returns those of an execution by name, without such whose options are not what they must be. */
  static Map<String, Delegation> all(Execution execution) {
    Map<String, Delegation> all = new LinkedHashMap<>();
    execution.executors().forEach((name, executor) -> {
      try {
        Delegation delegation = of(executor);
        if (delegation != null) {
          all.put(name, delegation);
        }
      } catch (IllegalArgumentException e) {
        log.debug("told of the execution: {}", e.getMessage());
      }
    });
    return all;
  }

  private static Map<String, String> texts(NamedExecutor executor, String option) {
    Object value = executor.config().get(option);
    Map<String, String> texts = new LinkedHashMap<>();
    if (value == null) {
      return texts;
    }
    if (!(value instanceof Map<?, ?> map)) {
      throw new IllegalArgumentException(
          "'" + option + "' must be a mapping to names of executors, got " + value);
    }
    map.forEach((key, name) -> {
      if (!(name instanceof String text) || text.isBlank()) {
        throw new IllegalArgumentException("in '" + option + "', " + key
            + " must be the name of an executor, of execution.executors or one that comes with"
            + " Muster; got " + name);
      }
      texts.put(String.valueOf(key), text);
    });
    return texts;
  }

  /** Returns the executors that calls can go to. */
  public Set<String> targets() {
    Set<String> targets = new LinkedHashSet<>(assignments.values());
    if (fallback != null) {
      targets.add(fallback);
    }
    return targets;
  }

  /** Returns the executor that runs an operation {@code worker.function}, or null if none does. */
  @Nullable
  String to(String op) {
    String worker = op.substring(0, op.lastIndexOf('.'));
    for (Map.Entry<String, String> each : assignments.entrySet()) {
      String key = each.getKey();
      if (patterns ? key.equals(op) || WorkerAssignments.matches(key, op) : key.equals(worker)) {
        return each.getValue();
      }
    }
    return fallback;
  }

  /** Says why an operation goes to no other executor. */
  public String nothingFor(String op) {
    return "the executor '" + executor + "' hands " + op + " to no other one: none of its patterns "
        + assignments.keySet() + " fits, and it has no default";
  }
}
