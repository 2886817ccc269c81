package dev.muster.internal.operation;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The Python processes of a run. Each carries out one call at a time and is kept for the next of its kind; there are
 * never more of them than were needed at once. Thread-safe.
 */
final class PythonProcesses implements AutoCloseable {
  private static final Duration TO_FINISH = Duration.ofSeconds(1);

  private final Duration grace;
  private final String run;
  private final Deque<PythonProcess> idle = new ArrayDeque<>();
  private int taken;
  private int most;
  private boolean closed;

  PythonProcesses(Duration grace, String run) {
    this.run = run;
    this.grace = grace;
  }

  /** Takes an idle process of that kind, or starts one. */
  PythonProcess take(PythonProcess.Kind kind) {
    PythonProcess surplus = null;
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException("the run is over");
      }
      taken++;
      most = Math.max(most, taken);
      PythonProcess warm = warm(kind);
      if (warm != null) {
        return warm;
      }
      if (taken + idle.size() > most) {
        surplus = idle.pollLast();
      }
    }
    try {
      if (surplus != null) {
        surplus.finish();
        surplus.awaitEnd(TO_FINISH);
      }
      return PythonProcess.start(kind, grace, run);
    } catch (Throwable e) {
      synchronized (this) {
        taken--;
      }
      throw e;
    }
  }

  private @Nullable PythonProcess warm(PythonProcess.Kind kind) {
    for (Iterator<PythonProcess> all = idle.iterator(); all.hasNext(); ) {
      PythonProcess process = all.next();
      if (!process.ready()) {
        all.remove();
        process.close();
      } else if (process.kind().equals(kind)) {
        all.remove();
        return process;
      }
    }
    return null;
  }

  /** Takes a process back, for another call if it is fit for one. */
  void giveBack(PythonProcess process) {
    synchronized (this) {
      taken--;
      if (!closed && process.ready()) {
        idle.push(process);
        return;
      }
    }
    process.close();
  }

  /** Ends the idle processes. One that is at work ends when it is given back. */
  @Override
  public void close() {
    List<PythonProcess> all;
    synchronized (this) {
      closed = true;
      all = new ArrayList<>(idle);
      idle.clear();
    }
    all.forEach(PythonProcess::finish);
    all.forEach(process -> process.awaitEnd(TO_FINISH));
  }

  /** Returns how many wait for a call. */
  synchronized int idle() {
    return idle.size();
  }
}
