package dev.muster.execution;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import dev.muster.resource.Quantities;
import dev.muster.resource.Settings;
import dev.muster.workflow.Keep;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Where to run: a backend, a strategy, pools of workers and what the workers need.
 *
 * <pre>{@code
 * Execution site = Execution.builder()
 *     .backend("dask").strategy("slurm")
 *     .pool("default", p -> p.workers(20).cpus(1).memory("4GB"))
 *     .pool("gpu", p -> p.workers(1).gpus(1).memory("16GB"))
 *     .build();
 * }</pre>
 *
 * <p>As written, an execution may leave things out: layers are merged by {@link Layers}, which also fills in the
 * defaults. Source: FAST-HEP's execution infrastructure. Immutable and thread-safe.
 *
 * @since 0.1
 */
@CheckReturnValue
public final class Execution {
  private final @Nullable String backend;
  private final @Nullable String strategy;
  private final Map<String, Quantities> resources;
  private final Map<String, Pool> pools;
  private final Map<String, PoolProfile> profiles;
  private final @Nullable WorkerEnvironment environment;
  private final @Nullable Staging staging;
  private final @Nullable Durability durability;
  private final @Nullable Keep keep;
  private final @Nullable FilesBy filesBy;
  private final @Nullable List<String> reuseFrom;
  private final @Nullable List<String> code;
  private final @Nullable Boolean report;
  private final @Nullable Credentials credentials;
  private final Map<String, @Nullable Object> config;
  private final Map<String, NamedExecutor> executors;
  private final Map<String, String> assignments;

  private Execution(Builder builder) {
    backend = builder.backend;
    strategy = builder.strategy;
    resources = frozen(builder.resources);
    pools = frozen(builder.pools);
    profiles = frozen(builder.profiles);
    environment = builder.environment;
    staging = builder.staging;
    durability = builder.durability;
    keep = builder.keep;
    filesBy = builder.filesBy;
    reuseFrom = builder.reuseFrom;
    code = builder.code;
    report = builder.report;
    credentials = builder.credentials;
    config = Settings.copyOf(builder.config);
    executors = frozen(builder.executors);
    assignments = frozen(builder.assignments);
  }

  private static <V> Map<String, V> frozen(Map<String, V> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }

  /** Returns a builder of an execution that says nothing. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns the execution in this JVM, with one pool as large as the machine. */
  public static Execution local() {
    return builder().backend("local").build();
  }

  /** Returns a builder that starts from this execution. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.backend = backend;
    builder.strategy = strategy;
    builder.resources.putAll(resources);
    builder.pools.putAll(pools);
    builder.profiles.putAll(profiles);
    builder.environment = environment;
    builder.staging = staging;
    builder.durability = durability;
    builder.keep = keep;
    builder.filesBy = filesBy;
    builder.reuseFrom = reuseFrom;
    builder.code = code;
    builder.report = report;
    builder.credentials = credentials;
    builder.config.putAll(config);
    builder.executors.putAll(executors);
    builder.assignments.putAll(assignments);
    return builder;
  }

  /** Returns the backend's name, or null if not said (then {@code local}). */
  public @Nullable String backend() {
    return backend;
  }

  /** Returns the strategy's name, or null if not said (then {@code local}). */
  public @Nullable String strategy() {
    return strategy;
  }

  /** Returns the resource classes by label. */
  public Map<String, Quantities> resources() {
    return resources;
  }

  /** Returns the pools by name, in the author's order. */
  public Map<String, Pool> pools() {
    return pools;
  }

  /** Returns the pool profiles by name. */
  public Map<String, PoolProfile> profiles() {
    return profiles;
  }

  /** Returns the workers' software environment, or null if not said (then {@code current}). */
  public @Nullable WorkerEnvironment environment() {
    return environment;
  }

  /** Returns what the record of a run survives, or null if not said (then {@link Durability#PROCESS}). */
  public @Nullable Durability durability() {
    return durability;
  }

  /** Returns whether a run with a directory gets a report there at its end, or null if not said (then it does). */
  public @Nullable Boolean report() {
    return report;
  }

  /** Returns which results a run with a directory keeps, or null if not said (then {@link Keep#AUTO}). */
  public @Nullable Keep keep() {
    return keep;
  }

