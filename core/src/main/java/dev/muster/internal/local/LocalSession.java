package dev.muster.internal.local;

import com.google.common.collect.ImmutableList;
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
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** What one run has in its pools, and the queues in front of them. Thread-safe. */
final class LocalSession implements BackendSession {
  private final Duration grace;
  private final @Nullable LocalSite own;
  private final Map<String, LocalPool> pools = new LinkedHashMap<>();
  private final Map<ImmutableList<LocalPool>, Lane> lanes = new LinkedHashMap<>();
  private final IdentityHashMap<Route, Lane> laneOf = new IdentityHashMap<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * @param own the site, if it is there for this run alone: it is closed with the run
   */
  LocalSession(
      BackendContext context, List<SharedPool> shared, Duration grace, @Nullable LocalSite own) {
    this.grace = grace;
    this.own = own;
    for (SharedPool pool : shared) {
      pools.put(pool.pool().name(), new LocalPool(pool, context));
    }
    // A lane for every route that can come, so that nothing changes while workers run.
    for (PlannedStage stage : context.plan().stages()) {
      prepare(stage.route());
      if (stage.stage().retry().escalate() != null) {
        prepare(context.plan().escalationOf(stage));
      }
    }
    pools.values().forEach(LocalPool::join);
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
    Seat seat = Thread.currentThread() instanceof LocalWorker worker ? worker.seat() : null;
    if (seat != null && serving.size() == 1 && seat.pool() == serving.get(0)) {
      for (int i = count - 1; i >= 0; i--) { // it takes its newest first
        seat.queue().push(Seat.entry(tasks[i], attempt));
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
    for (LocalPool pool : pools.values()) {
      List<LocalWorker> busy = pool.awaitLeft(deadline);
      busy.forEach(worker -> left.add(worker.getName()));
      pool.reportEnd(busy);
    }
    if (own != null) {
      List<String> alive = own.close(deadline);
      alive.stream().filter(name -> !left.contains(name)).forEach(left::add);
    }
    if (!left.isEmpty()) {
      throw LocalSite.stillRunning(
          left,
          grace,
          own == null
              ? "each keeps its slot of the site until it ends"
              : "the threads end with this JVM");
    }
  }
}
