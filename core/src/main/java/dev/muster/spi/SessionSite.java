package dev.muster.spi;

import dev.muster.probe.Finding;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Site} has for one session of a backend.
 *
 * <p>Thread-safe.
 *
 * @since 0.1
 */
public interface SessionSite extends AutoCloseable {
  /**
   * Tries whether the tools of the strategy are there and answer; null if it needs none. May block.
   *
   * @throws dev.muster.error.WorkflowException if there is no strategy of that name
   * @throws InterruptedException if the thread is interrupted
   */
  @Nullable
  Finding tools() throws InterruptedException;

  /** Returns what it offers to backends, or null if that is nothing of this type; see {@link WorkerContext#service}. */
  <T> @Nullable T service(Class<T> type);

  /** Ends what was started for the session and is not over. Idempotent. */
  @Override
  void close();
}
