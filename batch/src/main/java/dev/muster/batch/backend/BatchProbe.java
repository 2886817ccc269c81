package dev.muster.batch.backend;

import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobContext;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.StatusReport;
import dev.muster.error.MusterException;
import dev.muster.execution.Pool;
import dev.muster.internal.io.IoErrors;
import dev.muster.internal.process.LogTail;
import dev.muster.probe.Finding;
import dev.muster.probe.Finding.Outcome;
import dev.muster.spi.ProbeContext;
import dev.muster.value.ValueEncoding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tries out the jobs of pools: one short job for each, which tells where it runs and what it has. Not thread-safe. */
final class BatchProbe {
  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final String MARK = "muster-probe: ";

  private final ProbeContext context;
  private final BatchSystem system;

  /** A job that is tried. */
  private record Trial(Pool pool, JobSpec spec, JobId job, long began) {
    Duration took() {
      return Duration.ofNanos(System.nanoTime() - began);
    }

    Finding found(String check, Outcome outcome, String detail) {
      return new Finding(pool.name(), check, outcome, detail, took());
    }
  }

  private BatchProbe(ProbeContext context) {
    this.context = context;
    this.system = JobContext.of(context).processes();
  }

  /** Tries out the pools of a session. */
  static void run(ProbeContext context) throws InterruptedException {
    Path work = context.directory().resolve("debug").resolve(BatchBackend.FOLDER);
    try {
      for (String found : context.credentials().summary()) {
        context.found(new Finding(null, "credentials", Outcome.GOOD, found, Duration.ZERO));
      }
      RunnerFiles.extract(work.resolve("python"));
    } catch (MusterException e) {
      context.found(new Finding(
          null, "credentials", Outcome.BAD, String.valueOf(e.getMessage()), Duration.ZERO));
      return;
    }
    JobPlans plans = JobPlans.of(context, work, true);
    if (plans.sent() != null) {
      plans.sent().write();
    }
    new BatchProbe(context).run(plans, work);
  }

  private void run(JobPlans plans, Path work) throws InterruptedException {
    List<Trial> open = new ArrayList<>();
    for (Pool pool : context.pools()) {
      long began = System.nanoTime();
      try {
        Path folder = work.resolve("probe-" + open.size());
        if (plans.sent() != null) {
          Parcels.writeEmpty(folder);
        }
        JobSpec spec =
            plans.job(pool, PoolOptions.quantities(context, pool), "muster_batch.probe", folder);
        JobId job = system.submit(spec, 1).get(0);
        Trial trial = new Trial(pool, spec, job, began);
        context.found(trial.found("submission", Outcome.GOOD, "job " + job));
        open.add(trial);
      } catch (MusterException e) {
        context.found(new Finding(
            pool.name(),
            "submission",
            Outcome.BAD,
            String.valueOf(e.getMessage()),
            Duration.ofNanos(System.nanoTime() - began)));
      }
    }
    while (!open.isEmpty()) {
      open.removeIf(trial -> over(trial, status(trial)));
      if (!open.isEmpty()) {
        Thread.sleep(PAUSE.toMillis());
      }
    }
  }

  private @Nullable JobStatus status(Trial trial) {
    return system.status(Set.of(trial.job)) instanceof StatusReport.Answered answered
        ? answered.statuses().get(trial.job)
        : null;
  }

  /** Tells what is known of a trial, if it is over. */
  private boolean over(Trial trial, @Nullable JobStatus status) {
    Map<?, ?> told = status instanceof JobStatus.Ended ? told(trial) : null;
    if (told != null) {
      context.found(trial.found(
          "start",
          Outcome.GOOD,
          "on " + told.get("host") + ", Python " + told.get("python") + " ("
              + told.get("executable") + ")"));
      return true;
    }
    boolean late = trial.took().compareTo(context.patience()) > 0;
    boolean never = status instanceof JobStatus.Impossible || status instanceof JobStatus.Held;
    // What a job wrote may come late over a network file system.
    boolean well =
        status instanceof JobStatus.Ended ended && ended.end() == JobStatus.End.SUCCEEDED;
    if (!late && !never && (well || !(status instanceof JobStatus.Ended))) {
      return false;
    }
    system.cancel(Set.of(trial.job));
    String tail = LogTail.named("stderr", trial.spec.errFile(trial.job.id()));
    context.found(trial.found("start", Outcome.BAD, describe(trial, status) + tail));
    return true;
  }

  private static String describe(Trial trial, @Nullable JobStatus status) {
    String job = "job " + trial.job + " ";
    if (status instanceof JobStatus.Ended ended) {
      return job + ended.describe() + " and had told nothing";
    }
    if (status instanceof JobStatus.Impossible impossible) {
      return job + "can never start: " + impossible.reason();
    }
    if (status instanceof JobStatus.Held held) {
      return job + "is held: " + held.reason();
    }
    String waits = status instanceof JobStatus.Pending pending
        ? "still waits" + (pending.reason() == null ? "" : " (" + pending.reason() + ")")
        : "has told nothing";
    return job + waits + " after " + trial.took().toSeconds() + " s";
  }

  private static @Nullable Map<?, ?> told(Trial trial) {
    Path parcels = trial.spec.parcels();
    Path out = parcels == null
        ? trial.spec.outFile(trial.job.id())
        : parcels.resolve(JobSpec.parcelOut("0"));
    try {
      for (String line : Files.readAllLines(out)) {
        if (line.startsWith(MARK)
            && ValueEncoding.decode(line.substring(MARK.length())) instanceof Map<?, ?> told) {
          return told;
        }
      }
      return null;
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw IoErrors.unchecked("cannot read what the job of a probe wrote", e);
    }
  }
}
