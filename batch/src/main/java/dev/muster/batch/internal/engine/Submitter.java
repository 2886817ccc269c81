package dev.muster.batch.internal.engine;

import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobOptions;
import dev.muster.batch.spi.JobScript;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.Submission;
import dev.muster.batch.spi.SubmissionException;
import dev.muster.batch.spi.SubmitOutcome;
import dev.muster.error.MusterException;
import dev.muster.error.Visible;
import dev.muster.execution.Staging;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Submits jobs: each submission under a tag of its own, again where that may help, never twice without a cancel
 * between. Thread-safe.
 */
final class Submitter {
  private static final Logger log = LoggerFactory.getLogger(Submitter.class);
  private static final int FEWEST_ATTEMPTS = 4;

  /** A controller that is started anew is away for half a minute. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private static final int LONGEST_POOL = 40;
  private static final int LONGEST_RUN = 80;
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  private final BatchDialect dialect;
  private final Settings settings;
  private final SubmissionFiles files;
  private final Watchdog watchdog;
  private final Canceller canceller;
  private final JobTable table;
  private final CountDownLatch closed;
  private final Pace pace;
  private final String token;
  private final AtomicInteger lastNumber = new AtomicInteger();
  private final Set<String> honoured;

  Submitter(
      BatchDialect dialect,
      Settings settings,
      SubmissionFiles files,
      Watchdog watchdog,
      Canceller canceller,
      JobTable table,
      CountDownLatch closed) {
    this.dialect = dialect;
    this.settings = settings;
    this.files = files;
    this.watchdog = watchdog;
    this.canceller = canceller;
    this.table = table;
    this.closed = closed;
    this.pace = new Pace(settings.time());
    this.token = settings.token();
    this.honoured = new HashSet<>(dialect.options());
    honoured.addAll(JobOptions.COMMON);
    honoured.addAll(JobScript.OPTIONS);
  }

  /**
   * Submits.
   *
   * @param recorder takes each tag before the batch system hears of it, if the jobs are to outlive this JVM; else null
   */
  List<JobId> submit(JobSpec given, int copies, @Nullable Consumer<String> recorder)
      throws InterruptedException {
    JobSpec spec = withDefaults(given);
    if (spec.staging() == Staging.TRANSFER) {
      checkFiles(spec);
    }
    JobOptions options = JobOptions.of(spec);
    Duration limit = settings.commandLimit(options);
    Integer rate = options.count("submit_rate");
    SubmissionFiles.prepare(spec);
    BackOff backOff = new BackOff(FIRST_PAUSE, LONGEST_PAUSE, settings.random());
    long began = settings.time().nanos();
    for (int attempt = 1; ; attempt++) {
      pause(spec, pace.next(rate == null ? 0 : rate));
      String tag = tag(spec);
      Submission submission = dialect.submission(spec, copies, tag, files.directory());
      if (recorder != null) {
        recorder.accept(tag);
      }
      SubmitOutcome outcome = attempt(spec, copies, tag, submission, limit, recorder != null);
      if (outcome instanceof SubmitOutcome.Accepted accepted) {
        log.debug("{} was submitted as {}: {}", spec.name(), tag, accepted.jobs());
        return accepted.jobs();
      }
      if (outcome instanceof SubmitOutcome.Rejected rejected) {
        throw new SubmissionException(
            spec.name(),
            "job " + spec.name() + " (x" + copies + ") was refused by " + dialect.name() + ": "
                + rejected.reason() + "\nthe files of the submission are in " + files.directory()
                + ", " + tag + ".*",
            false);
      }
      if (outcome instanceof SubmitOutcome.Full full) {
        throw SubmissionException.full(
            spec.name(),
            "job " + spec.name() + " (x" + copies + ") was not taken by " + dialect.name() + ": "
                + full.reason());
      }
      SubmitOutcome.Unclear unclear = (SubmitOutcome.Unclear) outcome;
      String reason = unclear.reason();
      canceller.settle();
      if (!unclear.again()) {
        throw new SubmissionException(
            spec.name(),
            "job " + spec.name() + " (x" + copies + ") was submitted to " + dialect.name()
                + ", but its answer cannot be understood: " + reason
                + "\nthe jobs of this submission, which have the name " + tag
                + ", were cancelled, and it is not tried again",
            false);
      }
      if (attempt >= FEWEST_ATTEMPTS && settings.time().nanos() - began >= PATIENCE.toNanos()) {
        throw new SubmissionException(
            spec.name(),
            "job " + spec.name() + " (x" + copies + ") could not be submitted to " + dialect.name()
                + " in " + attempt + " attempts; the last one: " + reason,
            true);
      }
      Duration wait = backOff.failed();
      log.warn(
          "job {} could not be submitted (attempt {}), again in {} ms: {}",
          Visible.line(spec.name()),
          attempt,
          wait.toMillis(),
          Visible.text(reason));
      pause(spec, wait);
    }
  }

