package dev.muster.spi;

/**
 * What a backend has for the runs of a {@code dev.muster.Site}: workers that several runs share, at a time and one
 * after another.
 *
 * <p>A limit of a pool holds over all runs. Ready tasks of several runs share the workers as {@link
 * BackendContext#share} says. A run that fails, is cancelled or closed touches no other. Thread-safe: runs are opened
 * and closed by several threads at once.
 *
 * @since 0.1
 */
public interface BackendSite extends AutoCloseable {
  /**
   * Gets ready for a run, as {@link Backend#open} does. Workers that are there already serve it. Called once for each
   * run, by a thread of that run that is interrupted if the run is cancelled meanwhile. The session's {@code close}
   * leaves nothing of the run behind; workers may stay.
   *
   * @throws dev.muster.error.MusterException if it cannot work, or if the run wants a pool or an option in another way
   *     than the runs before; it has released everything before
   */
  BackendSession open(BackendContext run);

  /**
   * Ends the workers, and waits until no process or thread is left. Called after every session is closed. Idempotent.
   */
  @Override
  void close();
}
