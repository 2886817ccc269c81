package dev.muster.batch.backend;

import dev.muster.batch.spi.DialectStrategy;
import dev.muster.batch.spi.JobContext;
import dev.muster.batch.spi.Strategy;
import dev.muster.error.Problem;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Layers;
import dev.muster.execution.Pool;
import dev.muster.resource.Quantities;
import dev.muster.resource.Walltime;
import dev.muster.spi.OptionProblems;
import dev.muster.spi.WorkerContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The options of a pool, its own over those of the execution.
 *
 * @param python the interpreter of its jobs, or null for the usual one
 * @param modules environment modules that its jobs load, in order
 * @param most how many of its jobs may be in the batch system at a time
 * @param tasksPerJob how many tasks of a stage share a job
 * @param lasting whether its jobs go on if this JVM dies
 * @param heldTimeout how long a held job is waited for
 * @param logs the folder for the logs of its jobs
 * @param quantities what a job needs
 * @param job the options for the strategy
 */
record PoolOptions(
    @Nullable String python,
    List<String> modules,
    int most,
    int tasksPerJob,
    boolean lasting,
    Duration heldTimeout,
    Path logs,
    Quantities quantities,
    Map<String, @Nullable Object> job) {
  private static final String ORPHANS = "orphans";

  /** The names of the options. */
  static final Set<String> NAMES = Set.of(
      "python",
      "modules",
      "max_queued",
      "tasks_per_job",
      ORPHANS,
      "held_timeout",
      "log_directory",
      "poll_interval");

  private static final Duration HELD = Duration.ofMinutes(5);
  private static final int MOST_PER_JOB = 10_000;

  PoolOptions {
    modules = List.copyOf(modules);
  }

  static PoolOptions of(WorkerContext context, Pool pool) {
    Map<String, @Nullable Object> all = new LinkedHashMap<>(context.config());
    all.putAll(pool.config());
    return of(context, pool, all);
  }

  /** Returns everything that is wrong with the options of a pool. */
  static List<Problem> problems(WorkerContext context, Pool pool) {
    Map<String, @Nullable Object> all = new LinkedHashMap<>(context.config());
    all.putAll(pool.config());
    all.keySet().retainAll(NAMES);
    List<Problem> problems = new ArrayList<>(OptionProblems.of(all, options -> {
      PoolOptions unused = of(context, pool, options);
    }));
    if (said(context, pool, "slots") && pool.slotsOrDefault() > 1) {
      problems.add(new Problem(
          null,
          "pool " + pool.name() + ".slots",
          "slots is " + pool.slotsOrDefault()
              + ", and with backend batch each job runs one task at a time",
          "leave slots out; config.tasks_per_job lets tasks share a job, one after another"));
    }
    return problems;
  }

  private static PoolOptions of(
      WorkerContext context, Pool pool, Map<String, @Nullable Object> all) {
    Reader reader = new Reader("pool " + pool.name(), all);
    boolean dialect = JobContext.of(context).strategy() instanceof DialectStrategy;
    Map<String, @Nullable Object> job = new LinkedHashMap<>();
    Set<String> known = JobContext.of(context).strategy().options();
    all.forEach((key, value) -> {
      if (known.contains(key)) {
        job.put(key, value);
      }
    });
    Path logs = context.directory().resolve("debug").resolve("distributed");
    String folder = reader.text("log_directory");
    Duration unused = reader.duration("poll_interval", Duration.ofSeconds(1)); // the engine's
    Integer tasksPerJob = reader.count("tasks_per_job", MOST_PER_JOB);
    return new PoolOptions(
        reader.text("python"),
        reader.words("modules"),
        most(context, pool, dialect, reader.count("max_queued", Integer.MAX_VALUE)),
        tasksPerJob == null ? 1 : tasksPerJob,
        lasting(reader, context),
        reader.duration("held_timeout", HELD),
        folder == null
            ? logs
            : context
                .plan()
                .workflow()
                .baseDirectory()
                .toAbsolutePath()
                .resolve(folder)
                .normalize(),
        quantities(context, pool),
        job);
  }

  /** Tells whether somebody said it of a pool, so that it is no default. */
  private static boolean said(WorkerContext context, Pool pool, String what) {
    String origin = context.plan().execution().origins().get("pools." + pool.name() + "." + what);
    return origin != null && !origin.equals(Layers.DEFAULTS);
  }

  /** Returns what a job of a pool needs. Where no pools are described, nobody has said anything of that. */
  static Quantities quantities(WorkerContext context, Pool pool) {
    boolean described = context.plan().execution().execution().pools().containsKey(pool.name());
    return described ? pool.quantities() : Quantities.none();
  }

  /** The jobs of this host start at once, so there are never more of them than it has processors for. */
  private static int most(
      WorkerContext context, Pool pool, boolean dialect, @Nullable Integer maxQueued) {
    int most = Integer.MAX_VALUE;
    if (said(context, pool, "workers")) {
      most = pool.workersOrDefault().max();
    } else if (!dialect) {
      Integer cpus = quantities(context, pool).cpusPerNode();
      most = Math.max(1, context.plan().machine().cpus() / (cpus == null ? 1 : cpus));
    }
    return maxQueued == null ? most : Math.min(most, maxQueued);
  }

  private static boolean lasting(Reader reader, WorkerContext context) {
    Strategy strategy = JobContext.of(context).strategy();
    boolean dialect = strategy instanceof DialectStrategy;
    String word = reader.text(ORPHANS);
    if (word == null) {
      return dialect;
    }
    if (!word.equals("keep") && !word.equals("end")) {
      throw reader.wrong(ORPHANS, "keep or end", word);
    }
    boolean keep = word.equals("keep");
    if (keep && !strategy.lasting()) {
      throw reader.wrong(
          ORPHANS, "end with a strategy whose jobs are child processes of this one", word);
    }
    if (keep && !dialect && BatchBackend.sent(context)) {
      throw reader.wrong(
          ORPHANS, "end with staging: transfer, where jobs are processes of this host", word);
    }
    return keep;
  }

  /** Reads options, with a clear error for what cannot be one. */
  private record Reader(String owner, Map<String, @Nullable Object> config) {
    WorkflowException wrong(String key, String wanted, @Nullable Object got) {
      return new WorkflowException(
          owner + ".config." + key, key + " must be " + wanted + ", got " + got, null);
    }

    @Nullable
    String text(String key) {
      Object value = config.get(key);
      if (value != null && !(value instanceof String text && !text.isBlank())) {
        throw wrong(key, "a text", value);
      }
      return (String) value;
    }

    @Nullable
    Integer count(String key, int limit) {
      Object value = config.get(key);
      if (value == null) {
        return null;
      }
      if (value instanceof Number number
          && number.doubleValue() == number.intValue()
          && number.intValue() >= 1
          && number.intValue() <= limit) {
        return number.intValue();
      }
      throw wrong(
          key,
          limit == Integer.MAX_VALUE
              ? "a whole number of 1 or more"
              : "a whole number from 1 to " + limit,
          value);
    }

    Duration duration(String key, Duration fallback) {
      Object value = config.get(key);
      if (value == null) {
        return fallback;
      }
      try {
        return Walltime.parse(value.toString());
      } catch (IllegalArgumentException e) {
        throw wrong(key, "a time such as 90s, 15m or 02:00:00", value);
      }
    }

    List<String> words(String key) {
      Object value = config.get(key);
      if (value == null) {
        return List.of();
      }
      List<?> items = value instanceof List<?> list ? list : List.of(value);
      List<String> words = new ArrayList<>();
      for (Object item : items) {
        if (!(item instanceof String word) || word.isBlank() || word.contains("\n")) {
          throw wrong(key, "a list of texts in one line each", value);
        }
        words.add(word);
      }
      return words;
    }
  }
}
