package dev.muster.internal.process;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One attempt to end processes: they are asked to, and killed if they are there after a time. Not thread-safe. */
final class Ending {
  private static final Logger log = LoggerFactory.getLogger(Ending.class);
  private static final Duration AFTER_KILL = Duration.ofSeconds(5);
  private static final long FIRST_PAUSE_NANOS = 1_000_000;
  private static final long LONGEST_PAUSE_NANOS = 20_000_000;

  private final ProcessTable.Kin kin;
  private final long young;
  // Also those that have left their session: they were descendants when the end began.
  private final Set<ProcessHandle> members;
  private boolean interrupted;

  /**
   * Makes one.
   *
   * @param kin what belongs to them, wherever it is
   * @param members the processes that are known
   * @param young a process that started a short while ago and is the first of all that are to be ended; 0 if there is
   *     none
   */
  Ending(ProcessTable.Kin kin, Collection<ProcessHandle> members, long young) {
    this.kin = kin;
    this.members = new LinkedHashSet<>(members);
    this.young = young;
  }

  /** Returns when nothing is left, or when it is of no use; whether the thread was interrupted meanwhile. */
  boolean run(Duration grace) {
    if (!alive().isEmpty()) {
      alive().forEach(ProcessHandle::destroy);
      if (!await(grace, false) && !await(AFTER_KILL, true)) {
        log.warn(
            "processes {} cannot be ended",
            alive().stream().map(ProcessHandle::pid).toList());
      }
    }
    return interrupted;
  }

  private boolean await(Duration limit, boolean kill) {
    long deadline = System.nanoTime() + limit.toNanos();
    long pause = FIRST_PAUSE_NANOS;
    while (true) {
      Set<ProcessHandle> alive = alive();
      if (alive.isEmpty()) {
        return true;
      }
      if (System.nanoTime() - deadline >= 0) {
        return false;
      }
      if (kill) {
        alive.forEach(ProcessHandle::destroyForcibly);
      }
      pause(pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_NANOS);
    }
  }

  private Set<ProcessHandle> alive() {
    members.addAll(found());
    members.removeIf(member -> !ProcessTable.alive(member));
    return members;
  }

  // The end of what started just now costs no look at the whole process table.
  private List<ProcessHandle> found() {
    return young > 0 ? ProcessTable.of(kin, young) : ProcessTable.of(kin);
  }

  private void pause(long nanos) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException e) {
      interrupted = true;
    }
  }
}
