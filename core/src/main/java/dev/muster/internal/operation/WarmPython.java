package dev.muster.internal.operation;

import dev.muster.internal.thread.RunThreads;
import dev.muster.spi.CodeFiles;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The Python processes of a site, or of one run. Each carries out one call at a time and is kept for the next of its
 * kind; there are never more of them than were needed at once. A run takes one that has served an earlier run only if
 * the files of the code that it has loaded are as they were when the run began. Thread-safe.
 */
public final class WarmPython implements AutoCloseable {
  private static final Duration TO_FINISH = Duration.ofSeconds(1);

  private final String owner;
  private final Predicate<CodeFiles> unchanged;
  private final Deque<PythonProcess> idle = new ArrayDeque<>();
  private int taken;
  private int most;
  private boolean closed;

  /**
   * @param owner the id of the run, or {@link RunThreads#ALL}, for names of threads
   * @param unchanged tells whether code is as it was when it was loaded
   */
  public WarmPython(String owner, Predicate<CodeFiles> unchanged) {
    this.owner = owner;
    this.unchanged = unchanged;
  }

  /** Takes an idle process of that kind, or starts one. */
  PythonProcess take(PythonProcess.Kind kind, PythonProcesses run, Duration grace) {
    synchronized (this) {
      taken++;
      most = Math.max(most, taken);
    }
    try {
      while (true) {
        PythonProcess warm;
        PythonProcess surplus = null;
        synchronized (this) {
          if (closed) {
            throw new IllegalStateException("the run is over");
          }
          warm = warm(kind, run);
          if (warm == null && taken + idle.size() > most) {
            surplus = idle.pollLast();
          }
        }
        if (warm == null) {
          finish(surplus);
          PythonProcess started = PythonProcess.start(kind, grace, owner);
          started.serve(run);
          return started;
        }
        if (isFit(warm, run)) {
          warm.serve(run);
          return warm;
        }
        finish(warm);
      }
    } catch (Throwable e) {
      synchronized (this) {
        taken--;
      }
      throw e;
    }
  }

  private static void finish(@Nullable PythonProcess process) {
    if (process != null) {
      process.finish();
      process.awaitEnd(TO_FINISH);
    }
  }

  /** Tells whether what a process has loaded is what the run would load now. */
  private boolean isFit(PythonProcess process, PythonProcesses run) {
    if (process.checked() - run.began() >= 0) {
      return true;
    }
    long now = System.nanoTime();
    if (!process.toldCode() || !unchanged.test(process.code())) {
      return false;
    }
    process.checked(now);
    return true;
  }

  private @Nullable PythonProcess warm(PythonProcess.Kind kind, PythonProcesses run) {
    PythonProcess other = null;
    for (Iterator<PythonProcess> all = idle.iterator(); all.hasNext(); ) {
      PythonProcess process = all.next();
      if (!process.ready()) {
        all.remove();
        process.close();
      } else if (process.kind().equals(kind)) {
        if (process.serves(run)) {
          all.remove();
          return process;
        }
        other = other == null ? process : other;
      }
    }
    if (other != null) {
      idle.remove(other);
    }
    return other;
  }

  /** Takes a process back, for another call if it is fit for one. */
  void giveBack(PythonProcess process, PythonProcesses run) {
    synchronized (this) {
      taken--;
      if (!closed && !run.over() && process.ready()) {
        idle.push(process);
        return;
      }
    }
    process.close();
  }

  /** Takes from the idle processes what they have of a run that is over. */
  synchronized void leave(PythonProcesses run) {
    for (PythonProcess process : idle) {
      if (process.serves(run)) {
        process.serve(null);
      }
    }
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
