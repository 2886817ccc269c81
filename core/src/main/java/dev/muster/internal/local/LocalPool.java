package dev.muster.internal.local;

import dev.muster.execution.Pool;
import dev.muster.spi.BackendContext;
import dev.muster.spi.RunShare;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one run has in a pool: its queues, and the seats of the workers that have served it. The workers belong to the
 * {@link SharedPool}. Thread-safe.
 */
final class LocalPool {
  private final SharedPool shared;
  private final BackendContext context;
  private final RunShare share;
  private final @Nullable ClassLoader loader;
  private final List<Lane> lanes = new ArrayList<>();
  private final Set<String> told = new HashSet<>();
  private volatile @Nullable Seat[] seats = {};
  private volatile boolean closed;

  // Guarded by the lock of the shared pool.
  private int serving;
  private long used;

  LocalPool(SharedPool shared, BackendContext context) {
    this.shared = shared;
    this.context = context;
    this.share = context.share();
    this.loader = Thread.currentThread().getContextClassLoader();
  }

  Pool pool() {
    return shared.pool();
  }

  String name() {
    return pool().name();
  }

  int capacity() {
    return shared.capacity();
  }

  BackendContext context() {
    return context;
  }

  RunShare share() {
    return share;
  }

  /** Returns the context class loader of the run's tasks. */
  @Nullable
  ClassLoader loader() {
    return loader;
  }

  boolean closed() {
    return closed;
  }

  /** Lets the workers in; after all queues were added. */
  void join() {
    shared.join(this);
  }

  /** Adds a queue that this pool serves; before any work is there. */
  void serve(Lane lane) {
    lanes.add(lane);
  }

  /** Makes sure that enough workers look for {@code count} pieces of work that were just added. */
  void workAdded(int count) {
    shared.workAdded(count);
  }

  /** Returns the place of a worker in this run. Called by that worker. */
  Seat seat(LocalWorker worker) {
    synchronized (told) {
      int number = worker.number();
      @Nullable Seat[] all = seats;
      Seat known = number < all.length ? all[number] : null;
      if (known != null) {
        return known;
      }
      Seat made = new Seat(this, worker);
      @Nullable Seat[] more = Arrays.copyOf(all, Math.max(all.length, number + 1));
      more[number] = made;
      if (told.add(worker.worker())) {
        context.sink().workerStarted(name(), worker.worker());
      }
      seats = more;
      return made;
    }
  }

  /** Finds an attempt for a worker whose own queue is empty. */
  long find(Seat seeker) {
    for (Lane lane : lanes) {
      long entry =
          lane.take(seeker.queue(), lane.pools().size() > 1 ? Integer.MAX_VALUE / 2 : capacity());
      if (entry != StealingQueue.EMPTY) {
        if (!lane.isEmpty()) {
          workAdded(1);
        }
        return entry;
      }
    }
    @Nullable Seat[] all = seats;
    int start = seeker.worker().number();
    for (int i = 1; i < all.length; i++) {
      Seat other = all[(start + i) % all.length];
      long entry = other == null ? StealingQueue.EMPTY : other.queue().steal();
      if (entry != StealingQueue.EMPTY) {
        return entry;
      }
    }
    return StealingQueue.EMPTY;
  }

  boolean hasWork() {
    if (closed) {
      return false;
    }
    for (Lane lane : lanes) {
      if (!lane.isEmpty()) {
        return true;
      }
    }
    for (Seat seat : seats) {
      if (seat != null && !seat.queue().isEmpty()) {
        return true;
      }
    }
    return false;
  }

  void cancel(int task, int attempt) {
    for (Seat seat : seats) {
      if (seat != null) {
        seat.cancel(task, attempt);
      }
    }
  }

  /** Says that the run cannot go on here: no worker comes again. */
  void broken(Throwable error) {
    closed = true;
    context.sink().broken(error);
  }

  /** Tells all workers to leave after what they do now, and interrupts that. */
  void shutDown() {
    closed = true;
    lanes.forEach(Lane::clear);
    for (Seat seat : seats) {
      if (seat != null) {
        seat.cancelCurrent();
      }
    }
    shared.left(this);
  }

  /**
   * Waits until no worker is in this run any more.
   *
   * @return the workers that still are when the time is over
   */
  List<LocalWorker> awaitLeft(long deadline) {
    return shared.awaitLeft(this, deadline);
  }

  /** Says that the workers are gone, but for those that are still here. */
  void reportEnd(List<LocalWorker> left) {
    Set<String> gone = new HashSet<>();
    List<String> inOrder = new ArrayList<>();
    left.forEach(worker -> gone.add(worker.worker()));
    for (Seat seat : seats) {
      if (seat != null && gone.add(seat.worker().worker())) {
        inOrder.add(seat.worker().worker());
      }
    }
    inOrder.forEach(worker -> context.sink().workerEnded(name(), worker, null));
  }

  // For the shared pool, which holds its lock

  void enter() {
    serving++;
  }

  void leave(long nanos) {
    serving--;
    used += nanos / share.weight();
  }

  int serving() {
    return serving;
  }

  long used() {
    return used;
  }

  void atLeast(long floor) {
    used = Math.max(used, floor);
  }
}
