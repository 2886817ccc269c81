package dev.muster.batch.backend;

import dev.muster.batch.Jobs;
import dev.muster.batch.backend.RecordedSession.Maker;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobArray;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.LastingBatchSystem;
import dev.muster.batch.spi.StatusReport;
import dev.muster.error.MusterException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The jobs that a run of backend {@code batch} has in a batch system, found by what it wrote into its directory:
 * whether the process that started it is at work or gone. Not thread-safe.
 *
 * @since 0.1
 */
public final class RunJobs {
  private static final Duration AGAIN = Duration.ofMillis(1200);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(200);

  private final Path directory;
  private final List<RecordedSession> sessions;
  private final Duration patience;

  private RunJobs(Path directory, List<RecordedSession> sessions, Duration patience) {
    this.directory = directory;
    this.sessions = sessions;
    this.patience = patience;
  }

  /**
   * A job.
   *
   * @param strategy the name of the strategy that submitted it
   * @param pool the pool
   * @param tag the name under which it was submitted
   * @param job its id, or null if it is not known whether the batch system took the submission
   * @param status where it stands, or null as {@code job}
   * @param tasks the names of its tasks
   */
  public record Found(
      String strategy,
      String pool,
      String tag,
      @Nullable JobId job,
      @Nullable JobStatus status,
      List<String> tasks) {
    public Found {
      tasks = List.copyOf(tasks);
    }
  }

  /**
   * Reads what a run wrote.
   *
   * @param directory the run's directory
   * @throws MusterException if no run of backend {@code batch} has it
   */
  public static RunJobs of(Path directory) {
    return of(directory, PATIENCE);
  }

  static RunJobs of(Path directory, Duration patience) {
    Path debug = directory.toAbsolutePath().normalize().resolve("debug");
    List<RecordedSession> sessions = RecordedSession.all(debug);
    if (sessions.isEmpty()) {
      throw new MusterException("there is no record of jobs in " + directory
          + "; it is written by runs with backend: batch, into the run's directory");
    }
    return new RunJobs(debug, sessions, patience);
  }

  /**
   * Returns how many jobs of a run may not be over, by what it wrote down, and by the names of their strategies; empty
   * if it has none. Asks no batch system.
   *
   * @param directory the run's directory
   * @throws MusterException if the record of jobs cannot be read
   */
  public static Map<String, Integer> open(Path directory) {
    Map<String, Integer> open = new TreeMap<>();
    for (RecordedSession session :
        RecordedSession.all(directory.toAbsolutePath().normalize().resolve("debug"))) {
      session.open().forEach(array -> open.merge(session.strategy(), array.copies(), Integer::sum));
    }
    return open;
  }

  /**
   * Asks the batch systems for the jobs that may not be over.
   *
   * @throws MusterException if one cannot be asked
   * @throws InterruptedException if the thread is interrupted
   */
  public List<Found> list() throws InterruptedException {
    List<Found> found = new ArrayList<>();
    for (RecordedSession session : sessions) {
      if (!session.open().isEmpty()) {
        try (LastingBatchSystem system = system(session)) {
          found.addAll(list(session, system));
        }
      }
    }
    return found;
  }

  private LastingBatchSystem system(RecordedSession session) {
    return system(session, directory);
  }

  private static LastingBatchSystem system(RecordedSession session, Path debug) {
    BatchSystem system =
        Jobs.open(session.strategy(), debug.resolve("distributed"), session.config());
    if (system instanceof LastingBatchSystem lasting) {
      return lasting;
    }
    system.close();
    throw new MusterException(
        "jobs of strategy " + session.strategy() + " end with the process that started them");
  }

  private static List<Found> list(RecordedSession session, LastingBatchSystem system)
      throws InterruptedException {
    Set<JobId> all = new HashSet<>();
    for (RecordedArray array : session.open()) {
      if (!array.jobs.isEmpty()) {
        JobSpec spec = JobSpec.builder(array.pool, List.of("true"), array.logs).build();
        system.watch(spec, new JobArray(array.lastTag(), array.logs, array.jobs));
        all.addAll(array.jobs);
      }
    }
    StatusReport report = system.status(all);
    Thread.sleep(AGAIN.toMillis()); // a job that is in no list is gone if it is in none again
    report = all.isEmpty() ? report : system.status(all);
    if (report instanceof StatusReport.Unavailable unavailable) {
      throw new MusterException(
          session.strategy() + " cannot be asked for the jobs: " + unavailable.reason());
    }
    StatusReport.Answered answered = (StatusReport.Answered) report;
    List<Found> found = new ArrayList<>();
    for (RecordedArray array : session.open()) {
      for (int i = 0; i < array.jobs.size(); i++) {
        JobId job = array.jobs.get(i);
        found.add(new Found(
            session.strategy(),
            array.pool,
            array.lastTag(),
            job,
            answered.statuses().get(job),
            array.tasks(i)));
      }
      if (array.jobs.isEmpty()) {
        found.add(
            new Found(session.strategy(), array.pool, array.lastTag(), null, null, array.names));
      }
    }
    return found;
  }

  /** Ends the run as {@link #cancel(boolean)} does, and takes no process for gone that may be at work. */
  public int cancel() throws InterruptedException {
    return cancel(false);
  }

  /**
   * Ends the run, if the process that started it is at work, and all its jobs.
   *
   * @param takeOver whether a process that cannot be seen from here, on another host for example, counts as gone
   * @return how many jobs were asked to end, or -1 if the run's own process ended them
   * @throws MusterException if the batch system did not hear it, or the process does not end them
   * @throws InterruptedException if the thread is interrupted
   */
  public int cancel(boolean takeOver) throws InterruptedException {
    int jobs = 0;
    boolean byItself = false;
    for (RecordedSession session : sessions) {
      Maker maker = session.maker();
      if (session.open().isEmpty() && maker == Maker.GONE) {
        continue;
      }
      session.wantEnd();
      if (maker == Maker.AT_WORK || (maker == Maker.UNKNOWN && !takeOver)) {
        await(session, maker);
        byItself = true;
      } else {
        jobs += cancel(session);
      }
    }
    return jobs == 0 && byItself ? -1 : jobs;
  }

  private void await(RecordedSession session, Maker maker) throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    while (session.maker() != Maker.GONE) {
      if (System.nanoTime() > end) {
        String process = maker == Maker.AT_WORK
            ? "the process that started the run is at work, and"
            : session.owner() + " has the run, cannot be seen from here, and";
        throw new MusterException(process + " has not ended its jobs within " + patience.toSeconds()
            + " s; "
            + (maker == Maker.AT_WORK
                ? "it will when it can"
                : "if it is gone, cancel them with --take-over"));
      }
      Thread.sleep(PAUSE.toMillis());
    }
  }

  private int cancel(RecordedSession session) {
    return end(session, directory);
  }

  /**
   * Ends the jobs of a session whose process is gone; returns how many were asked to end.
   *
   * @param debug the folder of the session's
   * @throws MusterException if the batch system did not hear it
   */
  static int end(RecordedSession session, Path debug) {
    int jobs = 0;
    try (LastingBatchSystem system = system(session, debug)) {
      for (RecordedArray array : session.open()) {
        for (String tag : array.tags) {
          if (!system.cancelTag(tag)) {
            throw new MusterException(session.strategy()
                + " did not take the cancellation of the jobs named " + tag + "; try again");
          }
        }
        jobs += array.jobs.size();
      }
    }
    session.ended();
    return jobs;
  }
}
