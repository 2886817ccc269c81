package dev.muster.internal.local;

import dev.muster.internal.thread.RunThreads;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * One slot of a local worker: a thread that carries out one attempt after another, of one run or of several in turn.
 */
final class LocalWorker extends Thread {
  private static final String RUN = "muster.run";

  /** After tasks so fast the clock is looked at after a few further ones only: it takes a tenth of their time. */
  private static final long FAST_NANOS = 20_000;

  private static final int FEW = 8;

  private final SharedPool shared;
  private final String worker;
  private final int number;
  private @Nullable Seat seat; // used by this thread alone
  private @Nullable LocalPool at; // guarded by the lock of the shared pool

  LocalWorker(SharedPool shared, String worker, String thread, int number) {
    super(null, null, RunThreads.name(thread, shared.owner()), 0, shared.ofOneRun());
    this.shared = shared;
    this.worker = worker;
    this.number = number;
    setDaemon(true);
  }

  /** Returns the name of the worker, which its slots share. */
  String worker() {
    return worker;
  }

  int number() {
    return number;
  }

  /** Returns where this thread works now, or null. Only for this thread. */
  @Nullable
  Seat seat() {
    return seat;
  }

  /** Returns the run that it serves, or null. For the shared pool, which holds its lock. */
  @Nullable
  LocalPool at() {
    return at;
  }

  void at(@Nullable LocalPool run) {
    at = run;
  }

  @Override
  public void run() {
    MDC.put("muster.worker", worker);
    LocalPool last = null;
    long took = 0;
    while (true) {
      LocalPool next = shared.next(this, last, took);
      if (next != last) {
        change(last, next);
      }
      if (next == null) {
        if (shared.closed()) {
          return;
        }
        took = 0;
        last = null;
        continue;
      }
      long began = System.nanoTime();
      try {
        work(next, began);
      } catch (Throwable e) { // a defect: without this worker the run might wait for ever
        next.broken(e);
      }
      took = System.nanoTime() - began;
      last = next;
    }
  }

  private void change(@Nullable LocalPool last, @Nullable LocalPool next) {
    if (last != null) {
      seat = null; // nothing here keeps a run that is over
      setContextClassLoader(null);
      MDC.remove(RUN);
    }
    if (next != null) {
      setContextClassLoader(next.loader());
      MDC.put(RUN, next.context().runId());
    }
  }

  /** Carries out attempts of a run until it has none, or others are to have their turn. */
  private void work(LocalPool run, long began) {
    if (run.closed()) {
      return;
    }
    Seat here = seat;
    if (here == null) {
      here = run.seat(this);
      seat = here;
    }
    here.prepare();
    long looked = began;
    int unlooked = 0; // tasks until the clock is looked at
    while (!run.closed()) {
      long entry = here.queue().pop();
      if (entry == StealingQueue.EMPTY) {
        entry = run.find(here);
        if (entry == StealingQueue.EMPTY) {
          return;
        }
      }
      here.carryOut(entry);
      if (shared.contended() && --unlooked <= 0) {
        long now = System.nanoTime();
        if (now - began >= SharedPool.TURN_NANOS) {
          return;
        }
        unlooked = now - looked < FAST_NANOS ? FEW : 1;
        looked = now;
      }
    }
  }
}
