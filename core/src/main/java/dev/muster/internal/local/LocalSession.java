package dev.muster.internal.local;

import com.google.common.collect.ImmutableList;
import dev.muster.error.MusterException;
import dev.muster.execution.Pool;
import dev.muster.plan.PlannedStage;
import dev.muster.plan.Route;
import dev.muster.spi.BackendContext;
import dev.muster.spi.BackendSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** The pools of one run, and the queues in front of them. Thread-safe. */
final class LocalSession implements BackendSession {
  private final Duration grace;
  private final Map<String, LocalPool> pools = new LinkedHashMap<>();
  private final Map<ImmutableList<LocalPool>, Lane> lanes = new LinkedHashMap<>();
  private final IdentityHashMap<Route, Lane> laneOf = new IdentityHashMap<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  LocalSession(BackendContext context, Duration grace) {
    this.grace = grace;
    for (Pool pool : context.pools()) {
      pools.put(pool.name(), new LocalPool(pool, context));
    }
    // A lane for every route that can come, so that nothing changes while workers run.
    for (PlannedStage stage : context.plan().stages()) {
      prepare(stage.route());
      if (stage.stage().retry().escalate() != null) {
        prepare(context.plan().escalationOf(stage));
      }
    }
  }

  private void prepare(Route route) {
    List<LocalPool> serving = new ArrayList<>();
    for (Pool pool : route.pools()) {
      LocalPool local = pools.get(pool.name());
      if (local == null) {
        return; // the route of another session
      }
      serving.add(local);
    }
    Lane lane = lanes.computeIfAbsent(ImmutableList.copyOf(serving), key -> {
      Lane added = new Lane(key);
      key.forEach(pool -> pool.serve(added));
      return added;
    });
    laneOf.put(route, lane);
  }

  @Override
  public void submit(Route route, int attempt, int[] tasks, int count) {
    Lane lane = laneOf.get(route);
    if (lane == null) {
      throw new IllegalArgumentException("no route of this session: " + route);
    }
    ImmutableList<LocalPool> serving = lane.pools();
    if (serving.size() == 1
        && Thread.currentThread() instanceof LocalWorker worker
        && worker.pool() == serving.get(0)) {
      for (int i = count - 1; i >= 0; i--) { // it takes its newest first
        worker.queue().push(LocalWorker.entry(tasks[i], attempt));
      }
    } else {
      lane.add(tasks, count, attempt);
    }
    for (int i = 0; i < serving.size(); i++) {
      serving.get(i).workAdded(count);
    }
  }

  @Override
  public void cancel(int task, int attempt) {
    pools.values().forEach(pool -> pool.cancel(task, attempt));
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    pools.values().forEach(LocalPool::shutDown);
    long deadline = System.nanoTime() + grace.toNanos();
    List<String> left = new ArrayList<>();
    boolean interrupted = false;
    for (LocalPool pool : pools.values()) {
      for (LocalWorker worker : pool.workers()) {
        interrupted |= join(worker, deadline);
        if (worker.isAlive()) {
          left.add(worker.getName());
        }
      }
      pool.reportEnd();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (!left.isEmpty()) {
      throw new MusterException(
          "operations ignore that they were interrupted and still run in the threads " + left
              + " after " + grace.toSeconds() + " s; the threads end with this JVM");
    }
  }

  // Waits out the deadline also if the waiting thread is interrupted: nothing may be left behind.
  private static boolean join(Thread thread, long deadline) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        break;
      }
      try {
        TimeUnit.NANOSECONDS.timedJoin(thread, left);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    return interrupted;
  }
}
