package dev.muster.workflow;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.muster.error.SourceLocation;
import dev.muster.value.JsonValues;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One step of a workflow: an operation, what it reads, and what it asks of its workers.
 *
 * <p>Two stages are equal if they say the same; where they stand in a file does not count. Immutable and thread-safe.
 *
 * @since 0.1
 */
@CheckReturnValue
public final class Stage {
  private final String id;
  private final String op;
  private final @Nullable Operation operation;
  private final Map<String, @Nullable Object> params;
  private final @Nullable List<String> needs;
  private final @Nullable List<StageInput> from;
  private final @Nullable Scope scope;
  private final int block;
  private final @Nullable Tolerance tolerate;
  private final @Nullable String version;
  private final @Nullable Keep keep;
  private final Map<String, @Nullable Object> appliesTo;
  private final Requirement requirement;
  private final @Nullable Duration timeout;
  private final Retry retry;
  private final List<Modifier> modifiers;
  private final @Nullable String backend;
  private final @Nullable String executor;
  private final StageEnvironment environment;
  private final @Nullable SourceLocation location;
  private final @Nullable Function<String, @Nullable SourceLocation> locations;

  Stage(StageProperties<?> properties) {
    id = properties.id;
    op = properties.op != null ? properties.op : properties.id;
    operation = properties.operation;
    params = JsonValues.copyOf(properties.params);
    needs = properties.needs;
    from = properties.from;
    scope = properties.scope;
    block = properties.block;
    tolerate = properties.tolerate;
    version = properties.version;
    keep = properties.keep;
    appliesTo = properties.appliesTo;
    requirement = properties.requirement;
    timeout = properties.timeout;
    retry = properties.retry;
    modifiers = List.copyOf(properties.modifiers);
    backend = properties.backend;
    executor = properties.executor;
    environment = properties.environment;
    location = properties.location;
    locations = properties.locations;
    Set<String> names = new LinkedHashSet<>();
    for (Modifier modifier : modifiers) {
      if (!names.add(modifier.name())) {
        throw new IllegalArgumentException(
            "stage " + id + " has the modifier " + modifier.name() + " twice");
      }
    }
  }

  /** Returns a builder of a stage named {@code id}. */
  public static Builder builder(String id) {
    return new Builder(id);
  }

  /** Returns a builder that starts from this stage. */
  public Builder toBuilder() {
    return toBuilder(id);
  }

  /** Returns a builder of a stage like this one but named {@code id}. */
  public Builder toBuilder(String id) {
    Builder builder =
        new Builder(id).op(op).params(params).requirement(requirement).retry(retry);
    builder.operation = operation;
    builder.needs = needs;
    builder.from = from;
    builder.scope = scope;
    builder.block = block;
    builder.tolerate = tolerate;
    builder.version = version;
    builder.keep = keep;
    builder.appliesTo = appliesTo;
    builder.timeout = timeout;
    builder.backend = backend;
    builder.executor = executor;
    builder.locations = locations;
    return builder.modifiers(modifiers).environment(environment).location(location);
  }

  /** Returns the stage's id, unique in its workflow. */
  public String id() {
    return id;
  }

  /** Returns the operation's name. */
  public String op() {
    return op;
  }

  /** Returns the Java code given to the builder, or null if the operation is found by its name. */
  public @Nullable Operation operation() {
    return operation;
  }

  /** Returns the operation's parameters. */
  public Map<String, @Nullable Object> params() {
    return params;
  }

  /** Returns the stages that must be done before, or null if that is the stage before this one. */
  public @Nullable List<String> needs() {
    return needs;
  }

  /** Returns the inputs, or null if they are the outputs of what the stage needs. */
  public @Nullable List<StageInput> from() {
    return from;
  }

  /** Returns the scope, or null for the workflow's default. */
  public @Nullable Scope scope() {
    return scope;
  }

  /** Returns how many partitions of a dataset a task stands for, or 0 for all. */
  public int block() {
    return block;
  }

  /** Returns how many of the outputs that a task gathers may be missing, or null if none may. */
  public @Nullable Tolerance tolerate() {
    return tolerate;
  }

  /** Returns the version of the code by the author's word, or null if the code itself is compared. */
  public @Nullable String version() {
    return version;
  }

  /** Returns which results are kept, or null for what the execution says. */
  public @Nullable Keep keep() {
    return keep;
  }

  /** Returns the attributes of the datasets that take part; empty for all. */
  public Map<String, @Nullable Object> appliesTo() {
    return appliesTo;
  }

  /** Returns what the stage asks of its workers. */
  public Requirement requirement() {
    return requirement;
  }

  /** Returns how long one attempt may run, or null for no limit. */
  public @Nullable Duration timeout() {
    return timeout;
  }

  /** Returns how a failed task is tried again. */
  public Retry retry() {
    return retry;
  }

  /** Returns the modifiers, in the author's order. */
  public List<Modifier> modifiers() {
    return modifiers;
  }

  /** Returns the backend of this stage alone, or null. */
  public @Nullable String backend() {
    return backend;
  }

  /** Returns the named executor of this stage, or null; the one of its environment counts where this is null. */
  public @Nullable String executor() {
    return executor;
  }

  /** Returns the stage's environment. */
  public StageEnvironment environment() {
    return environment;
  }

  /** Returns where the stage stands in its file, or null. */
  public @Nullable SourceLocation location() {
    return location;
  }

  /**
   * Returns where a value of the stage stands in its file: what surrounds it if its own place is not known, or null if
   * nothing is.
   *
   * @param path from the stage, for example {@code params.capture} or {@code execution.modifiers[0]}
   */
  public @Nullable SourceLocation location(String path) {
    String at = path;
    while (locations != null && !at.isEmpty()) {
      SourceLocation found = locations.apply(at);
      if (found != null) {
        return found;
      }
      at = at.substring(0, Math.max(0, Math.max(at.lastIndexOf('.'), at.lastIndexOf('['))));
    }
    return location;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Stage stage
        && id.equals(stage.id)
        && op.equals(stage.op)
        && Objects.equals(operation, stage.operation)
        && params.equals(stage.params)
        && Objects.equals(needs, stage.needs)
        && Objects.equals(from, stage.from)
        && scope == stage.scope
        && block == stage.block
        && Objects.equals(tolerate, stage.tolerate)
        && Objects.equals(version, stage.version)
        && keep == stage.keep
        && appliesTo.equals(stage.appliesTo)
        && requirement.equals(stage.requirement)
        && Objects.equals(timeout, stage.timeout)
        && retry.equals(stage.retry)
        && modifiers.equals(stage.modifiers)
        && Objects.equals(backend, stage.backend)
        && Objects.equals(executor, stage.executor)
        && environment.equals(stage.environment);
  }

  @Override
  public int hashCode() {
    return Objects.hash(id, op, params, needs, from, requirement, modifiers);
  }

  /** Returns for example {@code Stage(TrainModel, op custom.train)}. */
  @Override
  public String toString() {
    return "Stage(" + id + ", op " + op + ")";
  }

  /** Builds a {@link Stage}. Defaults stand with each property. Not thread-safe. */
  public static final class Builder extends StageProperties<Builder> {
    Builder(String id) {
      super(id);
    }

    @Override
    Builder self() {
      return this;
    }

    /**
     * Returns the stage.
     *
     * @throws IllegalArgumentException if a modifier's name is there twice
     */
    @CheckReturnValue
    public Stage build() {
      return new Stage(this);
    }
  }
}
