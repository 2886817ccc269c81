package dev.muster.batch.spi;

import dev.muster.execution.Staging;
import dev.muster.execution.WorkerEnvironment;
import java.nio.file.Path;

/**
 * What an environment's provider knows of the run that it works for.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
public interface EnvironmentContext {
  /** Returns the description: the type and its options. */
  WorkerEnvironment environment();

  /** Returns the folder that relative paths in the description are taken from, absolute. */
  Path baseDirectory();

  /** Returns a folder of the run for the provider's logs and files, {@code <run>/environment}; it may not exist. */
  Path directory();

  /**
   * Returns a folder of this user for what later runs can use again, {@code $XDG_CACHE_HOME/muster/environments} or
   * {@code ~/.cache/muster/environments}; it may not exist.
   */
  Path cache();

  /**
   * Returns how files reach workers; with {@link Staging#TRANSFER} a path that is not sent need not exist here.
   * Default: {@link Staging#SHARED}.
   */
  default Staging staging() {
    return Staging.SHARED;
  }

  /** Tells the user something, for example that a step takes a while. */
  void notice(String message);
}
