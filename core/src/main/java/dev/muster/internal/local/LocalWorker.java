package dev.muster.internal.local;

import dev.muster.internal.operation.GroupBody;
import dev.muster.internal.thread.RunThreads;
import dev.muster.spi.TaskBody;
import dev.muster.spi.TaskSink;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.slf4j.MDC;

/**
 * One slot of a local worker: a thread that carries out one attempt after another.
 *
 * <p>An attempt is packed in a number: the task in the lower half, the number of the attempt in the upper.
 */
final class LocalWorker extends Thread {
  private static final VarHandle CURRENT;

  static {
    try {
      CURRENT = MethodHandles.lookup().findVarHandle(LocalWorker.class, "current", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static final long NONE = -1;
  private static final long INTERRUPTING = -2;
  private static final long INTERRUPTED = -3;

  private final LocalPool pool;
  private final String worker;
  private final int number;
  private final StealingQueue queue = new StealingQueue();

  /** The attempt that runs, or one of the states above: only an attempt that is still current is interrupted. */
  private volatile long current = NONE;

  LocalWorker(LocalPool pool, String worker, String thread) {
    super(RunThreads.name(thread, pool.context().runId()));
    this.pool = pool;
    this.worker = worker;
    this.number = pool.workers().length;
    setDaemon(true);
  }

  static long entry(int task, int attempt) {
    return (long) attempt << 32 | task;
  }

  LocalPool pool() {
    return pool;
  }

  String worker() {
    return worker;
  }

  int number() {
    return number;
  }

  StealingQueue queue() {
    return queue;
  }

  @Override
  public void run() {
    TaskSink sink = pool.context().sink();
    MDC.put("muster.run", pool.context().runId());
    MDC.put("muster.worker", worker);
    try {
      work(pool.context().body(pool.name(), worker), sink);
    } catch (Throwable e) { // a defect: without this worker the run might wait for ever
      sink.broken(e);
    }
  }

  private void work(TaskBody body, TaskSink sink) {
    LocalGroup groups =
        body instanceof GroupBody some && some.groups() ? new LocalGroup(this, some, sink) : null;
    while (!pool.closed()) {
      long entry = queue.pop();
      if (entry == StealingQueue.EMPTY) {
        entry = pool.find(this);
      }
      if (entry == StealingQueue.EMPTY) {
        pool.sleep();
      } else if (groups == null || !groups.carryOut(entry)) {
        carryOut((int) entry, (int) (entry >>> 32), body, sink);
      }
    }
  }

  private void carryOut(int task, int attempt, TaskBody body, TaskSink sink) {
    long entry = entry(task, attempt);
    if (!begin(entry, sink)) {
      return;
    }
    Object output = null;
    Throwable error = null;
    try {
      output = body.run(task, attempt);
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
    if (pool.closed() || !sink.started((int) entry, (int) (entry >>> 32), pool.name(), worker)) {
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
    if (isInterrupted()) {
      Thread.interrupted();
    }
  }

  void cancel(int task, int attempt) {
    interruptIf(entry(task, attempt));
  }

  void cancelCurrent() {
    long entry = current;
    if (entry >= 0) {
      interruptIf(entry);
    }
  }

  private void interruptIf(long entry) {
    if (CURRENT.compareAndSet(this, entry, INTERRUPTING)) {
      interrupt();
      current = INTERRUPTED;
    }
  }
}
