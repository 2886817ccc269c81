package dev.muster.spi;

import dev.muster.workflow.Operation;
import java.util.Set;

/**
 * Brings operations into reach of workflows by name.
 *
 * <p>Providers have a public constructor without parameters and are thread-safe.
 *
 * @since 0.1
 */
public interface OperationProvider {
  /** Returns the names of its operations, for example {@code hep.hist}; always the same ones. */
  Set<String> names();

  /**
   * Makes an operation for one stage of one run. Called when the run starts and when a plan is checked, once for each
   * stage that names it, and once
   * more without each parameter that it refused. An operation that is {@link AutoCloseable}
   * is closed at the end of the run.
   *
   * @throws IllegalArgumentException if the stage's parameters cannot work; the message names the parameter in single
   *     quotes
   * @throws dev.muster.error.WorkflowException if several cannot; the paths of its problems are {@code params.NAME}
   */
  Operation create(String name, OperationSetup setup);
}
