package dev.muster.batch.spi;

import dev.muster.spi.Plugin;

/**
 * Gives workers their software: turns the description of an environment into files to bring, commands to run before a
 * worker starts, its interpreter, and variables. It does not know who starts the worker, so every environment works
 * with every strategy.
 *
 * <p>Providers have a public constructor without parameters and are thread-safe. Source: FAST-HEP's worker
 * environments.
 *
 * @since 0.1
 */
public interface EnvironmentProvider extends Plugin {
  /**
   * Returns the type by which executions choose it, for example {@code shared}: lower-case letters, digits, {@code -}
   * and {@code .}.
   */
  String type();

  /**
   * Gets an environment ready. Called at most once per run, before the first worker is submitted; may block, and say
   * what takes long with {@link EnvironmentContext#notice}.
   *
   * @throws dev.muster.error.MusterException if it cannot be had, or an option is unknown or wrong
   */
  PreparedEnvironment prepare(EnvironmentContext context);

  /**
   * Checks the options of an environment. Reads no more than it must, writes nothing, starts nothing, and does not
   * block: it is called whenever a plan is checked. Options are read with {@link EnvironmentOptions}, whose errors say
   * which one is wrong. Does nothing by default.
   *
   * @throws dev.muster.error.MusterException if an option is unknown or wrong
   */
  default void check(EnvironmentContext context) {}

  /**
   * Describes what {@link #prepare} would return, as far as that can be known without writing anything or taking long.
   * Default: what {@link #prepare} returns; override it where that writes.
   *
   * @throws dev.muster.error.MusterException if it cannot be had, or an option is unknown or wrong
   */
  default PreparedEnvironment preview(EnvironmentContext context) {
    return prepare(context);
  }
}
