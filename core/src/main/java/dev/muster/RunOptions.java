package dev.muster;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import dev.muster.execution.Layer;
import dev.muster.plan.Machine;
import dev.muster.plan.Plan;
import dev.muster.run.RunListener;
import dev.muster.run.RunTime;
import dev.muster.spi.Backend;
import dev.muster.spi.ModifierProvider;
import dev.muster.spi.OperationProvider;
import dev.muster.spi.Plugin;
import dev.muster.spi.RunShare;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a plan is made and a run is carried out, apart from what the workflow and the execution say.
 *
 * <p>Providers given here win over those of their name that {@link java.util.ServiceLoader} finds. Immutable and
 * thread-safe.
 *
 * @since 0.1
 */
@CheckReturnValue
public final class RunOptions {
  private static final RunOptions DEFAULTS = builder().build();

  private final @Nullable Path directory;
  private final boolean resume;
  private final boolean takeOver;
  private final boolean keepGoing;
  private final boolean keepValues;
  private final boolean shutdownHook;
  private final RunShare share;
  private final @Nullable Duration deadline;
  private final List<RunListener> listeners;
  private final List<Layer> below;
  private final List<Layer> above;
  private final @Nullable Machine machine;
  private final @Nullable RunTime time;
  private final List<Backend> backends;
  private final List<Plugin> plugins;
  private final List<OperationProvider> operations;
  private final List<ModifierProvider> modifiers;

  private RunOptions(Builder builder) {
    directory = builder.directory;
    resume = builder.resume;
    takeOver = builder.takeOver;
    keepGoing = builder.keepGoing;
    keepValues = builder.keepValues;
    shutdownHook = builder.shutdownHook;
    share = new RunShare(builder.priority, builder.weight);
    deadline = builder.deadline;
    listeners = List.copyOf(builder.listeners);
    below = List.copyOf(builder.below);
    above = List.copyOf(builder.above);
    machine = builder.machine;
    time = builder.time;
    backends = List.copyOf(builder.backends);
    plugins = List.copyOf(builder.plugins);
    operations = List.copyOf(builder.operations);
    modifiers = List.copyOf(builder.modifiers);
  }

  /** Returns the defaults, which stand with each property of {@link Builder}. */
  public static RunOptions defaults() {
    return DEFAULTS;
  }

  /** Returns a builder that starts from the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns a builder that starts from these options. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.directory = directory;
    builder.resume = resume;
    builder.takeOver = takeOver;
    builder.keepGoing = keepGoing;
    builder.keepValues = keepValues;
    builder.shutdownHook = shutdownHook;
    builder.priority = share.priority();
    builder.weight = share.weight();
    builder.deadline = deadline;
    builder.listeners.addAll(listeners);
    builder.below.addAll(below);
    builder.above.addAll(above);
    builder.machine = machine;
    builder.time = time;
    builder.backends.addAll(backends);
    builder.plugins.addAll(plugins);
    builder.operations.addAll(operations);
    builder.modifiers.addAll(modifiers);
    return builder;
  }

  /** Refuses what counts for planning only and did not when the plan was made. */
  void checkPlanned(Plan plan) {
    List<Layer> layers = plan.layers();
    boolean low =
        layers.size() >= below.size() && layers.subList(0, below.size()).equals(below);
    int from = layers.size() - above.size();
    boolean high = from >= 0 && layers.subList(from, layers.size()).equals(above);
    if (!low || !high || (machine != null && !machine.equals(plan.machine()))) {
      throw new IllegalArgumentException("the options have "
          + (!low ? "layers below" : !high ? "layers above" : "a machine")
          + " that the plan was made without; give them to Muster.plan, too");
    }
  }

  /** Returns the run's directory, or null to keep nothing on disk. */
  public @Nullable Path directory() {
    return directory;
  }

  /** Tells whether the run goes on from the one that the directory holds. */
  public boolean resumes() {
    return resume;
  }

  /** Tells whether a run is taken from a process of which nothing can be known from here. */
  public boolean takeOver() {
    return takeOver;
  }

