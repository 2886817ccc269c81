package dev.muster.dask;

import dev.muster.plan.Plan;
import dev.muster.run.FailureKind;
import dev.muster.run.TaskFailure;
import dev.muster.spi.BackendContext;
import dev.muster.spi.OutputCopy;
import dev.muster.spi.TaskSink;
import dev.muster.value.ValueEncoding;
import dev.muster.value.ValueException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Hands what workers report of tasks to the engine. Called by one thread at a time. */
final class BridgeReports {
  private static final int NUMBERS = 4;

  private final Plan plan;
  private final Fusion fusion;
  private final Copies copies;
  private final TaskSink sink;
  private final WorkerPools pools;
  private final Losses losses;
  private final IntConsumer release;
  private final boolean records;
  private final WorkerFiles files = new WorkerFiles();

  /**
   * @param release takes a task whose output need not be kept on Dask any more
   */
  BridgeReports(
      BackendContext context,
      StageTable table,
      TaskSink sink,
      WorkerPools pools,
      Losses losses,
      IntConsumer release) {
    this.plan = context.plan();
    this.records = context.keepsRecords();
    this.fusion = table.fusion();
    this.copies = table.copies();
    this.sink = sink;
    this.pools = pools;
    this.losses = losses;
    this.release = release;
  }

  /**
   * Takes what one worker says: worker, pool and reports. A report starts with its kind, the task and the attempt.
   * Successes without an output are four numbers each, in Base64: task, attempt, start in microseconds and length in
   * nanoseconds.
   *
   * @throws IllegalArgumentException if it cannot be understood
   */
  void take(@Nullable Object message) {
    List<? extends @Nullable Object> said = Said.list(message, 3);
    String worker = said.get(0) == null ? null : Said.text(said.get(0));
    String pool = String.valueOf(said.get(1)); // there is none where there is no worker
    if (said.get(2) instanceof String numbers) {
      succeeded(Said.text(worker), pool, numbers);
      return;
    }
    for (Object item : Said.list(said.get(2), 0)) {
      report(worker, pool, Said.list(item, 3));
    }
  }

  private void succeeded(String worker, String pool, String numbers) {
    byte[] bytes = Base64.getDecoder().decode(numbers);
    if (bytes.length % (NUMBERS * Long.BYTES) != 0) {
      throw new IllegalArgumentException(
          "expected " + NUMBERS + " numbers for each report, got " + bytes.length + " bytes");
    }
    LongBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
    pools.worked(pool);
    while (buffer.hasRemaining()) {
      int task = Math.toIntExact(buffer.get());
      int attempt = Math.toIntExact(buffer.get());
      sink.started(task, attempt, pool, worker);
      measured(task, attempt, buffer.get(), buffer.get());
      if (records) {
        sink.code(task, files.of(worker));
      }
      sink.succeeded(task, attempt, withoutValue(task, true));
    }
  }

  private void report(@Nullable String worker, String pool, List<? extends @Nullable Object> item) {
    int task = Said.small(item.get(1));
    switch (Said.text(item.get(0))) {
      case "s" -> sink.started(task, Said.small(item.get(2)), pool, Said.text(worker));
      case "o" -> {
        Said.list(item, 5);
        ran(worker, pool, task, item);
        pools.worked(pool);
        if (records) {
          sink.code(task, files.of(Said.text(worker)));
          if (more(item).get("folder") != null) {
            sink.wroteFiles(task);
          }
        }
        try {
          sink.succeeded(task, Said.small(item.get(2)), output(task, item));
        } catch (ValueException e) { // what a worker says of one task must not end the run
          sink.failed(task, Said.small(item.get(2)), e);
        }
      }
      case "f" -> {
        Said.list(item, 7);
        ran(worker, pool, task, item);
        if (item.get(3) != null) { // else its worker is gone
          pools.worked(pool);
        }
        failed(worker, task, item);
      }
      case "w" -> {
        Said.list(item, 4);
        losses.addReader(Said.text(worker), task, Said.small(item.get(2)), Said.text(item.get(3)));
      }
      case "c" -> files.add(Said.text(worker), Said.list(item, 4).get(3));
      case "l" -> sink.log(task, Said.text(item.get(2)));
      case "d" -> {
        Said.list(item, 4);
        diagnostic(task, Said.text(item.get(2)), Said.text(item.get(3)));
      }
      default -> throw new IllegalArgumentException("unknown report " + item.get(0));
    }
  }

