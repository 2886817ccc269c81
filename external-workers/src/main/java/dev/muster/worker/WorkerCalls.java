package dev.muster.worker;

import dev.muster.error.MusterException;
import dev.muster.worker.internal.HandCall;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A call that somebody else wrote, for example Tierkreis, to be run once and here. Not thread-safe.
 *
 * @since 0.1
 */
public final class WorkerCalls {
  private final HandCall call;

  private WorkerCalls(HandCall call) {
    this.call = call;
  }

  /**
   * Reads a call.
   *
   * @param definition the file of the call
   * @param directory what its relative paths are taken from ({@code TKR_DIR}), or null for what the place of the file
   *     implies
   * @param executor the executor's name, or null for the one that the worker's launcher is made for: {@code uv} for
   *     {@code main.py}, else {@code shell}
   * @param registries the folders where workers are looked for, the first wins
   * @param worker the worker's name, or null for the one that the file {@code nodedef} beside the call has
   * @throws MusterException if it cannot be read, or it is not clear what it means
   */
  public static WorkerCalls read(
      Path definition,
      @Nullable Path directory,
      @Nullable String executor,
      List<Path> registries,
      @Nullable String worker) {
    return new WorkerCalls(HandCall.read(definition, directory, executor, registries, worker));
  }

  /**
   * Runs the worker to its end. Blocks; ends it if the thread is interrupted.
   *
   * @throws dev.muster.run.TaskException if it failed or cannot be run; the flag of a failure is there then
   * @throws Exception what a function in Java or an executor of one's own throws
   */
  public void run() throws Exception {
    call.run();
  }
}