  /** Tells whether tasks that do not depend on a failed one go on. */
  public boolean keepGoing() {
    return keepGoing;
  }

  /** Tells whether the outputs of all tasks are kept, as long as the run or its result is. */
  public boolean keepValues() {
    return keepValues;
  }

  /** Tells whether the run is cancelled when the JVM is asked to end. */
  public boolean shutdownHook() {
    return shutdownHook;
  }

  /** Returns the priority among the runs of a site. */
  public int priority() {
    return share.priority();
  }

  /** Returns the weight among the runs of a site. */
  public int weight() {
    return share.weight();
  }

  /** Returns how long the run may take, or null if there is no limit. */
  public @Nullable Duration deadline() {
    return deadline;
  }

  RunShare share() {
    return share;
  }

  /** Returns the listeners. */
  public List<RunListener> listeners() {
    return listeners;
  }

  /** Returns the layers below the workflow's own execution, the lowest first. */
  public List<Layer> below() {
    return below;
  }

  /** Returns the layers above the workflow's own execution, the lowest first. */
  public List<Layer> above() {
    return above;
  }

  /** Returns the machine that stands in where no pools are described, or null for this one. */
  public @Nullable Machine machine() {
    return machine;
  }

  /** Returns the time by which the run waits, or null for the system's. */
  public @Nullable RunTime time() {
    return time;
  }

  /** Returns the backends given as instances. */
  public List<Backend> backends() {
    return backends;
  }

  /** Returns the strategies, workers' environments and kinds of credentials given as instances. */
  public List<Plugin> plugins() {
    return plugins;
  }

  /** Returns the operation providers given as instances. */
  public List<OperationProvider> operations() {
    return operations;
  }

  /** Returns the modifier providers given as instances. */
  public List<ModifierProvider> modifiers() {
    return modifiers;
  }

  /** Builds {@link RunOptions}. Not thread-safe. */
  public static final class Builder {
    private @Nullable Path directory;
    private boolean resume;
    private boolean takeOver;
    private boolean keepGoing;
    private boolean keepValues;
    private boolean shutdownHook = true;
    private int priority;
    private int weight = 1;
    private @Nullable Duration deadline;
    private final List<RunListener> listeners = new ArrayList<>();
    private final List<Layer> below = new ArrayList<>();
    private final List<Layer> above = new ArrayList<>();
    private @Nullable Machine machine;
    private @Nullable RunTime time;
    private final List<Backend> backends = new ArrayList<>();
    private final List<Plugin> plugins = new ArrayList<>();
    private final List<OperationProvider> operations = new ArrayList<>();
    private final List<ModifierProvider> modifiers = new ArrayList<>();

    private Builder() {}

    /**
     * Sets the run's directory: plan, logs, journal and outputs go there. It is made if need be and must not hold
     * another run; {@link #resume} goes on from one.
     * Default: none.
     */
    @CanIgnoreReturnValue
    public Builder directory(Path directory) {
      resume = false;
      return place(directory);
    }

    /**
     * Sets the directory of a run to go on from: tasks whose results it holds, and whose code, data and inputs have not
     * changed since, do not run. The workflow may have changed. Everything that the run leaves goes there too; of this
     * and {@link #directory} the last call wins. Default: none, every task runs.
     */
    @CanIgnoreReturnValue
    public Builder resume(Path directory) {
      resume = true;
      return place(directory);
    }

    /**
     * Sets whether a run to go on from is taken from a process of which nothing can be known from here, since it is on
     * another host. Only right if that process is gone. Default: false.
     */
    @CanIgnoreReturnValue
    public Builder takeOver(boolean takeOver) {
      this.takeOver = takeOver;
      return this;
    }

    private Builder place(Path directory) {
      if (directory.toString().isBlank()) {
        throw new IllegalArgumentException(
            "the run's directory is empty; Path.of(\".\") is the current folder");
      }
      this.directory = directory;
      return this;
    }

    /**
     * Sets whether tasks that do not depend on a failed one go on. Default: false, the run ends with the first failure.
     */
    @CanIgnoreReturnValue
    public Builder keepGoing(boolean keepGoing) {
      this.keepGoing = keepGoing;
      return this;
    }

