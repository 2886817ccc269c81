package dev.muster.spi;

import org.jspecify.annotations.Nullable;

/**
 * The code of tasks, to be called by a worker of this JVM. Not thread-safe.
 *
 * @since 0.1
 */
public interface TaskBody {
  /**
   * Gathers a task's inputs and runs its modifiers and its operation on the calling thread.
   *
   * @return the output to report
   * @throws Exception what the operation or a modifier threw; {@link TaskSink#failed(int, int, Throwable)} takes it
   */
  @Nullable
  Object run(int task, int attempt) throws Exception;
}
