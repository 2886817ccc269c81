package dev.muster.dask;

import dev.muster.error.MusterException;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.plan.Route;
import dev.muster.spi.BackendContext;
import dev.muster.spi.BackendSession;
import dev.muster.spi.TaskSink;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A run's way to Dask: hands tasks to the bridge, and the bridge's reports to the engine. Thread-safe. */
final class DaskSession implements BackendSession {
  private final Plan plan;
  private final Bridge bridge;
  private final WorkerPools pools;
  private final Path work;
  private final TaskSink sink;
  private final TaskMessages messages;
  private final Losses losses;
  private final BridgeReports reports;
  private boolean closed;

  /**
   * @param work the folder of the bridge and the workers, which goes with the session
   */
  DaskSession(
      BackendContext context, StageTable table, Bridge bridge, WorkerPools pools, Path work) {
    this.work = work;
    this.plan = context.plan();
    this.bridge = bridge;
    this.pools = pools;
    this.sink = context.sink();
    this.messages = new TaskMessages(context, table, bridge);
    this.losses = new Losses(sink);
    this.reports = new BridgeReports(context, table, sink, pools, losses, bridge::release);
  }

  @Override
  public boolean pipelines() {
    return true;
  }

  @Override
  public void submit(Route route, int attempt, int[] tasks, int count) {
    int from = 0;
    while (from < count) {
      PlannedStage stage = plan.stageOf(tasks[from]);
      int to = from + 1;
      while (to < count && plan.stageIndexOf(tasks[to]) == stage.index()) {
        to++;
      }
      Map<Integer, MusterException> refused;
      synchronized (this) {
        if (closed) {
          return;
        }
        refused = messages.submit(stage, route, attempt, tasks, from, to);
      }
      refused.forEach((task, error) -> sink.failed(task, attempt, error));
      from = to;
    }
  }

  @Override
  public void cancel(int task, int attempt) {
    bridge.send(Map.of("op", "cancel", "tasks", List.of(List.of(task, attempt))));
  }

  // What the bridge says

  /**
   * Takes a message. Called by one thread at a time.
   *
   * @throws IllegalArgumentException if it cannot be understood
   */
  void message(Map<String, @Nullable Object> message) {
    String kind = String.valueOf(message.get("ev"));
    switch (kind) {
      case "reports" -> {
        for (Object each : Said.list(message.get("workers"), 0)) {
          reports.take(each);
        }
        for (String worker : losses.fresh()) {
          pools.ended(worker, end -> losses.tell(worker, end));
        }
      }
      case "worker" ->
        worker(
            Said.text(message.get("pool")),
            Said.text(message.get("name")),
            Boolean.TRUE.equals(message.get("up")));
      case "want" -> pools.want(Said.text(message.get("pool")), Said.small(message.get("workers")));
      case "error" -> sink.broken(new MusterException(String.valueOf(message.get("message"))));
      default -> throw new IllegalArgumentException("unknown message " + kind);
    }
  }

  private void worker(String pool, String name, boolean up) {
    if (up) {
      pools.came(pool, name);
      sink.workerStarted(pool, name);
    } else {
      pools.went(pool, name);
      sink.workerEnded(pool, name, null);
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    Teardown.all(pools::closing, bridge::close, pools::close, () -> PythonFiles.delete(work));
  }
}
