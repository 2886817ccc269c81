package dev.muster.report.internal;

import dev.muster.internal.rundir.RecordedPlan;
import dev.muster.run.RunEvent;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** What happened in a stage. Times are microseconds since the run began. Not thread-safe. */
final class StageHistory {
  /** A task that took long. */
  record Slow(String stage, String task, double seconds, String worker) {}

  private static final int MOST_SLOW = 10;

  final RecordedPlan.Stage stage;
  /** How long tasks took that succeeded, in seconds. */
  final Column durations = new Column();

  private final PriorityQueue<Slow> slowest =
      new PriorityQueue<>(Comparator.comparingDouble(Slow::seconds));

  int running;
  int succeeded;
  int failed;
  int skipped;
  /** How many results were there from before; known when the stage has ended. */
  int reused;

  int retries;
  /** The time of attempts that failed, in microseconds. */
  long lost;
  /** The largest memory that a task had, where that was noted, in bytes. */
  long peak;
  /** When its first task started; negative if none has. */
  long started = -1;
  /** When its last task ended; negative if it has not. */
  long ended = -1;
  /** Why a task was skipped, the first of them. */
  @Nullable
  String skippedBecause;

  StageHistory(RecordedPlan.Stage stage) {
    this.stage = stage;
  }

  void succeeded(RunEvent.TaskSucceeded task, String worker) {
    running--;
    succeeded++;
    double seconds = task.duration().toNanos() / 1e9;
    durations.add(seconds);
    if (slowest.size() < MOST_SLOW || seconds > slowest.element().seconds()) {
      slowest.add(new Slow(stage.id(), task.name(), seconds, worker));
      if (slowest.size() > MOST_SLOW) {
        slowest.remove();
      }
    }
    if (task.diagnostics().get("peak_memory_bytes") instanceof Number bytes) {
      peak = Math.max(peak, bytes.longValue());
    }
  }

  /** Takes the counts that the run itself gives: tasks whose results were there from before have no events. */
  void finished(RunEvent.StageFinished counts, long now) {
    reused = Math.max(0, counts.succeeded() - succeeded);
    succeeded = counts.succeeded();
    failed = counts.failed();
    skipped = counts.skipped();
    running = 0;
    ended = now;
  }

  /** Returns tasks that took longest, in no order. */
  Iterable<Slow> slowest() {
    return slowest;
  }

  int waiting() {
    return Math.max(0, stage.tasks() - running - succeeded - failed - skipped);
  }

  /** Returns a word for how it stands. */
  String state() {
    if (failed > 0) {
      return "failed";
    }
    if (skipped > 0) {
      return "skipped";
    }
    if (waiting() == 0 && running == 0) {
      return "done";
    }
    return started < 0 ? "waiting" : "unfinished";
  }
}
