package dev.muster.run;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened in a run. The journal is made of these.
 *
 * <p>Immutable and thread-safe.
 *
 * @since 0.1
 */
public sealed interface RunEvent {
  /** Returns when it happened. */
  Instant time();

  /** Returns the id of the run, see {@link Run#id()}. */
  String run();

  /**
   * The run began.
   *
   * @param run the run's id
   * @param workflow the workflow's name
   * @param tasks how many tasks the plan has
   */
  record RunStarted(Instant time, String run, String workflow, int tasks) implements RunEvent {}

  /**
   * The run ended; nothing follows.
   *
   * @param message why, where it did not succeed, or null
   */
  record RunFinished(
      Instant time,
      String run,
      RunStatus status,
      Duration elapsed,
      @Nullable String message) implements RunEvent {}

  /** The first task of a stage was handed to its backend. */
  record StageStarted(Instant time, String run, String stage, int tasks) implements RunEvent {}

  /** The last task of a stage ended. */
  record StageFinished(
      Instant time, String run, String stage, int succeeded, int failed, int skipped)
      implements RunEvent {}

  /** A worker began with a task. */
  record TaskStarted(
      Instant time, String run, int task, String name, int attempt, String pool, String worker)
      implements RunEvent {}

  /** A task is done. */
  record TaskSucceeded(
      Instant time,
      String run,
      int task,
      String name,
      int attempt,
      Duration duration,
      Map<String, @Nullable Object> diagnostics)
      implements RunEvent {
    /** Returns the same without diagnostics. */
    public TaskSucceeded withoutDiagnostics() {
      return new TaskSucceeded(time, run, task, name, attempt, duration, Map.of());
    }
  }

  /**
   * An attempt failed.
   *
   * @param retryAfter the wait before the next attempt, or null if there is none
   */
  record TaskFailed(
      Instant time,
      String run,
      int task,
      String name,
      int attempt,
      FailureKind kind,
      String message,
      @Nullable Duration retryAfter)
      implements RunEvent {}

  /** A task will not start: it never did, or it will not be tried again. */
  record TaskSkipped(Instant time, String run, int task, String name, String reason)
      implements RunEvent {}

  /**
   * A task that gathers is about to run without some of the outputs, because the tasks that make them failed for good
   * or could not run, and its stage tolerates it.
   *
   * @param gathered how many outputs it gathers, those that are missing included
   * @param missing how many are missing
   * @param names the tasks that would have made them, the first {@value #NAMED}
   */
  record InputsMissing(
      Instant time,
      String run,
      int task,
      String name,
      int gathered,
      int missing,
      List<String> names)
      implements RunEvent {
    /** How many of the tasks are named. */
    public static final int NAMED = 100;

    public InputsMissing {
      names = List.copyOf(names);
    }
  }

  /** A worker is there. */
  record WorkerStarted(Instant time, String run, String pool, String worker) implements RunEvent {}

  /** A worker is gone. */
  record WorkerEnded(
      Instant time,
      String run,
      String pool,
      String worker,
      @Nullable String reason) implements RunEvent {}

  /** Something to tell the user that belongs to no task, for example a dashboard's address. */
  record Notice(Instant time, String run, String message) implements RunEvent {}
}
