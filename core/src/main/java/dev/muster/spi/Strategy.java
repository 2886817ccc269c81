package dev.muster.spi;

import dev.muster.batch.BatchSystem;

/**
 * Starts processes somewhere: on this host, or as jobs of a batch system. It knows neither tasks nor Dask, so every strategy serves every
 * backend that needs processes.
 *
 * <p>Providers have a public constructor without parameters and are thread-safe.
 *
 * @since 0.1
 */
public interface Strategy {
  /** Returns the name by which executions choose it, for example {@code slurm}: lower-case letters, digits, {@code -} and {@code .}. */
  String name();

  /**
   * Gets ready for a run. Called at most once per run, by the thread of a backend.
   *
   * @throws dev.muster.error.MusterException if it cannot work; it has released everything before
   */
  BatchSystem open(StrategyContext context);
}
