package dev.muster.worker;

import dev.muster.spi.WorkerPlugin;
import java.nio.file.Path;

/**
 * Runs the calls of external workers somewhere: your own way beside those that come with Muster.
 *
 * <p>Found with {@link java.util.ServiceLoader}, then it needs a public constructor without parameters, or given as an
 * instance. Source: the protocol that FAST-HEP's page of executors has for one's own. Thread-safe.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface Executor extends WorkerPlugin {
  /**
   * Has a worker carry out a call. Called by a thread of the task, which is interrupted when the task is cancelled or
   * out of time; may block.
   *
   * <p>It may return before the worker has ended: the files {@code _done} and {@code _error} of the call say how that
   * went, and are waited for.
   *
   * @param launcher the worker's name
   * @param workerCall the file with the call, absolute; {@link WorkerCall#read} reads it, and {@link
   *     WorkerCall#directory} is what its relative paths are taken from
   * @throws Exception if the worker cannot be run; the task has failed
   */
  void run(String launcher, Path workerCall) throws Exception;

  /** Returns the name by which workflows choose it. Default: the simple name of its class. */
  default String name() {
    return getClass().getSimpleName();
  }

  /**
   * Tells whether {@link #run} returns only when the worker has ended: then a worker without flags has failed. Default:
   * false.
   */
  default boolean waits() {
    return false;
  }

  /** Returns an executor under a name. */
  static Executor named(String name, Executor executor) {
    return new Executor() {
      @Override
      public void run(String launcher, Path workerCall) throws Exception {
        executor.run(launcher, workerCall);
      }

      @Override
      public String name() {
        return name;
      }

      @Override
      public boolean waits() {
        return executor.waits();
      }
    };
  }
}
