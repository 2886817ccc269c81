package dev.muster.internal.process;

import dev.muster.internal.thread.RunThreads;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows the processes that must not outlive this JVM. While there are any, or while somebody holds it, it has a
 * shutdown hook and a {@link Reaper}; otherwise nothing of it is left in the JVM, so that a class loader that loaded it
 * can be collected. Thread-safe.
 */
public final class ProcessGuard {
  private static final Logger log = LoggerFactory.getLogger(ProcessGuard.class);
  private static final ProcessGuard INSTANCE = new ProcessGuard();

  private final Set<ProcessTree> open = new HashSet<>();
  private final Reaper reaper = new Reaper();
  private @Nullable Thread hook;
  private int holds;
  private int starting;
  private int quiet;

  private ProcessGuard() {}

  /** Keeps the reaper from ending and starting again between one process and the next. */
  public static final class Hold implements AutoCloseable {
    private final boolean hook;
    private boolean closed;

    private Hold(boolean hook) {
      this.hook = hook;
    }

    /**
     * Gives the hold back; if it is the last and no process is left, nothing of the guard is left when this returns.
     * Idempotent.
     */
    @Override
    public void close() {
      synchronized (this) {
        if (closed) {
          return;
        }
        closed = true;
      }
      INSTANCE.release(hook);
    }
  }

  /** Takes a hold, for as long as processes may be started. Starts nothing. */
  public static Hold hold() {
    return hold(true);
  }

  /**
   * Takes a hold.
   *
   * @param hook false if somebody else ends the processes when the JVM is asked to end: while there is such a hold the
   *     hook leaves all to the reaper, which ends what is left once the JVM is gone
   */
  public static Hold hold(boolean hook) {
    synchronized (INSTANCE) {
      INSTANCE.holds++;
      INSTANCE.quiet += hook ? 0 : 1;
    }
    return new Hold(hook);
  }

  /** Says that a process is about to start; the guard must be there before. */
  static void expect() {
    INSTANCE.prepare();
  }

  /** Says that it was {@linkplain #add added}, or did not start. */
  static void expected() {
    INSTANCE.prepared();
  }

  static void add(ProcessTree tree) {
    INSTANCE.put(tree);
  }

  static void remove(ProcessTree tree) {
    INSTANCE.drop(tree);
  }

  private void release(boolean hook) {
    Process ending;
    synchronized (this) {
      holds--;
      quiet -= hook ? 0 : 1;
      ending = endIfIdle();
    }
    Reaper.awaitEnd(ending);
  }

  private synchronized void prepare() {
    starting++;
    if (hook == null) {
      hook = addHook(new Thread(this::endAll, RunThreads.name("end-processes", RunThreads.ALL)));
    }
    reaper.expect();
  }

  private synchronized void prepared() {
    starting--;
    Process ending = endIfIdle();
    log.trace("the reaper that ends as no process has started: {}", ending);
  }

  private synchronized void put(ProcessTree tree) {
    open.add(tree);
    reaper.add(tree.process().pid());
  }

  private synchronized void drop(ProcessTree tree) {
    if (open.remove(tree)) {
      reaper.remove(tree.process().pid());
      Process ending = endIfIdle();
      log.trace("the reaper that ends with the last process: {}", ending);
    }
  }

  private void endAll() {
    List<ProcessTree> left;
    synchronized (this) {
      left = quiet > 0 ? List.of() : List.copyOf(open);
    }
    ProcessTree.end(left);
    synchronized (this) {
      if (open.isEmpty()) {
        reaper.leave();
      }
    }
  }

  private @Nullable Process endIfIdle() {
    if (holds > 0 || starting > 0 || !open.isEmpty()) {
      return null;
    }
    removeHook(hook);
    hook = null;
    return reaper.finish();
  }

  private static Thread addHook(Thread hook) {
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      log.debug("the JVM is ending already", e);
    }
    return hook;
  }

  private static void removeHook(@Nullable Thread hook) {
    if (hook == null) {
      return;
    }
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      log.debug("the JVM is ending already", e);
    }
  }
}
