package dev.muster.execution;

import dev.muster.error.SourceLocation;
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
 * @since 0.1
 */
public record Layer(
    String name,
    Execution execution,
    Map<String, SourceLocation> locations,
    @Nullable String forStrategy) {
  /**
   * Makes a layer.
   *
   * @throws IllegalArgumentException if it is for one strategy and sets the strategy
   */
  public Layer {
    locations = Map.copyOf(locations);
    if (forStrategy != null && execution.strategy() != null) {
      throw new IllegalArgumentException(
          name + " is for the strategy " + forStrategy + " and cannot set the strategy");
    }
  }

  /** Makes a layer that always counts. */
  public Layer(String name, Execution execution, Map<String, SourceLocation> locations) {
    this(name, execution, locations, null);
  }

  /** Returns a layer that was built in Java. */
  public static Layer of(String name, Execution execution) {
    return new Layer(name, execution, Map.of());
  }
}
