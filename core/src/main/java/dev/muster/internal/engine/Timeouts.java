package dev.muster.internal.engine;

import dev.muster.plan.Plan;
import dev.muster.plan.PlannedStage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Finds attempts that are out of time. All tasks of a stage have the same time, so they run out of it in the order in
 * which they started: a queue and a single timer for each stage that has a timeout. Thread-safe.
 */
final class Timeouts {
  /** Takes what is out of time. */
  interface Expiry {
    void outOfTime(int task, int attempt, Duration timeout);
  }

  private final FlowControl control;
  private final TaskStates states;
  private final Expiry expiry;
  private final @Nullable Started[] ofStage;

  Timeouts(Plan plan, FlowControl control, TaskStates states, Expiry expiry) {
    this.control = control;
    this.states = states;
    this.expiry = expiry;
    ofStage = new Started[plan.stages().size()];
    for (PlannedStage stage : plan.stages()) {
      Duration timeout = stage.stage().timeout();
      if (timeout != null) {
        ofStage[stage.index()] = new Started(timeout);
      }
    }
  }

  /** Watches an attempt that has just started, if its stage has a timeout. */
  void watch(PlannedStage stage, int task, int attempt) {
    Started started = ofStage[stage.index()];
    if (started != null && started.add(task, attempt)) {
      control.at(control.nanoTime() + started.timeoutNanos, () -> sweep(started));
    }
  }

  private void sweep(Started started) {
    List<int[]> late = new ArrayList<>();
    if (started.removeLate(late)) {
      control.at(started.next(), () -> sweep(started));
    }
    for (int[] each : late) {
      expiry.outOfTime(each[0], each[1], started.timeout);
    }
  }

  /** The attempts of one stage that have started, in that order; those at the head that are over are dropped. */
  private final class Started {
    private final Duration timeout;
    private final long timeoutNanos;
    private long[] attempts = new long[16];
    private long[] times = new long[16];
    private int head;
    private int size;
    private boolean timed;

    Started(Duration timeout) {
      this.timeout = timeout;
      this.timeoutNanos = TimeUnit.NANOSECONDS.convert(timeout);
    }

    /** Returns whether a timer is needed. */
    synchronized boolean add(int task, int attempt) {
      while (size > 0 && !headIsCurrent()) {
        drop();
      }
      if (size == attempts.length) {
        grow();
      }
      int end = (head + size) & (attempts.length - 1);
      attempts[end] = (long) attempt << 32 | task;
      times[end] = control.nanoTime();
      size++;
      boolean first = !timed;
      timed = true;
      return first;
    }

    /**
     * Moves what is out of time to {@code late}; returns whether others are left, of which one is so at {@link #next}.
     */
    synchronized boolean removeLate(List<int[]> late) {
      while (size > 0) {
        if (headIsCurrent()) {
          if (timeoutNanos - (control.nanoTime() - times[head]) > 0) {
            return true;
          }
          late.add(new int[] {(int) attempts[head], (int) (attempts[head] >>> 32)});
        }
        drop();
      }
      timed = false;
      return false;
    }

    /** Returns when the attempt that started first is out of time. */
    synchronized long next() {
      return times[head] + timeoutNanos;
    }

    private boolean headIsCurrent() {
      return states.isCurrent((int) attempts[head], (int) (attempts[head] >>> 32));
    }

    private void drop() {
      head = (head + 1) & (attempts.length - 1);
      size--;
    }

    private void grow() {
      attempts = unrolled(attempts);
      times = unrolled(times);
      head = 0;
    }

    private long[] unrolled(long[] ring) {
      long[] larger = Arrays.copyOfRange(ring, head, head + ring.length * 2);
      System.arraycopy(ring, 0, larger, ring.length - head, head);
      return larger;
    }
  }
}
