package dev.muster.internal.local;

import dev.muster.internal.operation.GroupBody;
import dev.muster.spi.TaskBody;
import dev.muster.spi.TaskSink;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The place of a worker's slot in one run: the attempts that it has taken there, and the one that it carries out. Its
 * thread changes between the seats that it has in several runs.
 *
 * <p>An attempt is packed in a number: the task in the lower half, the number of the attempt in the upper. Used by the
 * worker's thread, unless said otherwise.
 */
final class Seat {
  private static final VarHandle CURRENT;

  static {
    try {
      CURRENT = MethodHandles.lookup().findVarHandle(Seat.class, "current", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static final long NONE = -1;
  private static final long INTERRUPTING = -2;
  private static final long INTERRUPTED = -3;

  private final LocalPool pool;
  private final LocalWorker worker;
  private final StealingQueue queue = new StealingQueue();
  private @Nullable TaskBody body;
  private @Nullable LocalGroup groups;

  /** The attempt that runs, or one of the states above: only an attempt that is still current is interrupted. */
  private volatile long current = NONE;

  Seat(LocalPool pool, LocalWorker worker) {
    this.pool = pool;
    this.worker = worker;
  }

  static long entry(int task, int attempt) {
    return (long) attempt << 32 | task;
  }

  LocalPool pool() {
    return pool;
  }

  LocalWorker worker() {
    return worker;
  }

  /** Returns the attempts that the slot has taken in this run; others may steal from there. Thread-safe. */
  StealingQueue queue() {
    return queue;
  }

  /** Gets what it needs to carry out tasks; does nothing the second time. */
  void prepare() {
    if (body == null) {
      TaskBody made = pool.context().body(pool.name(), worker.worker());
      if (made instanceof GroupBody some && some.groups()) {
        groups = new LocalGroup(this, some, pool.context().sink());
      }
      body = made;
    }
  }

  /** Carries out an attempt, and others with it where that is worth it. */
  void carryOut(long entry) {
    TaskBody made = body;
    if (made == null) {
      throw new IllegalStateException("the seat is not prepared");
    }
    if (groups == null || !groups.carryOut(entry)) {
      carryOut((int) entry, (int) (entry >>> 32), made, pool.context().sink());
    }
  }

  private void carryOut(int task, int attempt, TaskBody made, TaskSink sink) {
    long entry = entry(task, attempt);
    if (!begin(entry, sink)) {
      return;
    }
    Object output = null;
    Throwable error = null;
    try {
      output = made.run(task, attempt);
    } catch (Throwable e) { // whatever user code throws, also a full stack, is its task's failure
      error = e;
    }
    leave(entry);
    if (error == null) {
      sink.succeeded(task, attempt, output);
    } else {
      sink.failed(task, attempt, error);
    }
  }

  /** Begins with an attempt; returns false if it is over. */
  boolean begin(long entry, TaskSink sink) {
    // Before started() and closed(): who cancels or closes marks that first, then looks here.
    CURRENT.setVolatile(this, entry);
    if (pool.closed()
        || !sink.started((int) entry, (int) (entry >>> 32), pool.name(), worker.worker())) {
      leave(entry);
      return false;
    }
    return true;
  }

  // After this no interrupt meant for the attempt can arrive, and none that arrived is left over.
  void leave(long entry) {
    if (!CURRENT.compareAndSet(this, entry, NONE)) {
      while (current != INTERRUPTED) {
        Thread.onSpinWait();
      }
      current = NONE;
    }
    if (worker.isInterrupted()) {
      Thread.interrupted();
    }
  }

  /** Interrupts an attempt if it runs here. Thread-safe. */
  void cancel(int task, int attempt) {
    interruptIf(entry(task, attempt));
  }

  /** Interrupts what runs here. Thread-safe. */
  void cancelCurrent() {
    long entry = current;
    if (entry >= 0) {
      interruptIf(entry);
    }
  }

  private void interruptIf(long entry) {
    if (CURRENT.compareAndSet(this, entry, INTERRUPTING)) {
      worker.interrupt();
      current = INTERRUPTED;
    }
  }
}