    /**
     * Sets whether the outputs of all tasks are kept. Default: false, an output is dropped once every task that reads
     * it is done; outputs that nothing reads are kept.
     */
    @CanIgnoreReturnValue
    public Builder keepValues(boolean keepValues) {
      this.keepValues = keepValues;
      return this;
    }

    /**
     * Sets whether the run is cancelled when the JVM is asked to end ({@link System#exit}, Ctrl-C, SIGTERM). Default:
     * true. With false the application's own shutdown decides: it drains or cancels the run and closes it; processes of
     * a run that was not closed are ended once the JVM is gone.
     */
    @CanIgnoreReturnValue
    public Builder shutdownHook(boolean shutdownHook) {
      this.shutdownHook = shutdownHook;
      return this;
    }

    /**
     * Sets the priority of the run on a {@link Site}: a worker that becomes free goes to a run of the highest priority
     * that has ready tasks. What runs is not interrupted. A run that shares no workers is as without. Default: 0.
     */
    @CanIgnoreReturnValue
    public Builder priority(int priority) {
      this.priority = priority;
      return this;
    }

    /**
     * Sets the weight of the run on a {@link Site}: runs of one priority that all have ready tasks get workers in
     * proportion to their weights. From 1 to 1000. A run that shares no workers is as without. Default: 1.
     *
     * @throws IllegalArgumentException if it is less than 1 or more than 1000
     */
    @CanIgnoreReturnValue
    public Builder weight(int weight) {
      this.weight = new RunShare(priority, weight).weight();
      return this;
    }

    /**
     * Sets how long the run may take from its start, the opening of backends included. A run that has not ended by then
     * is cancelled, and its {@link dev.muster.run.RunResult#reason()} says so. Default: no limit.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    @CanIgnoreReturnValue
    public Builder deadline(Duration deadline) {
      if (deadline.isNegative() || deadline.isZero()) {
        throw new IllegalArgumentException("a deadline must be positive, got " + deadline);
      }
      this.deadline = deadline;
      return this;
    }

    /** Adds a listener, which receives the run's events from the first on. */
    @CanIgnoreReturnValue
    public Builder listener(RunListener listener) {
      listeners.add(listener);
      return this;
    }

    /** Adds a layer below the workflow's own execution and above those added before: a site's profile. */
    @CanIgnoreReturnValue
    public Builder below(Layer layer) {
      below.add(layer);
      return this;
    }

    /** Adds a layer above the workflow's own execution and above those added before: an override. */
    @CanIgnoreReturnValue
    public Builder above(Layer layer) {
      above.add(layer);
      return this;
    }

    /** Sets the machine that stands in where no pools are described. Default: this one. */
    @CanIgnoreReturnValue
    public Builder machine(Machine machine) {
      this.machine = machine;
      return this;
    }

    /**
     * Sets the time by which the run waits, for tests: timeouts, waits before another attempt and drains. Default: the
     * system's.
     */
    @CanIgnoreReturnValue
    public Builder time(RunTime time) {
      this.time = time;
      return this;
    }

    /** Adds a backend. */
    @CanIgnoreReturnValue
    public Builder backend(Backend backend) {
      backends.add(backend);
      return this;
    }

    /**
     * Adds a strategy, a provider of workers' environments or one of credentials: a {@code
     * dev.muster.batch.spi.Strategy}, {@code EnvironmentProvider} or {@code CredentialProvider}.
     */
    @CanIgnoreReturnValue
    public Builder plugin(Plugin plugin) {
      plugins.add(plugin);
      return this;
    }

    /** Adds an operation provider. */
    @CanIgnoreReturnValue
    public Builder operations(OperationProvider provider) {
      operations.add(provider);
      return this;
    }

    /** Adds a modifier provider. */
    @CanIgnoreReturnValue
    public Builder modifiers(ModifierProvider provider) {
      modifiers.add(provider);
      return this;
    }

    /** Returns the options. */
    @CheckReturnValue
    public RunOptions build() {
      return new RunOptions(this);
    }
  }
}
