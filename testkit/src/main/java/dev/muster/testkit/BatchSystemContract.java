package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobArray;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.LastingBatchSystem;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.SubmitOutcome;
import dev.muster.error.MusterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirDeletionStrategy;

/**
 * What every batch system must do, as tests: extend it, and open the system. Jobs are small shell scripts, and their
 * folder must be one that they can write to. Not thread-safe.
 *
 * <pre>{@code
 * class LocalContractTest extends BatchSystemContract {
 *   @Override
 *   protected BatchSystem open(Path directory) {
 *     return Jobs.open("local", directory, Map.of());
 *   }
 * }
 * }</pre>
 *
 * @since 0.1
 */
public abstract class BatchSystemContract {
  private static final long LOOK_MILLIS = 20;

  /** A folder for files. */
  @TempDir(
      deletionStrategy =
          TempDirDeletionStrategy.IgnoreFailures.class) // a job that is being ended may still write
  protected @Nullable Path folder;

  private @Nullable BatchSystem opened;

  /** Creates the tests. */
  protected BatchSystemContract() {}

  /** Opens the system to test. */
  protected abstract BatchSystem open(Path directory);

  /** Adds what a job needs here, for example a queue. Default: nothing. */
  protected void prepare(JobSpec.Builder job) {}

  /** Makes the job one that the system takes and does not start by itself. Default: returns false, there are none. */
  protected boolean makePending(JobSpec.Builder job) {
    return false;
  }

  /** Makes the job one that the system refuses at submission. Default: returns false, there are none. */
  protected boolean makeRejected(JobSpec.Builder job) {
    return false;
  }

  /** Returns the dialect of a system that is driven by commands. Default: null, it is driven otherwise. */
  protected @Nullable BatchDialect dialect() {
    return null;
  }

  /** Returns the environment in which its commands run. Default: that of this process. */
  protected Map<String, String> environment() {
    return System.getenv();
  }

  /** Returns the folder of the tests' files; jobs start in it. Default: {@link #folder}. */
  protected Path directory() {
    return Objects.requireNonNull(folder);
  }

  /** Returns how long a job may need to come and go. Default: 60 seconds. */
  protected Duration patience() {
    return Duration.ofSeconds(60);
  }

  @BeforeEach
  void openSystem() {
    opened = open(directory());
  }

  @AfterEach
  void closeSystem() {
    if (opened != null) { // an assumption of open() may have ended the test
      opened.close();
    }
  }

  private BatchSystem system() {
    return Objects.requireNonNull(opened);
  }

  private JobSpec.Builder builder(String script) {
    JobSpec.Builder job = JobSpec.builder("con tract", List.of("sh", "-c", script), directory())
        .logs(directory().resolve("logs"));
    prepare(job);
    return job;
  }

  private JobSpec job(String script) {
    return builder(script).build();
  }

