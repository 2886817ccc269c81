package dev.muster.worker;

import dev.muster.spi.WorkerPlugin;
import java.nio.file.Path;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Runs the calls of external workers somewhere: your own way beside those that come with Muster.
 *
 * <p>The smallest one starts a process:
 *
 * <pre>{@code
 * Executor mine = (launcher, call) -> new ProcessBuilder(launcher, call.toString()).start().onExit();
 * }</pre>
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
   * @param launcher the worker's name
   * @param workerCall the file with the call, absolute; {@link WorkerCall#read} reads it, and {@link
   *     WorkerCall#directory} is what its relative paths are taken from
   * @return what completes when the worker has ended: its flags are read then, and a worker without flags has failed.
   *     It is cancelled when the task is. {@code null} if nothing tells the end: then the files {@code _done} and
   *     {@code _error} are waited for, whoever sets them
   * @throws Exception if the worker cannot be run; the task has failed
   */
  @Nullable
  CompletionStage<?> run(String launcher, Path workerCall) throws Exception;

  /** Returns the name by which workflows choose it. Default: the simple name of its class. */
  default String name() {
    return getClass().getSimpleName();
  }

  /** Returns an executor under a name. */
  static Executor named(String name, Executor executor) {
    return new Executor() {
      @Override
      public @Nullable CompletionStage<?> run(String launcher, Path workerCall) throws Exception {
        return executor.run(launcher, workerCall);
      }

      @Override
      public String name() {
        return name;
      }
    };
  }
}