  private void diagnostic(int task, String name, String value) {
    try {
      sink.diagnostic(task, name, ValueEncoding.decode(value));
    } catch (ValueException e) {
      sink.log(task, "diagnostic " + name + " is left out: " + e.getMessage());
    }
  }

  /** Reports a failure; that of a worker when it is known how the worker ended. */
  private void failed(@Nullable String worker, int task, List<? extends @Nullable Object> item) {
    FailureKind kind = FailureKind.valueOf(Said.text(item.get(5)));
    String message = Said.text(item.get(6));
    int attempt = Said.small(item.get(2));
    if (kind == FailureKind.WORKER_LOST && worker != null) {
      losses.add(worker, task, attempt, message);
    } else {
      Integer exitCode = item.size() > 7 ? Said.small(item.get(7)) : null;
      sink.failed(task, attempt, TaskFailure.of(kind, message, exitCode));
    }
  }

  private void ran(
      @Nullable String worker, String pool, int task, List<? extends @Nullable Object> item) {
    if (worker == null) {
      return;
    }
    int attempt = Said.small(item.get(2));
    sink.started(task, attempt, pool, worker);
    if (item.get(3) != null) { // else its worker is gone, and cannot say
      measured(task, attempt, Said.number(item.get(3)), Said.number(item.get(4)));
    }
  }

  private void measured(int task, int attempt, long micros, long nanos) {
    Instant start = Instant.ofEpochSecond(micros / 1_000_000, micros % 1_000_000 * 1000);
    sink.measured(task, attempt, start, Duration.ofNanos(nanos));
  }

  /** Returns what a report of success says besides. */
  private static Map<?, ?> more(List<? extends @Nullable Object> item) {
    return item.size() > 8 && item.get(8) instanceof Map<?, ?> map ? map : Map.of();
  }

  private @Nullable Object output(int task, List<? extends @Nullable Object> item) {
    Object value = null;
    OutputCopy copy = null;
    if (item.size() > 5) {
      if (item.get(5) instanceof String text) {
        value = ValueEncoding.decode(text);
        copy = OutputCopy.of(value);
      } else if (Said.list(item, 8).get(7) instanceof String path) {
        boolean bytes = "bytes".equals(item.get(6));
        value = new StoredValue.Large(Path.of(path), bytes);
        copy = inFile(Path.of(path), bytes, more(item).get("names"));
      }
    }
    if (value == null) {
      return withoutValue(task, item.size() <= 6 || !"unkept".equals(item.get(6)));
    }
    boolean fetched = fusion.fetched(plan.stageOf(task));
    return new StoredValue(release, task, fetched ? value : null, fetched, records ? copy : null);
  }

  /** Returns the copy that a file is; null if it is not known which other files belong to it. */
  private static @Nullable OutputCopy inFile(Path file, boolean bytes, @Nullable Object names) {
    if (!bytes && !(names instanceof List<?>)) {
      return null;
    }
    List<Path> named = names instanceof List<?> list
        ? list.stream().map(each -> Path.of(String.valueOf(each))).toList()
        : List.of();
    return new OutputCopy(null, file, bytes, named);
  }

  /**
   * Returns what stands for an output that is null, or stays on its worker.
   *
   * @param told whether the worker would have told of a copy if there were one to be had and it were not null
   */
  private @Nullable Object withoutValue(int task, boolean told) {
    int stage = plan.stageIndexOf(task);
    if (fusion.leavesNothing(stage)) {
      return null;
    }
    boolean fetched = fusion.fetched(plan.stages().get(stage));
    boolean isNull = told && (fetched || copies.of(plan.stages().get(stage)) != Copies.Kind.NONE);
    return new StoredValue(
        release, task, null, fetched, isNull && records ? OutputCopy.of(null) : null);
  }
}
