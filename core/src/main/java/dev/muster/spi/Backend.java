package dev.muster.spi;

/**
 * Executes ready tasks somewhere.
 *
 * <p>Readiness, retries, timeouts, routing and state belong to the engine, once for all backends; a backend takes tasks whose
 * inputs are there and reports how they end. Providers have a public constructor without parameters and are thread-safe.
 *
 * @since 0.1
 */
public interface Backend {
  /** Returns the name by which executions choose it, for example {@code dask}: lower-case letters, digits, {@code -} and {@code .}. */
  String name();

  /**
   * Gets ready for a run. Called once per run that needs it, by the thread that starts the run; may block while workers are being
   * started, but need not wait for them.
   *
   * @throws dev.muster.error.MusterException if it cannot work; it has released everything before
   */
  BackendSession open(BackendContext context);
}