  /** Returns by what data files are compared, or null if not said (then {@link FilesBy#TIMES}). */
  public @Nullable FilesBy filesBy() {
    return filesBy;
  }

  /** Returns the directories of other runs whose results count too, or null if not said (then none). */
  public @Nullable List<String> reuseFrom() {
    return reuseFrom;
  }

  /** Returns how files reach workers, or null if not said (then {@link Staging#SHARED}). */
  public @Nullable Staging staging() {
    return staging;
  }

  /**
   * Returns the user's code that workers need besides the Python modules beside the workflow, or null if not said (then
   * none): folders, Python files, wheels and other files, absolute or relative to the workflow's folder.
   */
  public @Nullable List<String> code() {
    return code;
  }

  /** Returns the credentials that workers need, or null if not said (then none). */
  public @Nullable Credentials credentials() {
    return credentials;
  }

  /** Returns options of the backend and the strategy; a pool's own config wins. */
  public Map<String, @Nullable Object> config() {
    return config;
  }

  /** Returns the named executors. */
  public Map<String, NamedExecutor> executors() {
    return executors;
  }

  /** Returns which named executor runs which external worker. */
  public Map<String, String> assignments() {
    return assignments;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Execution that && fields().equals(that.fields());
  }

  @Override
  public int hashCode() {
    return fields().hashCode();
  }

  private List<@Nullable Object> fields() {
    List<@Nullable Object> fields = new ArrayList<>();
    Collections.addAll(fields, backend, strategy, resources, pools, profiles, environment, staging);
    Collections.addAll(fields, durability, keep, filesBy, reuseFrom, code, report);
    Collections.addAll(fields, credentials, config, executors, assignments);
    return fields;
  }

  /** Returns for example {@code Execution(dask on slurm, pools [default, gpu])}. */
  @Override
  public String toString() {
    String on = Objects.requireNonNullElse(strategy, "local");
    return "Execution(" + Objects.requireNonNullElse(backend, "local") + " on " + on + ", pools "
        + pools.keySet() + ")";
  }

  /** Builds an {@link Execution}. Everything is absent by default. Not thread-safe. */
  public static final class Builder {
    private @Nullable String backend;
    private @Nullable String strategy;
    private final Map<String, Quantities> resources = new LinkedHashMap<>();
    private final Map<String, Pool> pools = new LinkedHashMap<>();
    private final Map<String, PoolProfile> profiles = new LinkedHashMap<>();
    private @Nullable WorkerEnvironment environment;
    private @Nullable Staging staging;
    private @Nullable Durability durability;
    private @Nullable Keep keep;
    private @Nullable FilesBy filesBy;
    private @Nullable List<String> reuseFrom;
    private @Nullable List<String> code;
    private @Nullable Boolean report;
    private @Nullable Credentials credentials;
    private final Map<String, @Nullable Object> config = new LinkedHashMap<>();
    private final Map<String, NamedExecutor> executors = new LinkedHashMap<>();
    private final Map<String, String> assignments = new LinkedHashMap<>();

    private Builder() {}

    /** Sets the backend: {@code local}, {@code dask}, {@code batch}, or any provider's name. */
    @CanIgnoreReturnValue
    public Builder backend(String backend) {
      this.backend = backend;
      return this;
    }

    /** Sets the strategy: {@code local}, {@code htcondor}, {@code slurm}, or any provider's name. */
    @CanIgnoreReturnValue
    public Builder strategy(String strategy) {
      this.strategy = strategy;
      return this;
    }

    /** Adds a resource class. */
    @CanIgnoreReturnValue
    public Builder resource(String label, Quantities quantities) {
      resources.put(label, quantities);
      return this;
    }

    /** Adds a pool, or replaces the one of its name. */
    @CanIgnoreReturnValue
    public Builder pool(String name, Consumer<Pool.Builder> change) {
      Pool.Builder builder = Pool.builder(name);
      change.accept(builder);
      return pool(builder.build());
    }

    /** Adds a pool, or replaces the one of its name. */
    @CanIgnoreReturnValue
    public Builder pool(Pool pool) {
      pools.put(pool.name(), pool);
      return this;
    }

