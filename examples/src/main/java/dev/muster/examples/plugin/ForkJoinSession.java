package dev.muster.examples.plugin;

import dev.muster.execution.Pool;
import dev.muster.plan.Route;
import dev.muster.spi.BackendContext;
import dev.muster.spi.BackendSession;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;

/**
 * A run on fork-join pools: one for each pool of the execution, with as many threads as the pool has slots.
 * Thread-safe.
 */
final class ForkJoinSession implements BackendSession {
  private final BackendContext context;
  private final Map<String, ForkJoinPool> pools = new LinkedHashMap<>();
  private final Map<Attempt.Key, Attempt> attempts = new ConcurrentHashMap<>();

  ForkJoinSession(BackendContext context) {
    this.context = context;
    for (Pool pool : context.pools()) {
      pools.put(pool.name(), forkJoinPool(pool));
    }
  }

  private ForkJoinPool forkJoinPool(Pool pool) {
    int threads = pool.capacity();
    return new ForkJoinPool(
        threads,
        forkJoin -> new ForkJoinWorker(forkJoin, context, pool.name()),
        null, // an attempt reports its own failures
        true, // first in, first out
        threads,
        threads, // never more, whatever operations do
        0,
        forkJoin -> true,
        10,
        TimeUnit.SECONDS);
  }

  @Override
  public void submit(Route route, int attempt, int[] tasks, int count) {
    for (int i = 0; i < count; i++) {
      Attempt next = new Attempt(new Attempt.Key(tasks[i], attempt), context.sink(), attempts);
      attempts.put(next.key(), next);
      leastBusy(route).execute(next);
    }
  }

  private ForkJoinPool leastBusy(Route route) {
    return route.pools().stream()
        .map(pool -> Objects.requireNonNull(pools.get(pool.name())))
        .min(Comparator.comparingLong(
            pool -> pool.getQueuedSubmissionCount() + pool.getQueuedTaskCount()))
        .orElseThrow();
  }

  @Override
  public void cancel(int task, int attempt) {
    Attempt running = attempts.get(new Attempt.Key(task, attempt));
    if (running != null) {
      running.cancel();
    }
  }

  @Override
  public void close() {
    pools.values().forEach(ForkJoinPool::shutdownNow);
    attempts.values().forEach(Attempt::cancel);
    boolean interrupted = false;
    for (ForkJoinPool pool : pools.values()) {
      while (!pool.isTerminated()) {
        try {
          pool.awaitTermination(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
          interrupted = true; // closing comes first; the caller learns of it afterwards
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
