package dev.muster.internal.batch;

import dev.muster.batch.BatchDialect;
import dev.muster.batch.CommandResult;
import dev.muster.batch.JobId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends jobs, also those of submissions of which nobody knows whether they arrived.
 *
 * <p>Such a tag is cancelled at once, once more a while later in case the submission was slow, and at the end. Thread-safe; no lock is held while a
 * command runs.
 */
final class Canceller {
  private static final Logger log = LoggerFactory.getLogger(Canceller.class);
  private static final Duration LATER = Duration.ofSeconds(10);
  private static final int ENOUGH = 2;

  private final BatchDialect dialect;
  private final Commands commands;
  private final Duration limit;
  private final Time time;
  private final Map<String, Doubt> doubts = new LinkedHashMap<>();

  private static final class Doubt {
    int heard;
    long next;
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
      doubts.put(tag, new Doubt());
      doubts.get(tag).next = time.nanos();
    }
  }

  /** Returns the tags of which nobody knows whether they have jobs. */
  List<String> doubtful() {
    synchronized (doubts) {
      return List.copyOf(doubts.keySet());
    }
  }

  /** Cancels the doubtful tags whose time has come. */
  void settle() throws InterruptedException {
    List<String> due = new ArrayList<>();
    synchronized (doubts) {
      long now = time.nanos();
      doubts.forEach((tag, doubt) -> {
        if (doubt.heard < ENOUGH && now - doubt.next >= 0) {
          doubt.next = now + LATER.toNanos();
          due.add(tag);
        }
      });
    }
    for (String tag : due) {
      if (tag(tag)) {
        synchronized (doubts) {
          doubts.get(tag).heard++;
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
      log.warn("jobs could not be cancelled: {}", answer.describe());
    } catch (CommandFailed e) {
      log.warn("jobs could not be cancelled: {}", e.getMessage());
    }
    return false;
  }
}
