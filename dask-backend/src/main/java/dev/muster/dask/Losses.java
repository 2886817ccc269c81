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
 * <p>A worker that ran out of memory with one task at hand tells of the task; with several, nobody can say which it
 * was, and each is tried again alone.
 */
final class Losses {
  private final TaskSink sink;
  private final Map<String, List<Loss>> byWorker = new HashMap<>();

  private final Set<String> fresh = new LinkedHashSet<>();

  /** ran: whether the worker had it at hand; else only what it was to read. */
  private record Loss(int task, int attempt, String message, boolean ran) {}

  Losses(TaskSink sink) {
    this.sink = sink;
  }

  /** Takes a task that the worker had at hand. */
  synchronized void add(String worker, int task, int attempt, String message) {
    add(worker, new Loss(task, attempt, message, true));
  }

  /** Takes a task that never ran: the worker had what it was to read. */
  synchronized void addReader(String worker, int task, int attempt, String message) {
    add(worker, new Loss(task, attempt, message, false));
  }

  private void add(String worker, Loss loss) {
    byWorker.computeIfAbsent(worker, absent -> new ArrayList<>()).add(loss);
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
    // With several tasks at hand, nobody can say whose exit code it is, or whose memory.
    boolean alone = losses.stream().filter(Loss::ran).count() == 1;
    String how = end == null ? "" : "; its job " + end.text() + end.log().get();
    for (Loss loss : losses) {
      FailureKind kind = end == null ? FailureKind.WORKER_LOST : end.kind();
      boolean own = alone && loss.ran();
      if (kind == FailureKind.OUT_OF_MEMORY && !own) {
        kind = FailureKind.WORKER_LOST;
      }
      Integer exitCode = end == null || !own ? null : end.exitCode();
      sink.failed(
          loss.task(), loss.attempt(), TaskFailure.of(kind, loss.message() + how, exitCode));
    }
  }
}
