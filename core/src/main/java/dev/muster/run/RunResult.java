package dev.muster.run;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a run ended.
 *
 * <p>Immutable and thread-safe.
 *
 * @param status how it ended
 * @param elapsed from start to end
 * @param stages the stages by id, in the author's order
 * @param failures the tasks that failed for good, in the order in which they did, the first 1000
 * @param error why the run as a whole failed where no task did, for example because a backend could not start; or null
 * @param reason why it was cancelled, as {@link Run#cancel(String)} or its deadline says; null otherwise
 * @param directory the run's directory, or null
 * @since 0.1
 */
public record RunResult(
    RunStatus status,
    Duration elapsed,
    Map<String, StageResult> stages,
    List<TaskResult> failures,
    @Nullable Throwable error,
    @Nullable String reason,
    @Nullable Path directory) {
  /** Tells whether every task succeeded. */
  public boolean succeeded() {
    return status == RunStatus.SUCCEEDED;
  }

  /**
   * Returns a stage's result.
   *
   * @throws IllegalArgumentException if there is no stage of that id
   */
  public StageResult stage(String id) {
    StageResult stage = stages.get(id);
    if (stage == null) {
      throw new IllegalArgumentException(
          "the run has no stage " + id + "; it has " + stages.keySet());
    }
    return stage;
  }

  /** Returns a short text: the counts of all stages together, not the stages, and the first failure. */
  @Override
  public String toString() {
    long done = stages.values().stream().mapToLong(StageResult::succeeded).sum();
    long failed = stages.values().stream().mapToLong(StageResult::failed).sum();
    long skipped = stages.values().stream().mapToLong(StageResult::skipped).sum();
    return "RunResult[" + status + " after " + elapsed + ", stages=" + stages.size()
        + ", succeeded=" + done + ", failed=" + failed + ", skipped=" + skipped
        + (failures.isEmpty() ? "" : ", first failure=" + failures.get(0).name())
        + (error == null ? "" : ", error=" + error.getClass().getSimpleName())
        + (reason == null ? "" : ", reason=" + reason)
        + (directory == null ? "" : ", directory=" + directory) + "]";
  }

  /**
   * Returns this result if the run succeeded, or is {@linkplain RunStatus#INCOMPLETE incomplete} in a way that the
   * workflow tolerates.
   *
   * @throws RunFailedException if it failed or was cancelled
   */
  public RunResult orThrowUnlessIncomplete() {
    return status == RunStatus.INCOMPLETE ? this : orThrow();
  }

  /**
   * Returns this result if the run succeeded; see {@link #orThrowUnlessIncomplete()} for one in which parts may be
   * missing.
   *
   * @throws RunFailedException if it did not
   */
  public RunResult orThrow() {
    if (!succeeded()) {
      throw new RunFailedException(this);
    }
    return this;
  }
}
