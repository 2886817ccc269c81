package dev.muster.internal.engine;

import java.lang.ref.WeakReference;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The {@link ReadyTasks} of each thread that reports to a run. The run holds them and the threads only know them: a
 * thread that lives longer than the run, such as an application's, keeps neither the run nor a class of it.
 * Thread-safe, without locks.
 */
final class ReadyByThread {
  /** More threads than this get theirs anew when the one before is collected. */
  private static final int HELD = 1024;

  @SuppressWarnings("ThreadLocalUsage") // one for each run, so that none outlives it
  private final ThreadLocal<WeakReference<ReadyTasks>> known = new ThreadLocal<>();

  private final ConcurrentLinkedQueue<ReadyTasks> held = new ConcurrentLinkedQueue<>();
  private final AtomicInteger count = new AtomicInteger();

  /** Returns that of the calling thread; it is the same for as long as the caller uses it. */
  ReadyTasks get() {
    WeakReference<ReadyTasks> reference = known.get();
    ReadyTasks ready = reference == null ? null : reference.get();
    return ready != null ? ready : make();
  }

  private ReadyTasks make() {
    ReadyTasks ready = new ReadyTasks();
    if (count.getAndIncrement() < HELD) {
      held.add(ready);
    }
    known.set(new WeakReference<>(ready));
    return ready;
  }
}
