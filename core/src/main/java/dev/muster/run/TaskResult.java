package dev.muster.run;

import dev.muster.error.Visible;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How one task ended. A view of it, made when it is asked for.
 *
 * <p>Immutable and thread-safe, apart from the value, which belongs to the operation that made it.
 *
 * @param task the task's number in the plan
 * @param name the task's name, for example {@code Select/ttbar.3}
 * @param status where it stands
 * @param attempts how many attempts were started
 * @param pool the pool of the last attempt, or null if it never started
 * @param worker the worker of the last attempt, or null if it never started
 * @param started when the last attempt started, or null
 * @param duration how long the last attempt took, or null
 * @param output its output, or why that is not available
 * @param failure what went wrong, or null
 * @param diagnostics what its operation and modifiers noted, for example {@code peak_memory_bytes}
 * @since 0.1
 */
public record TaskResult(
    int task,
    String name,
    TaskStatus status,
    int attempts,
    @Nullable String pool,
    @Nullable String worker,
    @Nullable Instant started,
    @Nullable Duration duration,
    TaskOutput output,
    @Nullable TaskFailure failure,
    Map<String, @Nullable Object> diagnostics) {
  /**
   * Returns its output; null only if the operation returned null.
   *
   * @throws IllegalStateException if the task has not succeeded, or its output was not kept, or is a file of a
   *     temporary folder that is deleted; the message says which, and how to keep it
   * @throws TaskException if the output lies in a file of the run's directory that cannot be read, or is a Python value
   *     that Java cannot read; the message says which part of it that is
   */
  public @Nullable Object value() {
    return output.value();
  }

  /** Tells whether the output is there, also one that is null; see {@link TaskOutput#available()}. */
  public boolean hasValue() {
    return output.available();
  }

  /** Returns a short text: name, status, attempts, pool and duration; not the output. */
  @Override
  public String toString() {
    return "TaskResult[" + Visible.line(name) + ", " + status + ", attempts=" + attempts
        + (pool == null ? "" : ", pool=" + pool)
        + (duration == null ? "" : ", duration=" + duration)
        + (failure == null ? "" : ", " + failure.kind()) + "]";
  }
}
