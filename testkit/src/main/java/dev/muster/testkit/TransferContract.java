package dev.muster.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobScript;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.StatusReport;
import dev.muster.code.ShellWords;
import dev.muster.error.MusterException;
import dev.muster.execution.Staging;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a batch system must do that sends files to jobs ({@link Staging#TRANSFER}), as tests: extend it, and open the
 * system. It must be one whose jobs do not see {@link #directory}; a test says so. Not thread-safe.
 *
 * @since 0.1
 */
public abstract class TransferContract {
  private static final long LOOK_MILLIS = 20;
  private static final int BIG = 300_000_000;

  private @Nullable BatchSystem opened;

  /** Creates the tests. */
  protected TransferContract() {}

  /** Opens the system to test. */
  protected abstract BatchSystem open(Path directory);

  /** Returns a folder for the tests' files, on this machine only. */
  protected abstract Path directory();

  /** Adds what a job needs here, for example a queue. Default: nothing. */
  protected void prepare(JobSpec.Builder job) {}

  /** Returns how long a job may need to come and go. Default: 90 seconds. */
  protected Duration patience() {
    return Duration.ofSeconds(90);
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

  /** Returns the system that is tested. */
  protected final BatchSystem system() {
    return Objects.requireNonNull(opened);
  }

  /** Returns a job that runs shell lines in the folder with its files; they end at the first that fails. */
  protected final JobSpec.Builder job(String script, Path... files) {
    JobSpec.Builder job = JobSpec.builder("sent", List.of("bash", "-ec", script), directory())
        .logs(directory().resolve("logs"))
        .files(List.of(files))
        .staging(Staging.TRANSFER);
    prepare(job);
    return job;
  }

  /** Submits one job. */
  protected final JobId submit(JobSpec.Builder job) {
    return system().submit(job.build(), 1).get(0);
  }

  /** Writes a file on this machine. */
  protected final Path file(String name, String content) throws IOException {
    return Files.writeString(directory().resolve(name), content);
  }

  /** Waits for a condition. */
  protected final void until(String what, BooleanSupplier condition) {
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

  /** Returns the state of a job, or null if nobody knows. */
  protected final @Nullable JobStatus status(JobId job) {
    return system().status(Set.of(job)) instanceof StatusReport.Answered report
        ? report.statuses().get(job)
        : null;
  }

  /** Waits for the end of a job. */
  protected final JobStatus.Ended end(JobId job) {
    until("end of job " + job, () -> status(job) instanceof JobStatus.Ended);
    return (JobStatus.Ended) Objects.requireNonNull(status(job));
  }

  /** Returns what came back of a job's error log. */
  protected final String errors(JobSpec.Builder job, JobId id) throws IOException {
    Path file = job.build().errFile(id.id());
    return Files.exists(file) ? Files.readString(file) : "";
  }

  /** Runs a job; fails with its error log if it does not end well. */
  protected final void succeeds(JobSpec.Builder job) throws IOException {
    JobId id = submit(job);
    JobStatus.Ended end = end(id);
    assertThat(end.end()).as("%s: %s", end, errors(job, id)).isEqualTo(End.SUCCEEDED);
  }

  private JobStatus.Ended fails(JobSpec.Builder job, String errors) throws IOException {
    JobId id = submit(job);
    JobStatus.Ended end = end(id);
    assertThat(end.end()).as("%s", end).isEqualTo(End.FAILED);
    assertThat(errors(job, id)).contains(errors);
    return end;
  }

  @Test
  void jobsDoNotSeeThisMachinesFolder() throws IOException {
    Path here = file("only here", "x");
    succeeds(job("[ ! -e " + ShellWords.quote(here.toString()) + " ]"));
  }

  @Test
  void aJobHasTheFilesThatWereSentToIt() throws IOException {
    Path other = Files.createDirectories(directory().resolve("other folder"));
    Path far = Files.writeString(other.resolve("from another folder"), "far\n");
    Path strange = file("it's a \"file\" $(touch pwned) #%;&*?[a] größe", "strange\n");
    String name = ShellWords.quote(String.valueOf(strange.getFileName()));

    succeeds(job(
        "[ \"$(pwd -P)\" = \"$(cd \"$" + JobScript.FILES_VARIABLE + "\" && pwd -P)\" ]\n"
            + "[ \"$(cat plain)\" = first ]\n[ \"$(cat 'from another folder')\" = far ]\n[ \"$(cat "
            + name + ")\" = strange ]\n[ ! -e pwned ]",
        file("plain", "first\n"),
        far,
        strange));
  }

  @Test
  void aPrivateFileStaysPrivate() throws IOException {
    Path secret = file("secret", "s");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));

    succeeds(job(
        "[ \"$(stat -c %a secret)\" = 600 ]\n[ \"$(stat -c %a .)\" = 700 ] || [ \"$(stat -c %a ..)\" = 700 ]",
        secret));
  }

  @Test
  void eachCopyHasItsFilesAndItsIndexAndSendsBackWhatItLeaves() throws IOException {
    Path parcels = Files.createDirectories(directory().resolve("parcels"));
    for (int index = 0; index < 5; index++) {
      Files.writeString(
          parcels.resolve(JobSpec.parcelIn(Integer.toString(index))), "parcel " + index);
    }
    String leave = "i=$MUSTER_JOB_INDEX\nif [ $i != 3 ]; then cat $i.in name >$i.out; fi\n";
    List<JobId> jobs = system()
        .submit(
            job(leave + "[ \"$(cat name)\" = all ]\nexit $((20 + i))", file("name", "all"))
                .parcels(parcels)
                .build(),
            5);

    for (int index = 0; index < jobs.size(); index++) {
      JobStatus.Ended end = end(jobs.get(index));
      assertThat(end.exitCode()).as("%s", end).isEqualTo(20 + index);
      Path left = parcels.resolve(JobSpec.parcelOut(Integer.toString(index)));
      if (index != 3) {
        assertThat(left).hasContent("parcel " + index + "all");
      } else if (Files.exists(left)) {
        assertThat(left).isEmptyFile();
      }
    }
  }

  @Test
  void aBigFileArrivesAsItWas() throws IOException, NoSuchAlgorithmException {
    Path big = directory().resolve("big");
    MessageDigest sha = MessageDigest.getInstance("SHA-256");
    byte[] block = new byte[1_000_000];
    Random random = new Random(1);
    try (OutputStream out = new DigestOutputStream(Files.newOutputStream(big), sha)) {
      for (int written = 0; written < BIG; written += block.length) {
        random.nextBytes(block);
        out.write(block);
      }
    }
    try {
      succeeds(job(
          "[ \"$(sha256sum <big)\" = '" + HexFormat.of().formatHex(sha.digest()) + "  -' ]", big));
    } finally {
      Files.delete(big);
    }
  }

  @Test
  void theExitCodeAndTheEndOfTheErrorLogComeBack() throws IOException {
    JobStatus.Ended end = fails(
        job("printf 'what \"went\" wrong\\\\n: 100%%\\nsecond line, the last\\n' >&2\nexit 7"),
        "what \"went\" wrong\\n: 100%\nsecond line, the last\n");

    assertThat(end.exitCode()).isEqualTo(7);
  }

  @Test
  void theEndOfALongErrorLogComesBack() throws IOException {
    fails(job("seq 1 20000 >&2\nexit 1"), "\n19999\n20000\n");
  }

  @Test
  void aSetupThatFailsIsTold() throws IOException {
    JobStatus.Ended end = fails(
        job("true", file("tool", "exit 3\n"))
            .setup(List.of("bash \"$" + JobScript.FILES_VARIABLE + "/tool\"")),
        "muster: setup step 1 of 1: failed with exit code 3");

    assertThat(end.exitCode()).isEqualTo(JobScript.SETUP_FAILED);
  }

  @Test
  void aFileThatIsNotThereIsRefused() {
    Path missing = directory().resolve("nowhere");

    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> submit(job("true", missing)))
        .withMessageContaining(missing.toString())
        .withMessageContaining("cannot be submitted");
  }

  @Test
  void aJobLeavesNothingOnItsNode() throws IOException {
    Path told = directory().resolve("logs");
    JobSpec.Builder first = job("pwd -P >&2\nexit 9", file("left", "x"));
    JobId id = submit(first);
    assertThat(end(id).exitCode()).isEqualTo(9);
    List<String> lines = errors(first, id).lines().toList();
    String folder = lines.get(lines.size() - 1);
    assertThat(folder).as("what came back in %s", told).startsWith("/");

    succeeds(job("[ ! -e " + ShellWords.quote(folder) + " ]"));
  }

  @Test
  void aCancelledJobEnds() throws IOException {
    JobId job = submit(job("exec sleep 600", file("any", "x")));
    until("job " + job + " runs", () -> status(job) instanceof JobStatus.Running);

    system().cancel(Set.of(job));

    assertThat(end(job).end()).isEqualTo(End.CANCELLED);
  }
}