  private void until(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + patience().toNanos();
    try {
      while (!condition.getAsBoolean()) {
        assertThat(System.nanoTime() - deadline)
            .as("not within %s: %s", patience(), what)
            .isNegative();
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for " + what, e);
    }
  }

  private @Nullable JobStatus status(JobId job) {
    return system().status(Set.of(job)) instanceof StatusReport.Answered report
        ? report.statuses().get(job)
        : null;
  }

  private JobStatus.Ended end(JobId job) {
    until("end of job " + job, () -> status(job) instanceof JobStatus.Ended);
    return (JobStatus.Ended) Objects.requireNonNull(status(job));
  }

  @Test
  void aSetupRunsBeforeTheCommandOrIsRefused() {
    Path out = directory().resolve("setup.out");
    JobSpec job = builder("echo \"$FIRST\" \"$MUSTER_FILES\" >setup.out")
        .files(List.of(directory().resolve("a")))
        .setup(List.of("export FIRST='a b'"))
        .build();
    List<JobId> ids;
    try {
      ids = system().submit(job, 1);
    } catch (MusterException e) {
      assertThat(e).hasMessageContaining("setup");
      return;
    }
    assertThat(end(ids.get(0)).exitCode()).isIn(0, null);
    assertThat(content(out).strip()).isEqualTo("a b " + directory());
  }

  @Test
  void aSetupThatFailsEndsTheJobOrIsRefused() {
    JobSpec job = builder("touch never").setup(List.of("false")).build();
    List<JobId> ids;
    try {
      ids = system().submit(job, 1);
    } catch (MusterException e) {
      assertThat(e).hasMessageContaining("setup");
      return;
    }
    assertThat(end(ids.get(0)).end()).isNotEqualTo(End.SUCCEEDED);
    assertThat(directory().resolve("never")).doesNotExist();
  }

  private String content(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void untilWritten(Path file) {
    until(file + " is there", () -> Files.exists(file) && !content(file).isEmpty());
  }

  // A process that has ended and that nobody has collected is not alive.
  private static boolean alive(Path pidFile) throws IOException {
    String pid = Files.readString(pidFile).strip();
    Path status = Path.of("/proc", pid, "status");
    if (Files.exists(Path.of("/proc/self/status"))) {
      try {
        return Files.readAllLines(status, StandardCharsets.ISO_8859_1).stream()
            .noneMatch(line -> line.matches("State:\\s*[ZX].*"));
      } catch (IOException e) {
        return false;
      }
    }
    return ProcessHandle.of(Long.parseLong(pid)).filter(ProcessHandle::isAlive).isPresent();
  }

  private void untilOver(Path pidFile) {
    until("end of the process in " + pidFile, () -> {
      try {
        return !alive(pidFile);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
  }

  @Test
  void runsAJobAndKeepsItsOutput() {
    JobSpec spec = job("echo \"$WORD\"; echo bad >&2; pwd").toBuilder()
        .variable("WORD", "a 'b' $(c)")
        .build();
    List<JobId> jobs = system().submit(spec, 1);
    assertThat(jobs).hasSize(1);
    JobStatus.Ended ended = end(jobs.get(0));
    assertThat(ended.end()).as(ended.toString()).isEqualTo(End.SUCCEEDED);
    Path out = spec.outFile(jobs.get(0).id());
    untilWritten(out);
    assertThat(content(out)).startsWith("a 'b' $(c)\n");
    untilWritten(spec.errFile(jobs.get(0).id()));
    assertThat(content(spec.errFile(jobs.get(0).id()))).contains("bad");
  }

  @Test
  void givesEachCopyItsIndex() {
    List<JobId> jobs = system().submit(job("echo $MUSTER_JOB_INDEX >index.$MUSTER_JOB_INDEX"), 4);
    assertThat(jobs).hasSize(4).doesNotHaveDuplicates();
    jobs.forEach(job -> assertThat(end(job).end()).isEqualTo(End.SUCCEEDED));
    for (int index = 0; index < 4; index++) {
      untilWritten(directory().resolve("index." + index));
    }
  }

  @Test
  void tellsExitCodes() {
    Map<Integer, JobId> jobs = new LinkedHashMap<>();
    for (int code : List.of(0, 1, 3, 77, 255)) {
      jobs.put(code, system().submit(job("exit " + code), 1).get(0));
    }
    jobs.forEach((code, job) -> {
      JobStatus.Ended ended = end(job);
      assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(code);
      assertThat(ended.end()).isEqualTo(code == 0 ? End.SUCCEEDED : End.FAILED);
    });
  }

  @Test
  void tellsSignals() {
    JobStatus.Ended ended = end(system().submit(job("kill -SEGV $$"), 1).get(0));
    assertThat(ended.end()).isEqualTo(End.FAILED);
    assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(128 + 11);
  }

  @Test
  void tellsTheStatesOfManyJobsAtOnce() {
    List<JobId> jobs = new ArrayList<>(system().submit(job("exit 0"), 10));
    jobs.addAll(system().submit(job("exit 1"), 10));
    Set<JobId> all = Set.copyOf(jobs);
    until(
        "end of all jobs",
        () -> system().status(all) instanceof StatusReport.Answered report
            && report.statuses().values().stream().allMatch(JobStatus::ended));
    assertThat(((StatusReport.Answered) system().status(all)).statuses()).containsOnlyKeys(all);
  }

  @Test
  void anEndIsFinal() {
    JobId job = system().submit(job("exit 3"), 1).get(0);
    JobStatus.Ended ended = end(job);
    system().cancel(Set.of(job));
    assertThat(status(job)).isEqualTo(ended);
  }

  @Test
  void cancelsARunningJobAndNoOther() throws IOException {
    JobSpec spec = job("echo $$ >pid.$MUSTER_JOB_INDEX; exec sleep 300");
    List<JobId> jobs = system().submit(spec, 2);
    Path first = directory().resolve("pid.0");
    Path second = directory().resolve("pid.1");
    untilWritten(first);
    untilWritten(second);
    system().cancel(Set.of(jobs.get(0)));
    assertThat(end(jobs.get(0)).end()).isEqualTo(End.CANCELLED);
    untilOver(first);
    assertThat(status(jobs.get(1))).isInstanceOf(JobStatus.Running.class);
    assertThat(alive(second)).isTrue();
  }

  @Test
  void cancelsAPendingJob() {
    JobSpec.Builder job = builder("echo ran >ran");
    assumeTrue(makePending(job), "every job starts at once");
    JobId pending = system().submit(job.build(), 1).get(0);
    until("the job waits", () -> status(pending) != null);
    assertThat(status(pending)).isNotInstanceOf(JobStatus.Running.class);
    system().cancel(Set.of(pending));
    assertThat(end(pending).end()).isEqualTo(End.CANCELLED);
    assertThat(directory().resolve("ran")).doesNotExist();
  }

  @Test
  void closeCancelsEverything() {
    system().submit(job("echo $$ >one.$MUSTER_JOB_INDEX; exec sleep 300"), 2);
    system().submit(job("echo $$ >two; exec sleep 300"), 1);
    for (String file : List.of("one.0", "one.1", "two")) {
      untilWritten(directory().resolve(file));
    }
    system().close();
    for (String file : List.of("one.0", "one.1", "two")) {
      untilOver(directory().resolve(file));
    }
  }

  private LastingBatchSystem lasting() {
    assumeTrue(system() instanceof LastingBatchSystem, "its jobs end with this JVM");
    return (LastingBatchSystem) system();
  }

  @Test
  void anotherProcessFindsJobsByTheirTagAndTakesThemOver() throws IOException {
    List<String> tags = new ArrayList<>();
    JobSpec spec = job("while [ ! -e go ]; do sleep 0.1; done; exit 3");
    List<JobId> jobs = lasting().submitLasting(spec, 2, tags::add);
    String tag = tags.get(tags.size() - 1);
    try (LastingBatchSystem other = (LastingBatchSystem) open(directory())) {
      SubmitOutcome none = other.find(tag + "0", 2);
      if (none instanceof SubmitOutcome.Unclear unclear) {
        assertThat(unclear.again())
            .as("it lists no jobs by their tag: %s", none)
            .isFalse();
      } else {
        assertThat(none).isInstanceOf(SubmitOutcome.Rejected.class);
        until(
            "the jobs are found",
            () -> other.find(tag, 2).equals(new SubmitOutcome.Accepted(jobs)));
      }
      other.adopt(spec, new JobArray(tag, spec.logs(), jobs));
      Files.createFile(directory().resolve("go"));
      until("end of both", () -> ended(other, jobs));
      StatusReport.Answered report = (StatusReport.Answered) other.status(Set.copyOf(jobs));
      assertThat(report.statuses().values())
          .allSatisfy(status -> assertThat(status)
              .isInstanceOfSatisfying(
                  JobStatus.Ended.class, end -> assertThat(end.exitCode()).isEqualTo(3)));
    }
  }

  private static boolean ended(BatchSystem system, List<JobId> jobs) {
    return system.status(Set.copyOf(jobs)) instanceof StatusReport.Answered report
        && report.statuses().values().stream().allMatch(JobStatus::ended);
  }

  @Test
  void closeCancelsWhatWasTakenOver() {
    List<String> tags = new ArrayList<>();
    JobSpec spec = job("echo $$ >pid; exec sleep 300");
    List<JobId> jobs = lasting().submitLasting(spec, 1, tags::add);
    untilWritten(directory().resolve("pid"));
    try (LastingBatchSystem other = (LastingBatchSystem) open(directory())) {
      other.adopt(spec, new JobArray(tags.get(tags.size() - 1), spec.logs(), jobs));
    }
    untilOver(directory().resolve("pid"));
  }

  @Test
  void takesNothingAfterItsEnd() {
    system().close();
    system().close();
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> system().submit(job("echo ran >ran"), 1));
    assertThat(directory().resolve("ran")).doesNotExist();
  }

  @Test
  void saysWhyItRefuses() {
    JobSpec.Builder job = builder("echo ran >ran");
    assumeTrue(makeRejected(job), "nothing is refused at submission");
    JobSpec spec = job.build();
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> system().submit(spec, 2))
        .satisfies(e -> assertThat(e.getMessage()).isNotBlank());
    assertThat(directory().resolve("ran")).doesNotExist();
  }

  @Test
  void rejectsNoCopies() {
    assertThatIllegalArgumentException().isThrownBy(() -> system().submit(job("true"), 0));
  }

  @Test
  void doesNotKnowForeignJobs() {
    JobId foreign = new JobId("987654321");
    system().cancel(Set.of(foreign));
    assertThat(status(foreign)).isInstanceOf(JobStatus.Unknown.class);
    assertThat(system().status(Set.of())).isEqualTo(new StatusReport.Answered(Map.of()));
  }

  /** The end of a submission is asked for again and again until it is heard, also when its jobs are long gone. */
  @Test
  void hearsThatASubmissionWithoutJobsIsToEnd() {
    assertThat(lasting().cancelTag("contract.nobody.a1b2c3-1")).isTrue();
  }

  /** A process that outlives this JVM runs the command until it succeeds, and looks at nothing else. */
  @Test
  void theCommandThatEndsASubmissionSucceedsHoweverManyOfItsJobsAreLeft() throws Exception {
    BatchDialect dialect = dialect();
    assumeTrue(dialect != null, "it is driven otherwise than by commands");
    succeeds(Objects.requireNonNull(dialect).cancelCommand("contract.nobody.a1b2c3-1"));
    List<String> tags = new ArrayList<>();
    JobSpec spec = job("[ $MUSTER_JOB_INDEX = 0 ] || exit 0; echo $$ >pid; exec sleep 300");
    List<JobId> jobs = lasting().submitLasting(spec, 2, tags::add);
    untilWritten(directory().resolve("pid"));
    end(jobs.get(1));
    List<String> command = dialect.cancelCommand(tags.get(tags.size() - 1));
    succeeds(command);
    untilOver(directory().resolve("pid"));
    end(jobs.get(0));
    succeeds(command);
  }

  private void succeeds(List<String> command) throws IOException, InterruptedException {
    List<String> words =
        new ArrayList<>(List.of("env")); // it looks at the PATH of that environment
    words.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(environment());
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("exit code of %s: %s", command, said).isZero();
  }

  @Test
  void servesSeveralThreads() throws Exception {
    List<List<JobId>> submitted = ConcurrentCalls.make(() -> {
      List<JobId> jobs = system().submit(job("exit 0"), 3);
      system().status(Set.copyOf(jobs));
      jobs.forEach(this::end);
      return jobs;
    });
    Set<JobId> distinct = new HashSet<>();
    submitted.forEach(distinct::addAll);
    assertThat(distinct).hasSize(submitted.size() * 3);
  }
}
