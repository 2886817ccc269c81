package dev.muster.workflow;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import dev.muster.resource.Quantities;
import dev.muster.value.JsonValues;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The environment of one stage, where it differs from the rest of the workflow.
 *
 * <p>Source: FAST-HEP's stage environments. Immutable and thread-safe.
 *
 * @param image the container image in which the stage's command runs, or null
 * @param variables the environment variables of the stage
 * @param executor where it runs: {@code LocalExecutor}, {@code DaskExecutor}, or the name of an executor of the
 *     execution; or null
 * @param resources what a worker needs to have for it
 * @param processOn which processor it wants, or null
 * @param extraData carried to the operation untouched
 * @since 0.1
 */
@CheckReturnValue
public record StageEnvironment(
    @Nullable String image,
    Variables variables,
    @Nullable String executor,
    Quantities resources,
    @Nullable ProcessOn processOn,
    Map<String, @Nullable Object> extraData) {
  private static final StageEnvironment NONE = builder().build();

  /**
   * Creates an environment.
   *
   * @throws IllegalArgumentException if {@code image} is not the name of a container image
   */
  public StageEnvironment {
    image = image == null ? null : ImageName.checked(image);
    extraData = JsonValues.copyOf(extraData);
  }

  /** Returns the environment that asks for nothing special. */
  public static StageEnvironment none() {
    return NONE;
  }

  /** Returns a builder of an environment that asks for nothing special. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns a builder that starts from this environment. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.image = image;
    builder.variables = variables;
    builder.executor = executor;
    builder.resources = resources;
    builder.processOn = processOn;
    builder.extraData = extraData;
    return builder;
  }

  /** Builds a {@link StageEnvironment}. Not thread-safe. */
  public static final class Builder {
    private @Nullable String image;
    private Variables variables = Variables.none();
    private @Nullable String executor;
    private Quantities resources = Quantities.none();
    private @Nullable ProcessOn processOn;
    private Map<String, @Nullable Object> extraData = Map.of();

    private Builder() {}

    /** Sets the container image. Default: none. */
    @CanIgnoreReturnValue
    public Builder image(String image) {
      this.image = ImageName.checked(image);
      return this;
    }

    /** Adds a variable; replaces a file given before. Default: none. */
    @CanIgnoreReturnValue
    public Builder variable(String name, String value) {
      Map<String, String> values = new LinkedHashMap<>();
      if (variables instanceof Variables.Values given) {
        values.putAll(given.values());
      }
      values.put(name, value);
      this.variables = new Variables.Values(values);
      return this;
    }

    /** Takes the variables from a {@code .env} file; replaces those given before. */
    @CanIgnoreReturnValue
    public Builder envFile(Path path) {
      this.variables = new Variables.EnvFile(path);
      return this;
    }

    /** Sets the variables. Default: none. */
    @CanIgnoreReturnValue
    public Builder variables(Variables variables) {
      this.variables = variables;
      return this;
    }

    /** Sets the executor. Default: where the rest of the workflow runs. */
    @CanIgnoreReturnValue
    public Builder executor(String executor) {
      this.executor = executor;
      return this;
    }

    /** Sets what a worker needs to have. Default: nothing said. */
    @CanIgnoreReturnValue
    public Builder resources(Quantities resources) {
      this.resources = resources;
      return this;
    }

    /** Sets the processor. Default: not said. */
    @CanIgnoreReturnValue
    public Builder processOn(ProcessOn processOn) {
      this.processOn = processOn;
      return this;
    }

    /** Sets what is carried to the operation untouched. Default: nothing. */
    @CanIgnoreReturnValue
    public Builder extraData(Map<String, ? extends @Nullable Object> extraData) {
      this.extraData = JsonValues.copyOf(extraData);
      return this;
    }

    /** Returns the environment. */
    @CheckReturnValue
    public StageEnvironment build() {
      return new StageEnvironment(image, variables, executor, resources, processOn, extraData);
    }
  }
}
