package dev.muster.batch.internal.engine;

import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobId;
import dev.muster.error.Visible;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends jobs, also those of submissions of which nobody knows whether they arrived.
 *
 * <p>Such a tag is cancelled at once, once more a while later in case the submission was slow, and at the end.
 * Thread-safe; no lock is held while a command runs.
 */
final class Canceller {
  private static final Logger log = LoggerFactory.getLogger(Canceller.class);
  private static final Duration LATER = Duration.ofSeconds(10);
  private static final int ENOUGH = 2;

  private final BatchDialect dialect;
  private final Commands commands;
  private final Duration limit;
  private final Time time;
  private final List<Doubt> doubts = new ArrayList<>();

  private static final class Doubt {
    final String tag;
    int heard;
    long next;

    Doubt(String tag, long next) {
      this.tag = tag;
      this.next = next;
    }
  }

  Canceller(BatchDialect dialect, Commands commands, Duration limit, Time time) {
    this.dialect = dialect;
    this.commands = commands;
    this.limit = limit;
    this.time = time;
  }

  /** Asks for the end of jobs; returns whether the batch system heard it. */
  boolean jobs(Set<JobId> jobs) throws InterruptedException {
    return run(dialect.cancelCommand(jobs));
  }

  /** Asks for the end of all jobs of a tag; returns whether the batch system heard it. */
  boolean tag(String tag) throws InterruptedException {
    return run(dialect.cancelCommand(tag));
  }

  /** Notes that jobs of this tag may be in the queue though nobody knows their ids. */
  void doubt(String tag) {
    synchronized (doubts) {
      doubts.add(new Doubt(tag, time.nanos()));
    }
  }

  /** Returns the tags of which nobody knows whether they have jobs. */
  List<String> doubtful() {
    synchronized (doubts) {
      return doubts.stream().map(doubt -> doubt.tag).toList();
    }
  }

  /** Cancels the doubtful tags whose time has come. */
  void settle() throws InterruptedException {
    List<Doubt> due = new ArrayList<>();
    synchronized (doubts) {
      long now = time.nanos();
      for (Doubt doubt : doubts) {
        if (doubt.heard < ENOUGH && now - doubt.next >= 0) {
          doubt.next = now + LATER.toNanos();
          due.add(doubt);
        }
      }
    }
    for (Doubt doubt : due) {
      if (tag(doubt.tag)) {
        synchronized (doubts) {
          doubt.heard++;
        }
      }
    }
  }

  private boolean run(List<String> command) throws InterruptedException {
    try {
      CommandResult answer = commands.run(command, null, limit);
      if (dialect.cancelled(answer)) {
        return true;
      }
      log.warn("jobs could not be cancelled: {}", Visible.text(answer.describe()));
    } catch (CommandFailed e) {
      log.warn("jobs could not be cancelled: {}", Visible.text(e.toString()));
    }
    return false;
  }
}
