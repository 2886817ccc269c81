package dev.muster.internal.local;

import dev.muster.execution.Pool;
import dev.muster.spi.BackendContext;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The worker threads of one pool: one for each slot of each worker, started when there is work for them. Thread-safe.
 */
final class LocalPool {
  private final Pool pool;
  private final BackendContext context;
  private final int capacity;
  private final List<Lane> lanes = new ArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private volatile LocalWorker[] workers = {};
  private volatile int sleepers;
  private volatile boolean closed;

  LocalPool(Pool pool, BackendContext context) {
    this.pool = pool;
    this.context = context;
    this.capacity = pool.capacity();
  }

  String name() {
    return pool.name();
  }

  int capacity() {
    return capacity;
  }

  BackendContext context() {
    return context;
  }

  boolean closed() {
    return closed;
  }

  /** Adds a queue that this pool serves; before any work is there. */
  void serve(Lane lane) {
    lanes.add(lane);
  }

  /** Makes sure that enough workers look for {@code count} pieces of work that were just added. */
  void workAdded(int count) {
    VarHandle.fullFence(); // either the sleeper sees the work, or we see the sleeper
    if (sleepers == 0 && workers.length == capacity) {
      return;
    }
    lock.lock();
    try {
      int toWake = Math.min(count, sleepers);
      for (int i = 0; i < toWake; i++) {
        work.signal();
      }
      for (int i = toWake; i < count && workers.length < capacity && !closed; i++) {
        start();
      }
    } finally {
      lock.unlock();
    }
  }

  private void start() {
    int slots = pool.slotsOrDefault();
    int number = workers.length;
    String name = pool.name() + "-" + number / slots;
    LocalWorker worker =
        new LocalWorker(this, name, slots == 1 ? name : name + "." + number % slots);
    LocalWorker[] more = Arrays.copyOf(workers, number + 1);
    more[number] = worker;
    workers = more;
    if (number % slots == 0) {
      context.sink().workerStarted(pool.name(), name);
    }
    worker.start();
  }

  /** Finds an attempt for a worker whose own queue is empty. */
  long find(LocalWorker seeker) {
    for (Lane lane : lanes) {
      long entry =
          lane.take(seeker.queue(), lane.pools().size() > 1 ? Integer.MAX_VALUE / 2 : capacity);
      if (entry != StealingQueue.EMPTY) {
        if (!lane.isEmpty()) {
          workAdded(1);
        }
        return entry;
      }
    }
    LocalWorker[] all = workers;
    int start = seeker.number();
    for (int i = 1; i < all.length; i++) {
      long entry = all[(start + i) % all.length].queue().steal();
      if (entry != StealingQueue.EMPTY) {
        return entry;
      }
    }
    return StealingQueue.EMPTY;
  }

  /** Sleeps until there may be work. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock only
  void sleep() {
    lock.lock();
    try {
      sleepers++;
      try {
        VarHandle.fullFence();
        while (!closed && !hasWork()) {
          work.awaitUninterruptibly();
        }
      } finally {
        sleepers--;
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean hasWork() {
    for (Lane lane : lanes) {
      if (!lane.isEmpty()) {
        return true;
      }
    }
    for (LocalWorker worker : workers) {
      if (!worker.queue().isEmpty()) {
        return true;
      }
    }
    return false;
  }

  void cancel(int task, int attempt) {
    for (LocalWorker worker : workers) {
      worker.cancel(task, attempt);
    }
  }

  /** Tells all workers to end after what they do now, and interrupts that. */
  void shutDown() {
    lock.lock();
    try {
      closed = true;
      lanes.forEach(Lane::clear);
      work.signalAll();
    } finally {
      lock.unlock();
    }
    for (LocalWorker worker : workers) {
      worker.cancelCurrent();
    }
  }

  LocalWorker[] workers() {
    return workers;
  }

  /** Says that the workers are gone, as far as they are. */
  void reportEnd() {
    Set<String> busy = new HashSet<>();
    for (LocalWorker worker : workers) {
      if (worker.isAlive()) {
        busy.add(worker.worker());
      }
    }
    for (LocalWorker worker : workers) {
      if (worker.number() % pool.slotsOrDefault() == 0 && !busy.contains(worker.worker())) {
        context.sink().workerEnded(pool.name(), worker.worker(), null);
      }
    }
  }
}