    /** Removes all pools. */
    @CanIgnoreReturnValue
    public Builder noPools() {
      pools.clear();
      return this;
    }

    /** Adds a pool profile, or replaces the one of its name. */
    @CanIgnoreReturnValue
    public Builder profile(PoolProfile profile) {
      profiles.put(profile.name(), profile);
      return this;
    }

    /** Sets the workers' software environment. */
    @CanIgnoreReturnValue
    public Builder environment(WorkerEnvironment environment) {
      this.environment = environment;
      return this;
    }

    /** Sets what the record of a run survives. Default: {@link Durability#PROCESS}. */
    @CanIgnoreReturnValue
    public Builder durability(Durability durability) {
      this.durability = durability;
      return this;
    }

    /**
     * Sets whether a run with a directory gets a report there at its end. It needs module {@code muster-report}, which
     * the command line has. Default: true.
     */
    @CanIgnoreReturnValue
    public Builder report(boolean report) {
      this.report = report;
      return this;
    }

    /** Sets which results a run with a directory keeps; a stage may say otherwise. Default: {@link Keep#AUTO}. */
    @CanIgnoreReturnValue
    public Builder keep(Keep keep) {
      this.keep = keep;
      return this;
    }

    /** Sets by what a run that goes on compares data files. Default: {@link FilesBy#TIMES}. */
    @CanIgnoreReturnValue
    public Builder filesBy(FilesBy filesBy) {
      this.filesBy = filesBy;
      return this;
    }

    /** Sets directories of other runs whose results count too; relative ones from the workflow's folder. */
    @CanIgnoreReturnValue
    public Builder reuseFrom(String... directories) {
      this.reuseFrom = List.of(directories);
      return this;
    }

    /** Sets how files reach workers. */
    @CanIgnoreReturnValue
    public Builder staging(Staging staging) {
      this.staging = staging;
      return this;
    }

    /**
     * Sets the user's code that workers need besides the Python modules beside the workflow: folders, Python files,
     * wheels and other files, absolute or relative to the workflow's folder. Default: none.
     */
    @CanIgnoreReturnValue
    public Builder code(String... paths) {
      this.code = List.of(paths);
      return this;
    }

    /** Sets the kinds of credentials that workers need, for example {@code x509}. */
    @CanIgnoreReturnValue
    public Builder credentials(String... kinds) {
      return credentials(new Credentials(List.of(kinds), null));
    }

    /** Sets the credentials that workers need. */
    @CanIgnoreReturnValue
    public Builder credentials(Credentials credentials) {
      this.credentials = credentials;
      return this;
    }

    /**
     * Adds an option of the backend or the strategy, for example {@code ("walltime", "04:00:00")}: a text, a number, a
     * boolean, a {@link java.time.Duration}, a {@link dev.muster.resource.MemorySize}, a constant of an enum, a path,
     * or a list or mapping of such, see {@link Settings}. Null is as if it were not given.
     */
    @CanIgnoreReturnValue
    public Builder config(String key, @Nullable Object value) {
      config.put(key, value);
      return this;
    }

    /** Adds a named executor, or replaces the one of its name. */
    @CanIgnoreReturnValue
    public Builder executor(NamedExecutor executor) {
      executors.put(executor.name(), executor);
      return this;
    }

    /**
     * Adds an executor of external workers, or replaces the one of its name.
     *
     * @param type what it is: {@code uv}, {@code shell}, {@code stdinout}, {@code memory}, or one of your own
     * @param config its options, for example {@code Map.of("registry", "workers")}
     */
    @CanIgnoreReturnValue
    public Builder executor(String name, String type, Map<String, @Nullable Object> config) {
      return executor(new NamedExecutor(name, type, null, null, null, config));
    }

    /**
     * Assigns an external worker to an executor: a named one, or {@code uv}, {@code shell} and so on. The worker may be
     * a pattern of {@code WORKER.FUNCTION} with {@code *}, {@code ?} and {@code [..]}; names come before patterns, and
     * of these the first counts.
     */
    @CanIgnoreReturnValue
    public Builder assignment(String worker, String executor) {
      assignments.put(worker, executor);
      return this;
    }

    /** Returns the execution. */
    @CheckReturnValue
    public Execution build() {
      return new Execution(this);
    }
  }
}
