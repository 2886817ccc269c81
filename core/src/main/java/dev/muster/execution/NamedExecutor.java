package dev.muster.execution;

import dev.muster.resource.Settings;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A backend, strategy and pool under a name, for stages and external workers that run elsewhere than the rest.
 *
 * <p>Immutable and thread-safe.
 *
 * @param name the executor's name, not blank
 * @param type what it does with calls of external workers, for example {@code shell}, or null: then it runs ordinary
 *     stages, and external workers as their launchers are made for
 * @param backend the backend, or null for the execution's
 * @param strategy the strategy, or null for the execution's
 * @param pool the pool that its tasks go to, or null to route them as usual
 * @param config options
 * @since 0.1
 */
public record NamedExecutor(
    String name,
    @Nullable String type,
    @Nullable String backend,
    @Nullable String strategy,
    @Nullable String pool,
    Map<String, @Nullable Object> config) {
  public NamedExecutor {
    if (name.isBlank()) {
      throw new IllegalArgumentException("an executor needs a name");
    }
    config = Settings.copyOf(config);
  }

  /** Makes one without a type. */
  public NamedExecutor(
      String name,
      @Nullable String backend,
      @Nullable String strategy,
      @Nullable String pool,
      Map<String, @Nullable Object> config) {
    this(name, null, backend, strategy, pool, config);
  }
}
