package dev.muster.internal.local;

import dev.muster.error.MusterException;
import dev.muster.execution.Pool;
import dev.muster.spi.BackendContext;
import dev.muster.spi.BackendSession;
import dev.muster.spi.BackendSite;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The pools that several runs share, each made for the first run that uses it. Thread-safe. */
final class LocalSite implements BackendSite {
  private final String id;
  private final Duration grace;
  private final boolean ofOneRun;
  private final Map<String, SharedPool> pools = new LinkedHashMap<>();
  private boolean closed;

  /**
   * @param id the id of the run or the site, for names of threads
   * @param grace how long cancelled operations may take to end
   */
  LocalSite(String id, Duration grace, boolean ofOneRun) {
    this.id = id;
    this.grace = grace;
    this.ofOneRun = ofOneRun;
  }

  @Override
  public BackendSession open(BackendContext run) {
    List<SharedPool> used = shared(run.pools());
    run.openOperations();
    return new LocalSession(run, used, grace, ofOneRun ? this : null);
  }

  private synchronized List<SharedPool> shared(List<Pool> wanted) {
    if (closed) {
      throw new MusterException("the site is closed");
    }
    List<SharedPool> used = new ArrayList<>();
    for (Pool pool : wanted) {
      SharedPool known = pools.get(pool.name());
      if (known != null && !known.pool().equals(pool)) {
        throw new MusterException("the pool " + pool.name() + " of the run is " + pool
            + ", and an earlier run of the site has made it as " + known.pool()
            + "; runs of a site share its pools: give what differs another name");
      }
    }
    for (Pool pool : wanted) {
      used.add(pools.computeIfAbsent(pool.name(), absent -> new SharedPool(pool, id, ofOneRun)));
    }
    return used;
  }

  /** {@inheritDoc} Waits for what still runs in the threads, for a while. */
  @Override
  public void close() {
    List<String> left = close(System.nanoTime() + grace.toNanos());
    if (!left.isEmpty()) {
      throw stillRunning(left, grace, "the threads end with this JVM");
    }
  }

  /** Ends the threads; returns the names of those that have not ended by then. */
  List<String> close(long deadline) {
    List<SharedPool> all;
    synchronized (this) {
      closed = true;
      all = List.copyOf(pools.values());
    }
    all.forEach(SharedPool::shutDown);
    List<String> left = new ArrayList<>();
    for (SharedPool pool : all) {
      pool.awaitEnd(deadline).forEach(worker -> left.add(worker.getName()));
    }
    return left;
  }

  static MusterException stillRunning(List<String> threads, Duration grace, String until) {
    return new MusterException(
        "operations ignore that they were interrupted and still run in the threads " + threads
            + " after " + grace.toSeconds() + " s; " + until);
  }
}
