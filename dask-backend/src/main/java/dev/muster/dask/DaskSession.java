package dev.muster.dask;

import dev.muster.error.MusterException;
import dev.muster.internal.json.Wire;
import dev.muster.plan.Link;
import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import dev.muster.plan.Route;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskException;
import dev.muster.run.TaskFailure;
import dev.muster.spi.BackendContext;
import dev.muster.spi.BackendSession;
import dev.muster.spi.TaskSink;
import dev.muster.workflow.Partition;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A run's way to Dask: hands tasks to the bridge, and the bridge's reports to the engine. Thread-safe. */
final class DaskSession implements BackendSession {
  private final BackendContext context;
  private final Plan plan;
  private final StageTable table;
  private final BridgeProcess bridge;
  private final WorkerPools pools;
  private final Path work;
  private final TaskSink sink;
  private final Losses losses;
  private final BitSet partitionsSent = new BitSet();
  private final BitSet valuesSent = new BitSet();
  private final Map<String, Integer> datasets = new LinkedHashMap<>();
  private boolean closed;

  /**
   * @param work the folder of the bridge and the workers, which goes with the session
   */
  DaskSession(
      BackendContext context,
      StageTable table,
      BridgeProcess bridge,
      WorkerPools pools,
      Path work) {
    this.work = work;
    this.context = context;
    this.plan = context.plan();
    this.table = table;
    this.bridge = bridge;
    this.pools = pools;
    this.sink = context.sink();
    this.losses = new Losses(context.sink());
    for (int i = 0; i < plan.workflow().datasets().size(); i++) {
      datasets.put(plan.workflow().datasets().get(i).name(), i);
    }
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
      submit(stage, route, attempt, Arrays.copyOfRange(tasks, from, to));
      from = to;
    }
  }

  private void submit(PlannedStage stage, Route route, int attempt, int[] tasks) {
    int kept = 0;
    Map<Integer, TaskException> refused = new LinkedHashMap<>();
    synchronized (this) {
      if (closed) {
        return;
      }
      for (int task : tasks) {
        try {
          sendValues(stage, task);
          tasks[kept++] = task;
        } catch (TaskException e) {
          refused.put(task, e);
        }
      }
      if (kept > 0) {
        sendTasks(stage, route, attempt, tasks, kept);
      }
    }
    refused.forEach((task, error) -> sink.failed(task, attempt, error));
  }

  private void sendTasks(PlannedStage stage, Route route, int attempt, int[] tasks, int count) {
    List<int[]> runs = new ArrayList<>();
    List<List<@Nullable Object>> partitions = new ArrayList<>();
    Map<String, Object> dependencies = new LinkedHashMap<>();
    int[] run = {-1, 0, -1};
    for (int i = 0; i < count; i++) {
      int task = tasks[i];
      int place = table.place(stage, task);
      boolean follows = run[1] > 0
          && task == run[0] + run[1]
          && (place < 0 ? run[2] < 0 : run[2] >= 0 && place == run[2] + run[1]);
      if (follows) {
        run[1]++;
      } else {
        run = new int[] {task, 1, place};
        runs.add(run);
      }
      Partition partition = plan.partitionOf(task);
      if (partition != null && !partitionsSent.get(partition.index())) {
        partitionsSent.set(partition.index());
        partitions.add(describe(partition));
      }
      List<@Nullable Object> irregular = irregular(stage, task);
      if (irregular != null) {
        dependencies.put(Integer.toString(task), irregular);
      }
    }
    if (!partitions.isEmpty()) {
      bridge.send(Map.of("op", "partitions", "items", partitions));
    }
    Map<String, Object> message = new LinkedHashMap<>();
    message.put("op", "submit");
    message.put("stage", stage.index());
    message.put("attempt", attempt);
    message.put("route", table.route(route));
    message.put(
        "tasks", runs.stream().map(each -> List.of(each[0], each[1], each[2])).toList());
    if (!dependencies.isEmpty()) {
      message.put("deps", dependencies);
    }
    bridge.send(message);
  }

  private List<@Nullable Object> describe(Partition partition) {
    List<@Nullable Object> described = new ArrayList<>();
    described.add(partition.index());
    described.add(datasets.get(partition.dataset()));
    described.add(partition.files());
    described.add(partition.firstEvent());
    described.add(partition.events());
    return described;
  }

  /** Returns what a task reads, link by link, where that is not the task of the same number; null if it always is. */
  private @Nullable List<@Nullable Object> irregular(PlannedStage stage, int task) {
    List<@Nullable Object> byLink = null;
    int position = 0;
    for (Link link : stage.incoming()) {
      if (link.inputs().isEmpty()) {
        continue;
      }
      if (!link.identity()) {
        if (byLink == null) {
          byLink = new ArrayList<>();
        }
        while (byLink.size() < position) {
          byLink.add(null);
        }
        int first = plan.stages().get(link.producer()).firstTask();
        List<List<Integer>> ranges = new ArrayList<>();
        if (link.dependencyCount(task - stage.firstTask()) > 0) {
          link.dependencies(
              task - stage.firstTask(),
              (from, to) -> ranges.add(List.of(first + from, first + to)));
        }
        byLink.add(ranges);
      }
      position++;
    }
    return byLink;
  }

  /** Sends the outputs that a task reads and that were made elsewhere. */
  private void sendValues(PlannedStage stage, int task) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (Link link : stage.incoming()) {
      if (link.inputs().isEmpty() || table.here(link.producer())) {
        continue;
      }
      int first = plan.stages().get(link.producer()).firstTask();
      int local = task - stage.firstTask();
      if (link.dependencyCount(local) > 0) {
        link.dependencies(local, (from, to) -> {
          for (int producer = first + from; producer < first + to; producer++) {
            if (!valuesSent.get(producer)) {
              String what = "the output of " + plan.nameOf(producer);
              values.put(Integer.toString(producer), Wire.text(context.output(producer), what));
              valuesSent.set(producer);
            }
          }
        });
      }
    }
    if (!values.isEmpty()) {
      bridge.send(Map.of("op", "values", "items", values));
    }
  }

  @Override
  public void cancel(int task, int attempt) {
    bridge.send(Map.of("op", "cancel", "tasks", List.of(List.of(task, attempt))));
  }

  void release(int task) {
    bridge.send(Map.of("op", "release", "tasks", List.of(task)));
  }

  // What the bridge says

  void message(Map<String, @Nullable Object> message) {
    String kind = String.valueOf(message.get("ev"));
    switch (kind) {
      case "reports" -> {
        for (Object each : (List<?>) Objects.requireNonNull(message.get("workers"))) {
          reports((List<?>) each);
        }
        for (String worker : losses.fresh()) {
          pools.ended(worker, end -> losses.tell(worker, end));
        }
      }
      case "worker" ->
        worker(
            String.valueOf(message.get("pool")),
            String.valueOf(message.get("name")),
            Boolean.TRUE.equals(message.get("up")));
      case "want" ->
        pools.want(
            String.valueOf(message.get("pool")), number(message.get("workers")).intValue());
      case "error" -> sink.broken(new MusterException(String.valueOf(message.get("message"))));
      default -> throw new ClassCastException("unknown message " + kind);
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

  /** Reports a failure; that of a worker when it is known how the worker ended. */
  private void failed(@Nullable String worker, int task, List<?> item) {
    FailureKind kind = FailureKind.valueOf(String.valueOf(item.get(5)));
    String message = String.valueOf(item.get(6));
    if (kind == FailureKind.WORKER_LOST && worker != null) {
      losses.add(worker, task, attempt(item), message);
    } else {
      Integer exitCode = item.size() > 7 ? number(item.get(7)).intValue() : null;
      sink.failed(task, attempt(item), TaskFailure.of(kind, message, exitCode));
    }
  }

  private static Number number(@Nullable Object value) {
    return (Number) Objects.requireNonNull(value);
  }

  /**
   * Takes what one worker says: worker, pool and reports. A report starts with its kind, the task and the attempt. Successes without
   * an output are four numbers each, in Base64: task, attempt, start in microseconds and length in nanoseconds.
   */
  private void reports(List<?> said) {
    String worker = said.get(0) instanceof String name ? name : null;
    String pool = String.valueOf(said.get(1));
    if (said.get(2) instanceof String numbers) {
      pools.worked(pool);
      LongBuffer buffer = ByteBuffer.wrap(Base64.getDecoder().decode(numbers))
          .order(ByteOrder.LITTLE_ENDIAN)
          .asLongBuffer();
      while (buffer.remaining() >= 4) {
        int task = (int) buffer.get();
        int attempt = (int) buffer.get();
        sink.started(task, attempt, pool, String.valueOf(worker));
        measured(task, attempt, buffer.get(), buffer.get());
        sink.succeeded(task, attempt, withoutValue(task));
      }
      return;
    }
    for (Object item : (List<?>) said.get(2)) {
      report(worker, pool, (List<?>) item);
    }
  }

  private void report(@Nullable String worker, String pool, List<?> item) {
    int task = number(item.get(1)).intValue();
    switch (String.valueOf(item.get(0))) {
      case "s" -> sink.started(task, attempt(item), pool, String.valueOf(worker));
      case "o" -> {
        ran(worker, pool, task, item);
        pools.worked(pool);
        try {
          sink.succeeded(task, attempt(item), output(task, item));
        } catch (TaskException e) { // what a worker says of one task must not end the run
          sink.failed(task, attempt(item), e);
        }
      }
      case "f" -> {
        ran(worker, pool, task, item);
        if (item.get(3) != null) { // else its worker is gone
          pools.worked(pool);
        }
        failed(worker, task, item);
      }
      case "l" -> sink.log(task, String.valueOf(item.get(2)));
      case "d" -> {
        try {
          sink.diagnostic(
              task, String.valueOf(item.get(2)), Wire.decode(String.valueOf(item.get(3))));
        } catch (TaskException e) {
          sink.log(task, "diagnostic " + item.get(2) + " is left out: " + e.getMessage());
        }
      }
      default -> throw new ClassCastException("unknown report " + item.get(0));
    }
  }

  private static int attempt(List<?> item) {
    return number(item.get(2)).intValue();
  }

  private void ran(@Nullable String worker, String pool, int task, List<?> item) {
    if (worker == null) {
      return;
    }
    sink.started(task, attempt(item), pool, worker);
    if (item.get(3) == null) { // its worker is gone, and cannot say
      return;
    }
    measured(
        task,
        attempt(item),
        number(item.get(3)).longValue(),
        number(item.get(4)).longValue());
  }

  private void measured(int task, int attempt, long micros, long nanos) {
    Instant start = Instant.ofEpochSecond(micros / 1_000_000, micros % 1_000_000 * 1000);
    sink.measured(task, attempt, start, Duration.ofNanos(nanos));
  }

  private @Nullable Object output(int task, List<?> item) {
    Object value = null;
    if (item.size() > 5) {
      if (item.get(5) instanceof String text) {
        value = Wire.decode(text);
      } else if (item.get(7) instanceof String path) {
        value = new StoredValue.Large(Path.of(path), "bytes".equals(item.get(6)));
      }
    }
    return value == null ? withoutValue(task) : new StoredValue(this, task, value, true);
  }

  /** Returns what stands for an output that is null, or stays on its worker. */
  private @Nullable Object withoutValue(int task) {
    int stage = plan.stageIndexOf(task);
    return table.leavesNothing(stage)
        ? null
        : new StoredValue(this, task, null, table.fetched(plan.stages().get(stage)));
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
