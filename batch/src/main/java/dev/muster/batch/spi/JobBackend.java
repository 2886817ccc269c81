package dev.muster.batch.spi;

import dev.muster.spi.Backend;
import dev.muster.spi.WorkerContext;
import java.util.List;

/**
 * A backend whose workers, or whose tasks, are jobs of a strategy.
 *
 * @since 0.1
 */
public interface JobBackend extends Backend {
  /**
   * Returns the jobs that it would start at first, pool by pool, and starts nothing.
   *
   * @throws dev.muster.error.MusterException if an option cannot be honoured
   */
  List<WorkerJob> workers(WorkerContext context);

  /**
   * Tells whether its jobs are workers, which take tasks for as long as they run. Default: true. Else each job has
   * tasks of its own and ends with them.
   */
  default boolean startsWorkers() {
    return true;
  }
}
