package dev.muster.batch.internal.engine;

import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobOptions;
import dev.muster.error.Visible;
import dev.muster.internal.thread.RunThreads;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands jobs their files once they run, or fetches what they have left before they end, a few at a time, in threads of
 * its own: polls go on meanwhile.
 *
 * <p>A send that fails is tried again, with longer and longer pauses for about two minutes: the job's folder is there
 * only a moment after the batch system says that it runs. Thread-safe; no lock is held while a command runs.
 */
final class Sender {
  private static final Logger log = LoggerFactory.getLogger(Sender.class);
  private static final int AT_A_TIME = 4;
  private static final int MOST_TRIES = 10;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final Errand errand;
  private final BatchDialect dialect;
  private final Settings settings;
  private final JobTable table;
  private final ThreadPoolExecutor threads;
  private final Map<JobId, Handover> handovers = new HashMap<>();

  /** What is done to jobs. */
  enum Errand {
    SEND("its files could not be sent", "send"),
    FETCH("what it has left could not be fetched", "fetch");

    final String failed;
    final String thread;

    Errand(String failed, String thread) {
      this.failed = failed;
      this.thread = thread;
    }

    List<List<String>> commands(BatchDialect dialect, Batch batch, JobId job) {
      return this == SEND
          ? dialect.sendCommands(batch.spec, job, batch.tag)
          : dialect.fetchCommands(batch.spec, job, batch.tag);
    }

    /** Returns a file without which the commands cannot do their work and that is gone, or null. */
    @Nullable
    Path missing(Batch batch) {
      return this == SEND
          ? batch.spec.files().stream()
              .filter(file -> !Files.isReadable(file))
              .findFirst()
              .orElse(null)
          : null;
    }
  }

  /** What is known of one job that runs. Guarded by this sender. */
  private static final class Handover {
    final Batch batch;
    final BackOff backOff;

    /** The send that goes on, or null. */
    @Nullable
    Future<?> going;

    int tries;
    long due;

    /** How many of the commands have done their work; only the thread that sends reads and writes it. */
    int sent;

    /** What went wrong first, or null. */
    @Nullable
    String first;

    boolean done;
    boolean lost;

    Handover(Batch batch, BackOff backOff) {
      this.batch = batch;
      this.backOff = backOff;
    }
  }

  Sender(Errand errand, BatchDialect dialect, Settings settings, JobTable table) {
    this.errand = errand;
    this.dialect = dialect;
    this.settings = settings;
    this.table = table;
    this.threads = new ThreadPoolExecutor(
        AT_A_TIME,
        AT_A_TIME,
        10,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        RunThreads.daemons(errand.thread + "-" + dialect.name(), settings.runId()));
    threads.allowCoreThreadTimeOut(true);
  }

  /**
   * Starts what is to be sent now, and ends what nobody waits for any more. One that ran, waits again, and runs gets
   * its files anew.
   *
   * @param running the jobs that run and want it
   * @return those of them for which it will never be done; why is in the table
   */
  synchronized Set<JobId> update(Map<JobId, Batch> running) {
    Set<JobId> gone = new HashSet<>(handovers.keySet());
    gone.removeAll(running.keySet());
    recall(gone);
    Set<JobId> lost = new HashSet<>();
    long now = settings.time().nanos();
    running.forEach((job, batch) -> {
      Handover handover = handovers.computeIfAbsent(
          job,
          first -> new Handover(batch, new BackOff(FIRST_PAUSE, LONGEST_PAUSE, settings.random())));
      if (handover.lost) {
        lost.add(job);
      } else if (!handover.done
          && handover.going == null
          && (handover.tries == 0 || now - handover.due >= 0)
          && !threads.isShutdown()) {
        List<List<String>> commands = errand.commands(dialect, batch, job);
        if (commands.isEmpty()) {
          handover.done = true;
          return;
        }
        handover.tries++;
        handover.going = threads.submit(() -> send(job, handover, commands));
      }
    });
    return lost;
  }

  /** Ends sends to jobs that are over or will be soon. */
  synchronized void recall(Set<JobId> jobs) {
    for (JobId job : jobs) {
      Handover handover = handovers.remove(job);
      if (handover != null && handover.going != null) {
        handover.going.cancel(true);
      }
    }
  }

  /** Ends all sends; there will be no more. */
  synchronized void close() {
    threads.shutdownNow();
    handovers.clear();
  }

  private void send(JobId job, Handover handover, List<List<String>> commands) {
    Path missing = errand.missing(handover.batch);
    String trouble = missing == null
        ? null
        : missing + ", which is to be sent to the job, is gone or cannot be read any more";
    long start = System.nanoTime();
    try {
      if (missing == null) {
        trouble = run(commands, handover);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      log.debug("{} for job {} is not done any more", errand, job);
      return;
    }
    if (trouble == null) {
      log.debug(
          "{} for job {} is done ({} ms)",
          errand,
          job,
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    }
    settle(job, handover, trouble, missing != null);
  }

  private synchronized void settle(
      JobId job, Handover handover, @Nullable String trouble, boolean hopeless) {
    if (handovers.get(job) != handover) {
      return; // it is over, and so the commands failed
    }
    handover.going = null;
    if (trouble == null) {
      handover.done = true;
      return;
    }
    String first = handover.first == null ? trouble : handover.first;
    handover.first = first;
    if (hopeless || handover.tries >= MOST_TRIES) {
      handover.lost = true;
      String all = first.equals(trouble) ? trouble : trouble + " (at first: " + first + ")";
      table.unsendable(job, errand.failed + ": " + all);
      log.warn("job {} is cancelled: {}: {}", job, errand.failed, Visible.text(all));
      return;
    }
    Duration pause = handover.backOff.failed();
    handover.due = settings.time().nanos() + pause.toNanos();
    log.debug(
        "job {}: {} (attempt {} of {}), again in {} ms: {}",
        job,
        errand.failed,
        handover.tries,
        MOST_TRIES,
        pause.toMillis(),
        trouble);
  }

  /** Runs commands one after the other, from the one that failed before; returns why one failed, or null. */
  private @Nullable String run(List<List<String>> commands, Handover handover)
      throws InterruptedException {
    Duration limit = JobOptions.of(handover.batch.spec).transferLimit();
    while (handover.sent < commands.size()) {
      try {
        CommandResult answer = settings.commands().run(commands.get(handover.sent), null, limit);
        if (!answer.ok()) {
          return answer.describe();
        }
      } catch (CommandFailed e) {
        return String.valueOf(e.getMessage());
      }
      handover.sent++;
    }
    return null;
  }
}
