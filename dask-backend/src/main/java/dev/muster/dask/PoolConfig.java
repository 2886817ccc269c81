package dev.muster.dask;

import dev.muster.batch.spi.JobContext;
import dev.muster.error.Problem;
import dev.muster.execution.Pool;
import dev.muster.spi.OptionProblems;
import dev.muster.spi.WorkerContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The options of a pool, its own over those of the execution.
 *
 * @param python the interpreter of its workers, or null for the one that is chosen for the bridge
 * @param lifetime after how long a worker takes no more tasks and ends when it has none, or null for never
 * @param drain how long it may then work on what it has, or null for as long as it takes
 * @param scratch the folder for what workers spill to disk, or null for the session's
 * @param ports the port or the range of ports on which its workers listen, or null for any
 * @param workerArgs more arguments of the workers
 * @param maxQueued how many workers may wait in the queue at a time, or null for any number
 * @param maxLost how many workers may be lost one after the other without a finished task in between, or null for the
 *     default
 * @param threads whether the slots of a worker share one process
 * @param logs the folder for the logs of its jobs
 * @param job the options for the strategy
 */
record PoolConfig(
    @Nullable String python,
    @Nullable Duration lifetime,
    @Nullable Duration drain,
    @Nullable String scratch,
    @Nullable String ports,
    List<String> workerArgs,
    @Nullable Integer maxQueued,
    @Nullable Integer maxLost,
    boolean threads,
    Path logs,
    Map<String, @Nullable Object> job) {

  /** The names of the options. {@code walltime} is the strategy's, and looked at here. */
  static final Set<String> OPTIONS = Set.of(
      "python",
      "lifetime",
      "scratch",
      "worker_ports",
      "worker_extra_args",
      "max_queued",
      "max_lost_workers",
      "threads",
      "log_directory");

  private static final Logger log = LoggerFactory.getLogger(PoolConfig.class);
  private static final Duration MARGIN = Duration.ofMinutes(3);
  private static final Duration END = Duration.ofSeconds(30);

  static PoolConfig of(WorkerContext context, Pool pool) {
    Map<String, @Nullable Object> all = new LinkedHashMap<>(context.config());
    all.putAll(pool.config());
    return of(context, pool, all, JobContext.of(context).strategy().options());
  }

  /** Returns everything that is wrong with the options of a pool. */
  static List<Problem> problems(WorkerContext context, Pool pool) {
    Map<String, @Nullable Object> all = new LinkedHashMap<>(context.config());
    all.putAll(pool.config());
    all.keySet().retainAll(OPTIONS);
    return OptionProblems.of(all, options -> {
      PoolConfig config = of(context, pool, options, Set.of());
      log.debug("options of pool {}: {}", pool.name(), config);
    });
  }

  private static PoolConfig of(
      WorkerContext context, Pool pool, Map<String, @Nullable Object> all, Set<String> known) {
    DaskConfig.Reader reader = new DaskConfig.Reader("pool " + pool.name(), all);
    Map<String, @Nullable Object> job = new LinkedHashMap<>();
    all.forEach((key, value) -> {
      if (known.contains(key)) {
        job.put(key, value);
      }
    });
    Path logs = context.directory().resolve("debug").resolve("distributed");
    String folder = reader.text("log_directory", "");
    Duration walltime = walltime(all, reader);
    Duration lifetime = all.get("lifetime") != null
        ? reader.duration("lifetime", Duration.ZERO)
        : walltime == null ? null : lifetime(walltime);
    return new PoolConfig(
        (String) reader.typed("python", String.class, "a text"),
        lifetime,
        lifetime == null || walltime == null ? null : drain(walltime, lifetime),
        all.get("scratch") == null ? null : reader.text("scratch", ""),
        reader.ports("worker_ports"),
        words(all.get("worker_extra_args"), reader),
        count("max_queued", all.get("max_queued"), 1, reader),
        count("max_lost_workers", all.get("max_lost_workers"), 0, reader),
        threads(all.get("threads"), reader),
        folder.isEmpty()
            ? logs
            : context
                .plan()
                .workflow()
                .baseDirectory()
                .toAbsolutePath()
                .resolve(folder)
                .normalize(),
        job);
  }

  private static boolean threads(@Nullable Object value, DaskConfig.Reader reader) {
    if (value == null || value instanceof Boolean) {
      return Boolean.TRUE.equals(value);
    }
    throw reader.wrong("threads", "true or false", value);
  }

  private static @Nullable Duration walltime(
      Map<String, @Nullable Object> all, DaskConfig.Reader reader) {
    return all.get("walltime") == null ? null : reader.duration("walltime", Duration.ZERO);
  }

  private static Duration lifetime(Duration walltime) {
    Duration half = walltime.dividedBy(2);
    Duration rest = walltime.minus(MARGIN);
    return rest.compareTo(half) > 0 ? rest : half;
  }

  /** Returns what is left of the walltime after the lifetime, less a little for the end. */
  private static Duration drain(Duration walltime, Duration lifetime) {
    Duration left = walltime.minus(lifetime);
    if (left.isNegative()) {
      return Duration.ZERO;
    }
    Duration quarter = left.dividedBy(4);
    return left.minus(quarter.compareTo(END) < 0 ? quarter : END);
  }

  private static List<String> words(@Nullable Object value, DaskConfig.Reader reader) {
    if (value == null) {
      return List.of();
    }
    if (value instanceof List<?> list
        && list.stream()
            .allMatch(item -> item != null && !(item instanceof Map || item instanceof List))) {
      return list.stream().map(String::valueOf).toList();
    }
    throw reader.wrong("worker_extra_args", "a list of texts", value);
  }

  /** Tells whether workers end by themselves, when their time is over. */
  boolean leaving() {
    return lifetime != null || workerArgs.stream().anyMatch(word -> word.startsWith("--lifetime"));
  }

  private static @Nullable Integer count(
      String name, @Nullable Object value, int least, DaskConfig.Reader reader) {
    if (value == null) {
      return null;
    }
    if (value instanceof Number number
        && number.intValue() == number.doubleValue()
        && number.intValue() >= least) {
      return number.intValue();
    }
    throw reader.wrong(name, "a whole number of " + least + " or more", value);
  }
}
