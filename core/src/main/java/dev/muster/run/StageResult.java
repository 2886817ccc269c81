package dev.muster.run;

import dev.muster.error.Visible;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the tasks of one stage ended.
 *
 * <p>Immutable and thread-safe.
 *
 * @param id the stage's id
 * @param succeeded how many tasks succeeded
 * @param failed how many failed for good
 * @param skipped how many never started, or were not tried again
 * @param busy the time that its tasks' last attempts took, added up
 * @param tasks the tasks, in order; made when asked for
 * @since 0.1
 */
public record StageResult(
    String id, int succeeded, int failed, int skipped, Duration busy, List<TaskResult> tasks) {
  /**
   * Returns the output of a stage of one task; null only if the operation returned null.
   *
   * @throws IllegalStateException if it has several tasks or none, or the output is not available, see
   *     {@link TaskResult#value()}
   */
  public @Nullable Object value() {
    if (tasks.size() != 1) {
      throw new IllegalStateException(
          "stage " + id + " has " + tasks.size() + " tasks; ask for values()");
    }
    return tasks.get(0).value();
  }

  /**
   * Returns the outputs of its tasks, in order; an item is null only if the operation returned null there.
   *
   * @throws IllegalStateException if one is not available, for example because its task failed; where that is expected,
   *     ask {@link #tasks()} and {@link TaskResult#hasValue()}
   */
  public List<@Nullable Object> values() {
    return tasks.stream().<@Nullable Object>map(TaskResult::value).toList();
  }

  /** Returns a short text: the counts, not the tasks. */
  @Override
  public String toString() {
    return "StageResult[" + Visible.line(id) + ", succeeded=" + succeeded + ", failed=" + failed
        + ", skipped=" + skipped + ", busy=" + busy + "]";
  }
}
