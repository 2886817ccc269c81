package dev.muster.batch.spi;

import dev.muster.spi.WorkerContext;

/**
 * What a backend needs to start its workers as jobs.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
public interface JobContext {
  /**
   * Returns the one of a backend's context.
   *
   * @throws dev.muster.error.MusterException if the context has none
   */
  static JobContext of(WorkerContext context) {
    return context.service(JobContext.class);
  }

  /**
   * Returns the strategy that starts the workers.
   *
   * @throws dev.muster.error.WorkflowException if it is unknown
   */
  Strategy strategy();

  /**
   * Returns what a worker's job needs to have its software, as the execution's environment says. The first call of a
   * run gets it ready, which may take long; where nothing is started, it is only described. While a plan is checked,
   * the options of the environment are.
   *
   * @throws dev.muster.error.MusterException if it cannot be had
   */
  PreparedEnvironment environment();

  /**
   * Returns the strategy's way to start processes. Opened by the first call, closed after the session.
   *
   * @throws dev.muster.error.MusterException if the strategy is unknown or cannot work
   * @throws IllegalStateException if nothing is started: a plan is checked, or its jobs are described
   */
  BatchSystem processes();
}
