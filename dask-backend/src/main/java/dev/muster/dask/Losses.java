package dev.muster.dask;

import dev.muster.run.FailureKind;
import dev.muster.run.TaskFailure;
import dev.muster.spi.TaskSink;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tasks whose worker is gone, until it is known how the worker ended. Thread-safe.
 *
 * <p>A worker that ran out of memory with one task at hand tells of the task; with several, nobody can say which it was, and each is tried again alone.
 */
final class Losses {
  private final TaskSink sink;
  private final Map<String, List<Loss>> byWorker = new HashMap<>();

  private final Set<String> fresh = new LinkedHashSet<>();

  private record Loss(int task, int attempt, String message) {}

  Losses(TaskSink sink) {
    this.sink = sink;
  }

  /** Takes a task. */
  synchronized void add(String worker, int task, int attempt, String message) {
    byWorker
        .computeIfAbsent(worker, absent -> new ArrayList<>())
        .add(new Loss(task, attempt, message));
    fresh.add(worker);
  }

  /** Returns the workers of which tasks were taken since the last call. */
  synchronized List<String> fresh() {
    List<String> workers = List.copyOf(fresh);
    fresh.clear();
    return workers;
  }

  /** Reports the tasks of a worker. */
  void tell(String worker, @Nullable WorkerEnd end) {
    List<Loss> losses;
    synchronized (this) {
      losses = byWorker.remove(worker);
    }
    if (losses == null) {
      return;
    }
    FailureKind kind = end == null ? FailureKind.WORKER_LOST : end.kind();
    if (kind == FailureKind.OUT_OF_MEMORY && losses.size() > 1) {
      kind = FailureKind.WORKER_LOST;
    }
    // With several tasks at hand, nobody can say whose exit code it is.
    Integer exitCode = end == null || losses.size() > 1 ? null : end.exitCode();
    for (Loss loss : losses) {
      String message = end == null ? loss.message() : loss.message() + "; its job " + end.text();
      sink.failed(loss.task(), loss.attempt(), TaskFailure.of(kind, message, exitCode));
    }
  }
}
