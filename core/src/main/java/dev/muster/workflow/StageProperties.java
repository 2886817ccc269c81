package dev.muster.workflow;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.muster.error.SourceLocation;
import dev.muster.error.Visible;
import dev.muster.resource.Walltime;
import dev.muster.value.JsonValues;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The properties of a stage under construction, shared by {@link Stage.Builder} and {@link Workflow.StageStep}. The
 * last call wins, except where a method says that it adds. Not thread-safe.
 *
 * @param <B> the builder's own type
 * @since 0.1
 */
public abstract sealed class StageProperties<B extends StageProperties<B>>
    permits Stage.Builder, Workflow.StageStep {
  final String id;

  @Nullable
  String op;

  @Nullable
  Operation operation;

  Map<String, @Nullable Object> params = new LinkedHashMap<>();

  @Nullable
  List<String> needs;

  @Nullable
  List<StageInput> from;

  @Nullable
  Scope scope;

  int block;

  @Nullable
  Tolerance tolerate;

  @Nullable
  String version;

  @Nullable
  Keep keep;

  Map<String, @Nullable Object> appliesTo = Map.of();
  Requirement requirement = Requirement.none();

  @Nullable
  Duration timeout;

  Retry retry = Retry.never();
  List<Modifier> modifiers = new ArrayList<>();

  @Nullable
  String backend;

  @Nullable
  String executor;

  StageEnvironment environment = StageEnvironment.none();

  @Nullable
  SourceLocation location;

  @Nullable
  Function<String, @Nullable SourceLocation> locations;

  StageProperties(String id) {
    if (id.isBlank()) {
      throw new IllegalArgumentException("a stage needs an id");
    }
    if (id.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "the id of a stage has a NUL character: " + Visible.line(id));
    }
    this.id = id;
  }

  abstract B self();

  /** Sets the operation's name, for example {@code custom.train} or {@code shell}. Default: the stage's id. */
  @CanIgnoreReturnValue
  public B op(String op) {
    if (op.isBlank()) {
      throw new IllegalArgumentException("stage " + id + ": the operation's name cannot be blank");
    }
    this.op = op;
    return self();
  }

  /** Sets Java code as the operation. It belongs to this object: {@code toYaml} writes only the operation's name. */
  @CanIgnoreReturnValue
  public B run(Operation operation) {
    this.operation = Objects.requireNonNull(operation);
    return self();
  }

  /** Adds a parameter: a JSON-like value, or any object where the operation runs in this JVM. */
  @CanIgnoreReturnValue
  public B param(String name, @Nullable Object value) {
    params.put(name, JsonValues.copyOf(value));
    return self();
  }

  /** Replaces the parameters. Default: none. */
  @CanIgnoreReturnValue
  public B params(Map<String, ? extends @Nullable Object> params) {
    this.params = new LinkedHashMap<>(JsonValues.copyOf(params));
    return self();
  }

  /** Sets the stages that must be done before. Default: the stage before this one; no argument: none. */
  @CanIgnoreReturnValue
  public B needs(String... stages) {
    this.needs = List.of(stages);
    return self();
  }

  /** Sets the stages whose outputs are this stage's inputs. Default: those that it needs. */
  @CanIgnoreReturnValue
  public B from(String... stages) {
    List<StageInput> inputs = new ArrayList<>();
    for (String stage : stages) {
      inputs.add(StageInput.of(stage));
    }
    this.from = List.copyOf(inputs);
    return self();
  }

  /** Sets the inputs, with ports and names. */
  @CanIgnoreReturnValue
  public B from(List<StageInput> inputs) {
    this.from = List.copyOf(inputs);
    return self();
  }

  /** Sets the scope. Default: {@link Scope#PARTITION} in a workflow with data, {@link Scope#GLOBAL} in one without. */
  @CanIgnoreReturnValue
  public B scope(Scope scope) {
    this.scope = scope;
    return self();
  }

  /**
   * Sets how many neighbouring partitions of a dataset each task of a stage with {@link Scope#DATASET} stands for, 1
   * or more; the last task of a dataset may have fewer. A stage that reads it in larger blocks must have a multiple
   * of that. Default: all of a dataset. With it a gather becomes a tree, whose tasks read few outputs each.
   *
   * @throws IllegalArgumentException if it is less than 1
   */
  @CanIgnoreReturnValue
  public B block(int partitions) {
    if (partitions < 1) {
      throw new IllegalArgumentException(
          "stage " + id + ": a block has at least 1 partition, got " + partitions);
    }
    this.block = partitions;
    return self();
  }

  /**
   * Sets how many of the outputs that a task of this stage gathers may be missing, because the tasks that make them
   * failed for good or could not run: then it runs with those there are, is told {@linkplain
   * OperationContext#missingInputs which are missing}, and the run ends as incomplete. Default: none.
   */
  @CanIgnoreReturnValue
  public B tolerate(Tolerance tolerance) {
    this.tolerate = tolerance;
    return self();
  }

  /**
   * Sets how many of the outputs that a task of this stage gathers may be missing: {@code 3}, or a share of them such
   * as {@code 2%}, which is rounded down.
   *
   * @throws IllegalArgumentException if it is neither, or out of range
   */
  @CanIgnoreReturnValue
  public B tolerate(String tolerance) {
    return tolerate(Tolerance.parse(tolerance));
  }

  /**
   * Sets the version of the stage's code. A run that goes on from another then compares this text in place of the code:
   * the classes and objects of Java, the files of Python code and its interpreter, programs on the {@code PATH}, an
   * image that is named without a digest. It is for you to change it when they change. Default: none, and what is not
   * certainly the same counts as changed.
   *
   * @throws IllegalArgumentException if it is blank
   */
  @CanIgnoreReturnValue
  public B version(String version) {
    if (version.isBlank()) {
      throw new IllegalArgumentException("stage " + id + ": the version is blank");
    }
    this.version = version;
    return self();
  }

  /** Sets which results of its tasks a run with a directory keeps. Default: as the execution says. */
  @CanIgnoreReturnValue
  public B keep(Keep keep) {
    this.keep = keep;
    return self();
  }

  /** Sets which datasets take part: those that have all of these attributes; {@code name} is one. Default: all. */
  @CanIgnoreReturnValue
  public B appliesTo(Map<String, ? extends @Nullable Object> attributes) {
    this.appliesTo = JsonValues.copyOf(attributes);
    return self();
  }

  /** Requires pools that provide {@code label}. Default: no requirement, the {@code default} pool. */
  @CanIgnoreReturnValue
  public B require(String label) {
    this.requirement = Requirement.require(label);
    return self();
  }

  /** Prefers pools that provide {@code label}; without any, the default pool. */
  @CanIgnoreReturnValue
  public B prefer(String label) {
    this.requirement = Requirement.prefer(label);
    return self();
  }

  /** Prefers pools that provide {@code label}; without any, those that provide {@code fallback}. */
  @CanIgnoreReturnValue
  public B prefer(String label, String fallback) {
    this.requirement = new Requirement.Prefer(label, fallback);
    return self();
  }

  /** Sets the requirement. */
  @CanIgnoreReturnValue
  public B requirement(Requirement requirement) {
    this.requirement = requirement;
    return self();
  }

  /**
   * Sets how long one attempt may run. Default: no limit.
   *
   * @throws IllegalArgumentException if it is not positive
   */
  @CanIgnoreReturnValue
  public B timeout(Duration timeout) {
    if (timeout.isZero() || timeout.isNegative()) {
      throw new IllegalArgumentException(
          "stage " + id + ": the timeout must be positive, got " + timeout);
    }
    this.timeout = timeout;
    return self();
  }

  /** Sets how long one attempt may run, for example {@code 2h} or {@code 00:30:00}. */
  @CanIgnoreReturnValue
  public B timeout(String timeout) {
    return timeout(Walltime.parse(timeout));
  }

  /** Sets how a failed task is tried again. Default: not at all. */
  @CanIgnoreReturnValue
  public B retry(Retry retry) {
    this.retry = retry;
    return self();
  }

  /** Sets how many further attempts a failed task has, at once and on the same pools. Default: 0. */
  @CanIgnoreReturnValue
  public B retries(int max) {
    return retry(Retry.times(max));
  }

  /** Adds a modifier without parameters, after those already there. */
  @CanIgnoreReturnValue
  public B modifier(String name) {
    return modifier(Modifier.of(name));
  }

  /** Adds a modifier, after those already there. */
  @CanIgnoreReturnValue
  public B modifier(Modifier modifier) {
    modifiers.add(modifier);
    return self();
  }

  /** Replaces the modifiers. Default: none. */
  @CanIgnoreReturnValue
  public B modifiers(List<Modifier> modifiers) {
    this.modifiers = new ArrayList<>(modifiers);
    return self();
  }

  /** Sets the backend of this stage alone. Default: the execution's. */
  @CanIgnoreReturnValue
  public B backend(String backend) {
    this.backend = backend;
    return self();
  }

  /** Sets the named executor of this stage. Default: none. */
  @CanIgnoreReturnValue
  public B executor(String executor) {
    this.executor = executor;
    return self();
  }

  /** Sets the stage's environment. Default: nothing special. */
  @CanIgnoreReturnValue
  public B environment(StageEnvironment environment) {
    this.environment = environment;
    return self();
  }

  /** Changes the stage's environment. */
  @CanIgnoreReturnValue
  public B environment(Consumer<StageEnvironment.Builder> change) {
    StageEnvironment.Builder builder = environment.toBuilder();
    change.accept(builder);
    this.environment = builder.build();
    return self();
  }

  /** Sets where the stage stands in a file, for messages. Default: null. */
  @CanIgnoreReturnValue
  public B location(@Nullable SourceLocation location) {
    this.location = location;
    return self();
  }

  /**
   * Sets where the values of the stage stand in the file, by their path from the stage such as {@code params.capture}.
   * Default: nowhere.
   */
  @CanIgnoreReturnValue
  public B locations(Function<String, @Nullable SourceLocation> locations) {
    this.locations = locations;
    return self();
  }
}
