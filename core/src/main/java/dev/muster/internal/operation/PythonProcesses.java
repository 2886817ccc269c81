package dev.muster.internal.operation;

import java.time.Duration;

/** The Python processes as one run sees them: its own, or those of its site. Thread-safe. */
final class PythonProcesses implements AutoCloseable {
  private final Duration grace;
  private final WarmPython all;
  private final boolean own;
  private final long began = System.nanoTime();
  private volatile boolean over;

  /** Makes those of a run that has them to itself. */
  PythonProcesses(Duration grace, String run) {
    this(grace, new WarmPython(run, files -> true), true);
  }

  /** Makes those of a run that shares them with others. */
  PythonProcesses(Duration grace, WarmPython shared) {
    this(grace, shared, false);
  }

  private PythonProcesses(Duration grace, WarmPython all, boolean own) {
    this.grace = grace;
    this.all = all;
    this.own = own;
  }

  /** Takes an idle process of that kind, or starts one. */
  PythonProcess take(PythonProcess.Kind kind) {
    if (over) {
      throw new IllegalStateException("the run is over");
    }
    return all.take(kind, this, grace);
  }

  /** Takes a process back, for another call if it is fit for one. */
  void giveBack(PythonProcess process) {
    all.giveBack(process, this);
  }

  /** Returns when the run began, in terms of {@link System#nanoTime}: what is checked later is fit for it. */
  long began() {
    return began;
  }

  boolean over() {
    return over;
  }

  /** Ends the idle processes, unless others may use them. One that is at work ends when it is given back. */
  @Override
  public void close() {
    over = true;
    if (own) {
      all.close();
    } else {
      all.leave(this);
    }
  }

  /** Returns how many wait for a call. */
  int idle() {
    return all.idle();
  }
}
