package dev.muster.execution;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.muster.error.Problem;
import dev.muster.error.SourceLocation;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An execution description and where it came from, for example {@code site /etc/muster/site.yaml}.
 *
 * <p>Immutable and thread-safe.
 *
 * @param name where it came from, as {@code plan} shows it
 * @param execution what it says; what it does not say is left to lower layers
 * @param locations where values stand, by their path such as {@code pools.gpu.use}; empty if it was built in Java
 * @param forStrategy the strategy with which alone it counts, or null if it always does
 * @param warnings what is doubtful in it; a plan that is made with it has them
 * @since 0.1
 */
@CheckReturnValue
public record Layer(
    String name,
    Execution execution,
    Map<String, SourceLocation> locations,
    @Nullable String forStrategy,
    List<Problem> warnings) {
  /**
   * Makes a layer.
   *
   * @throws IllegalArgumentException if it is for one strategy and sets the strategy
   */
  public Layer {
    locations = Map.copyOf(locations);
    warnings = List.copyOf(warnings);
    if (forStrategy != null && execution.strategy() != null) {
      throw new IllegalArgumentException(
          name + " is for the strategy " + forStrategy + " and cannot set the strategy");
    }
  }

  /** Makes a layer that always counts. */
  public Layer(String name, Execution execution, Map<String, SourceLocation> locations) {
    this(name, execution, locations, null);
  }

  /** Makes a layer in which nothing is doubtful. */
  public Layer(
      String name,
      Execution execution,
      Map<String, SourceLocation> locations,
      @Nullable String forStrategy) {
    this(name, execution, locations, forStrategy, List.of());
  }

  /** Returns a layer that was built in Java. */
  public static Layer of(String name, Execution execution) {
    return new Layer(name, execution, Map.of());
  }
}
