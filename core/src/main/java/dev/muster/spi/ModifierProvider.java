package dev.muster.spi;

import dev.muster.workflow.Modifier;
import dev.muster.workflow.ModifierHooks;
import java.util.Set;

/**
 * Brings modifiers into reach of workflows by name.
 *
 * <p>Providers have a public constructor without parameters and are thread-safe.
 *
 * @since 0.1
 */
public interface ModifierProvider {
  /** Returns the names of its modifiers, for example {@code profile}; always the same ones. */
  Set<String> names();

  /**
   * Makes a modifier for one stage of one run. Called when the run starts and when a plan is checked, once for each
   * stage that names it, and once more
   * without each parameter that it refused. Hooks that are {@link AutoCloseable} are
   * closed at the end of the run.
   *
   * @throws IllegalArgumentException if its parameters cannot work; the message names the parameter in single quotes
   */
  ModifierHooks create(Modifier modifier, OperationSetup setup);
}