  private void checkFiles(JobSpec spec) {
    if (!dialect.transfers()) {
      throw new SubmissionException(
          spec.name(),
          "job " + spec.name() + ": " + dialect.name()
              + " cannot send files to jobs (staging: transfer); use staging: shared, with folders that"
              + " workers see",
          false);
    }
    for (Path file : spec.files()) {
      if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
        throw new SubmissionException(
            spec.name(),
            "job " + spec.name() + " cannot be submitted: " + file
                + ", which is to be sent to it, is no file that can be read here",
            false);
      }
    }
  }

  private SubmitOutcome attempt(
      JobSpec spec, int copies, String tag, Submission submission, Duration limit, boolean lasting)
      throws InterruptedException {
    files.write(submission, tag);
    int watched = lasting ? Watchdog.NONE : watchdog.add(dialect.cancelCommand(tag));
    boolean settled = false;
    try {
      CommandResult answer =
          settings.commands().run(submission.command(), submission.input(), limit);
      SubmitOutcome outcome = checked(dialect.submitted(answer, copies), copies, answer);
      if (outcome instanceof SubmitOutcome.Accepted accepted) {
        table.add(new Batch(tag, spec, watched), accepted.jobs());
        settled = true;
      } else if (outcome instanceof SubmitOutcome.Rejected rejected) {
        watchdog.drop(watched);
        settled = true;
        return new SubmitOutcome.Rejected(told(answer, rejected.reason()));
      } else if (outcome instanceof SubmitOutcome.Full full) {
        watchdog.drop(watched);
        settled = true;
        return new SubmitOutcome.Full(told(answer, full.reason()));
      } else if (outcome instanceof SubmitOutcome.Unclear unclear) {
        return new SubmitOutcome.Unclear(told(answer, unclear.reason()), unclear.again());
      }
      return outcome;
    } catch (CommandFailed e) {
      if (e.started()) {
        return new SubmitOutcome.Unclear(String.valueOf(e.getMessage()));
      }
      watchdog.drop(watched);
      settled = true;
      throw new SubmissionException(
          spec.name(),
          "job " + spec.name() + " cannot be submitted to " + dialect.name() + ": "
              + e.getMessage(),
          false);
    } finally {
      if (!settled) {
        canceller.doubt(tag);
      }
    }
  }

  private static String told(CommandResult answer, String reason) {
    String all = answer.describe();
    return all.contains(reason) ? all : all + "; that is: " + reason;
  }

  private SubmitOutcome checked(SubmitOutcome outcome, int copies, CommandResult answer) {
    if (outcome instanceof SubmitOutcome.Accepted accepted) {
      Set<JobId> distinct = new HashSet<>(accepted.jobs());
      if (distinct.size() != copies || accepted.jobs().size() != copies) {
        return new SubmitOutcome.Unclear(
            copies + " jobs were submitted, the answer names " + distinct.size());
      }
      if (table.anyOpen(distinct)) {
        return new SubmitOutcome.Unclear(
            "the answer names a job that is there already: " + answer.words());
      }
    }
    return outcome;
  }

  private void pause(JobSpec spec, Duration time) throws InterruptedException {
    boolean over = time.isZero() ? closed.getCount() == 0 : settings.time().await(closed, time);
    if (over) {
      throw new MusterException(
          "job " + spec.name() + " was not submitted: the batch system is closed");
    }
  }

  /**
   * Returns the job with absolute folders and those options of the execution that a job may have and this one does not
   * say.
   */
  JobSpec withDefaults(JobSpec given) {
    Map<String, @Nullable Object> options = new LinkedHashMap<>(given.config());
    settings.config().forEach((key, value) -> {
      if (honoured.contains(key) && !options.containsKey(key)) {
        options.put(key, value);
      }
    });
    JobSpec.Builder job = given.toBuilder()
        .directory(given.directory().toAbsolutePath().normalize())
        .logs(given.logs().toAbsolutePath().normalize());
    options.forEach(job::config);
    return job.build();
  }

  private String tag(JobSpec spec) {
    return word(spec.name(), LONGEST_POOL) + "." + word(settings.runId(), LONGEST_RUN) + "." + token
        + "-" + lastNumber.incrementAndGet();
  }

  // Letters, digits, _ and - only: dots separate the parts.
  private static String word(String text, int longest) {
    String word = text.replaceAll("[^A-Za-z0-9_-]", "_");
    String cut = word.length() > longest ? word.substring(0, longest) : word;
    return cut.startsWith("-") ? "_" + cut.substring(1) : cut;
  }
}
