package dev.muster.execution;

import dev.muster.error.SourceLocation;
import java.util.Map;

/**
 * An execution description and where it came from, for example {@code site /etc/muster/site.yaml}.
 *
 * <p>Immutable and thread-safe.
 *
 * @param name where it came from, as {@code plan} shows it
 * @param execution what it says; what it does not say is left to lower layers
 * @param locations where values stand, by their path such as {@code pools.gpu.use}; empty if it was built in Java
 * @since 0.1
 */
public record Layer(String name, Execution execution, Map<String, SourceLocation> locations) {
  public Layer {
    locations = Map.copyOf(locations);
  }

  /** Returns a layer that was built in Java. */
  public static Layer of(String name, Execution execution) {
    return new Layer(name, execution, Map.of());
  }
}
