package dev.muster.spi;

import dev.muster.workflow.Operation;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Makes operations of calls of external workers: the artifact {@code muster-workers}. Found with {@link
 * java.util.ServiceLoader}; there is one. Thread-safe.
 *
 * @since 0.1
 */
public interface WorkerProvider {
  /** Returns the names of the options that executors have. */
  Set<String> options();

  /**
   * Checks that there are executors of a type.
   *
   * @param type the type, or the name of an executor that no execution describes
   * @param others what else could have been meant
   * @param plugins what the application gave as instances
   * @throws IllegalArgumentException if there are none, or they cannot be used; says why
   */
  void check(String type, Collection<String> others, List<? extends Plugin> plugins);

  /**
   * Makes the operation of a stage. Starts nothing.
   *
   * @throws IllegalArgumentException if there is no such worker, or the stage's parameters cannot work
   * @throws dev.muster.error.WorkflowException if several things are wrong
   */
  Operation create(WorkerSetup setup);
}
