package dev.muster.internal.local;

import dev.muster.execution.Pool;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The worker threads of one pool: one for each slot of each worker, started when there is work for them, and shared by
 * the runs that are there.
 *
 * <p>A worker that becomes free goes to the run that has ready tasks and, among those of the highest priority, the
 * fewest workers for its weight; where these are equal, to the one whose tasks have taken the least time for its
 * weight. As long as there is more than one run, a worker looks for the next one after each task that ends later than
 * {@link #TURN_NANOS} after it came. Thread-safe.
 */
final class SharedPool {
  /** How long a worker stays with a run while there are others, whatever number of tasks it carries out. */
  static final long TURN_NANOS = 2_000_000;

  /** How much time a run that had nothing to do is ahead of the others at most. */
  private static final long CREDIT_NANOS = 100_000_000;

  private final Pool pool;
  private final String owner;
  private final boolean ofOneRun;
  private final int capacity;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition someLeft = lock.newCondition();
  private volatile LocalWorker[] workers = {};
  private volatile LocalPool[] runs = {};
  private volatile boolean contended;
  private volatile int sleepers;
  private volatile boolean closed;
  private long clock; // the time used by the run that was chosen last

  /**
   * @param owner the id of the run or the site that it belongs to, for names of threads
   */
  SharedPool(Pool pool, String owner, boolean ofOneRun) {
    this.pool = pool;
    this.owner = owner;
    this.ofOneRun = ofOneRun;
    this.capacity = pool.capacity();
  }

  Pool pool() {
    return pool;
  }

  String owner() {
    return owner;
  }

  /** Tells whether only one run will ever be here. */
  boolean ofOneRun() {
    return ofOneRun;
  }

  int capacity() {
    return capacity;
  }

  boolean closed() {
    return closed;
  }

  /** Tells whether there is more than one run. */
  boolean contended() {
    return contended;
  }

  /** Lets a run in. */
  void join(LocalPool run) {
    lock.lock();
    try {
      LocalPool[] more = Arrays.copyOf(runs, runs.length + 1);
      more[runs.length] = run;
      runs = more;
      contended = more.length > 1;
    } finally {
      lock.unlock();
    }
  }

  /** Takes a run that was closed from the list; those who sleep forget it. */
  void left(LocalPool run) {
    lock.lock();
    try {
      List<LocalPool> others = new ArrayList<>(Arrays.asList(runs));
      if (others.remove(run)) {
        runs = others.toArray(LocalPool[]::new);
        contended = others.size() > 1;
      }
      work.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until no worker is in a run that was closed; returns those that are when the time is over. */
  List<LocalWorker> awaitLeft(LocalPool run, long deadline) {
    boolean interrupted = false;
    lock.lock();
    try {
      long nanos = deadline - System.nanoTime();
      while (run.serving() > 0 && nanos > 0) {
        try {
          nanos = someLeft.awaitNanos(nanos);
        } catch (InterruptedException e) { // nothing may be left behind
          interrupted = true;
        }
        nanos = deadline - System.nanoTime();
      }
      return run.serving() == 0
          ? List.of()
          : Arrays.stream(workers).filter(worker -> worker.at() == run).toList();
    } finally {
      lock.unlock();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
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
        new LocalWorker(this, name, slots == 1 ? name : name + "." + number % slots, number);
    LocalWorker[] more = Arrays.copyOf(workers, number + 1);
    more[number] = worker;
    workers = more;
    worker.start();
  }

  /**
   * Says which run a worker goes to next. Sleeps until there may be work.
   *
   * @param worker the calling thread
   * @param last the run where it was, or null
   * @param took how long, in nanoseconds
   * @return null if the worker is to forget where it was, and to ask again unless the pool is closed
   */
  @Nullable
  LocalPool next(LocalWorker worker, @Nullable LocalPool last, long took) {
    lock.lock();
    try {
      if (last != null) {
        worker.at(null);
        last.leave(took);
        if (last.closed()) {
          someLeft.signalAll();
        }
      }
      while (!closed) {
        LocalPool chosen = choose();
        if (chosen != null) {
          clock = Math.max(clock, chosen.used());
          worker.at(chosen);
          chosen.enter();
          return chosen;
        }
        if (isOver(last)) {
          return null;
        }
        sleep(last);
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  private static boolean isOver(@Nullable LocalPool run) {
    return run != null && run.closed();
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // written under the lock only
  private void sleep(@Nullable LocalPool last) {
    sleepers++;
    try {
      VarHandle.fullFence();
      while (!closed && !isOver(last) && choose() == null) {
        work.awaitUninterruptibly();
      }
    } finally {
      sleepers--;
    }
  }

  private @Nullable LocalPool choose() {
    LocalPool best = null;
    for (LocalPool run : runs) {
      if (run.hasWork()) {
        run.atLeast(clock - CREDIT_NANOS);
        if (best == null || before(run, best)) {
          best = run;
        }
      }
    }
    return best;
  }

  private static boolean before(LocalPool run, LocalPool other) {
    int priority = run.share().priority();
    int otherPriority = other.share().priority();
    if (priority != otherPriority) {
      return priority > otherPriority;
    }
    // With the worker that comes: of equal runs each has one before any has two.
    long workers = (run.serving() + 1L) * other.share().weight();
    long otherWorkers = (other.serving() + 1L) * run.share().weight();
    return workers == otherWorkers ? run.used() < other.used() : workers < otherWorkers;
  }

  /** Tells all workers to end; every run has left before. */
  void shutDown() {
    lock.lock();
    try {
      closed = true;
      work.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the end of the workers' threads, also if the calling thread is interrupted; returns those that live. */
  List<LocalWorker> awaitEnd(long deadline) {
    boolean interrupted = false;
    List<LocalWorker> left = new ArrayList<>();
    for (LocalWorker worker : workers) {
      while (worker.isAlive()) {
        long nanos = deadline - System.nanoTime();
        if (nanos <= 0) {
          left.add(worker);
          break;
        }
        try {
          TimeUnit.NANOSECONDS.timedJoin(worker, nanos);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return left;
  }
}
