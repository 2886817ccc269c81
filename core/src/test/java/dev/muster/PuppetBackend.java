package dev.muster;

import dev.muster.plan.Route;
import dev.muster.spi.Backend;
import dev.muster.spi.BackendContext;
import dev.muster.spi.BackendSession;
import dev.muster.spi.TaskSink;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A backend that does nothing but remember; the test reports in its place. */
final class PuppetBackend implements Backend {
  final List<Submitted> submitted = new CopyOnWriteArrayList<>();
  final List<Submitted> cancelled = new CopyOnWriteArrayList<>();
  final AtomicInteger opened = new AtomicInteger();
  final AtomicInteger closed = new AtomicInteger();
  private final String name;
  private final boolean pipelines;
  private volatile BackendContext context;

  PuppetBackend(String name) {
    this(name, false);
  }

  /** Makes one that takes tasks before their inputs are there, or not. */
  PuppetBackend(String name, boolean pipelines) {
    this.name = name;
    this.pipelines = pipelines;
  }

  record Submitted(int task, int attempt) {}

  @Override
  public String name() {
    return name;
  }

  BackendContext context() {
    return context;
  }

  TaskSink sink() {
    return context.sink();
  }

  /** Starts an attempt and ends it well. */
  void succeed(int task, int attempt, Object value) {
    sink().started(task, attempt, context.pools().get(0).name(), name + "-0");
    sink().succeeded(task, attempt, value);
  }

  @Override
  public BackendSession open(BackendContext given) {
    context = given;
    opened.incrementAndGet();
    return new BackendSession() {
      @Override
      public boolean pipelines() {
        return pipelines;
      }

      @Override
      public void submit(Route route, int attempt, int[] tasks, int count) {
        for (int i = 0; i < count; i++) {
          submitted.add(new Submitted(tasks[i], attempt));
        }
      }

      @Override
      public void cancel(int task, int attempt) {
        cancelled.add(new Submitted(task, attempt));
      }

      @Override
      public void close() {
        closed.incrementAndGet();
      }
    };
  }
}
