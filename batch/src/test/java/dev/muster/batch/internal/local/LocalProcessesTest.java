package dev.muster.batch.internal.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.muster.batch.internal.engine.RunStrategyContext;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobScript;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.StatusReport;
import dev.muster.error.MusterException;
import dev.muster.execution.Staging;
import dev.muster.internal.process.ProcessTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class LocalProcessesTest {
  // An object: what makes one of a class may not see the package of that one.
  @RegisterExtension
  static final Leftovers LEFTOVERS = new Leftovers();

  @TempDir
  Path directory;

  private BatchSystem system;

  @BeforeEach
  void open() {
    system = new LocalStrategy().open(new RunStrategyContext("run", directory, Map.of()));
  }

  @AfterEach
  void close() {
    system.close();
  }

  private JobSpec job(String script) {
    return JobSpec.builder("gpu", List.of("sh", "-c", script), directory)
        .logs(directory.resolve("logs"))
        .variable("WORD", "a b")
        .build();
  }

  private JobStatus status(JobId id) {
    return ((StatusReport.Answered) system.status(Set.of(id))).statuses().get(id);
  }

  private JobStatus.Ended end(JobId id) {
    await().atMost(Duration.ofSeconds(25)).until(() -> status(id).ended());
    return (JobStatus.Ended) status(id);
  }

  @Test
  void givesEachCopyItsIndexAndItsLogs() {
    List<JobId> jobs = system.submit(job("echo $MUSTER_JOB_INDEX $WORD; echo bad >&2"), 2);
    assertThat(jobs).containsExactly(new JobId("1.0"), new JobId("1.1"));
    jobs.forEach(this::end);
    assertThat(directory.resolve("logs/out/gpu-1.0.out")).hasContent("0 a b");
    assertThat(directory.resolve("logs/out/gpu-1.1.out")).hasContent("1 a b");
    assertThat(directory.resolve("logs/err/gpu-1.1.err")).hasContent("bad");
  }

  @Test
  void reportsExitCodes() {
    assertThat(end(system.submit(job("exit 0"), 1).get(0)))
        .isEqualTo(new JobStatus.Ended(JobStatus.End.SUCCEEDED, 0, null));
    assertThat(end(system.submit(job("exit 3"), 1).get(0)))
        .isEqualTo(new JobStatus.Ended(JobStatus.End.FAILED, 3, null));
    assertThat(end(system.submit(job("kill -SEGV $$"), 1).get(0)))
        .isEqualTo(new JobStatus.Ended(JobStatus.End.FAILED, 139, "ended by SIGSEGV"));
  }

  @Test
  void runsTheSetupInTheJobsOwnShell() {
    JobSpec spec = job("echo $MUSTER_JOB_INDEX $WORD $FOUND $MUSTER_FILES").toBuilder()
        .files(List.of(directory.resolve("my files/a"), directory.resolve("my files/b")))
        .setup(List.of("FOUND=$(basename \"$MUSTER_FILES\")", "export FOUND"))
        .build();
    List<JobId> jobs = system.submit(spec, 2);
    jobs.forEach(job -> assertThat(end(job).exitCode()).isZero());
    assertThat(directory.resolve("logs/out/gpu-1.1.out"))
        .hasContent("1 a b my files " + directory.resolve("my files"));
    assertThat(directory.resolve("logs/err/gpu-1.1.err"))
        .content()
        .containsPattern("muster: setup step 1 of 2: done \\(\\d+\\.\\d{3} s\\)")
        .contains("step 2 of 2");
  }

  @Test
  void aJobWhoseSetupFailsEndsWithACodeOfItsOwn() {
    JobSpec spec = job("echo never").toBuilder()
        .setup(List.of("true", "ls /no/such/place", "echo neither"))
        .build();
    assertThat(end(system.submit(spec, 1).get(0)).exitCode()).isEqualTo(JobScript.SETUP_FAILED);
    assertThat(directory.resolve("logs/out/gpu-1.0.out")).isEmptyFile();
    assertThat(directory.resolve("logs/err/gpu-1.0.err"))
        .content()
        .contains("/no/such/place", "setup step 2 of 3: failed with exit code 2");
    assertThat(directory
            .resolve("jobs")
            .toFile()
            .listFiles((folder, name) -> name.endsWith("-1.0.exit")))
        .singleElement(InstanceOfAssertFactories.FILE)
        .hasContent("79");
  }

  @Test
  void aJobDuringItsSetupCanBeCancelled() {
    JobSpec spec = job("true").toBuilder().setup(List.of("sleep 300")).build();
    JobId id = system.submit(spec, 1).get(0);
    system.cancel(Set.of(id));
    assertThat(end(id).end()).isEqualTo(JobStatus.End.CANCELLED);
  }

  @Test
  void cancelsOneJobOfTwo() {
    List<JobId> jobs = system.submit(job("sleep 300"), 2);
    system.cancel(Set.of(jobs.get(0)));
    assertThat(end(jobs.get(0)).end()).isEqualTo(JobStatus.End.CANCELLED);
    assertThat(status(jobs.get(1))).isInstanceOf(JobStatus.Running.class);
  }

  @Test
  void leavesAJobThatIsOverAsItWas() {
    JobId job = system.submit(job("exit 0"), 1).get(0);
    end(job);
    system.cancel(Set.of(job, new JobId("9.9")));
    assertThat(end(job).end()).isEqualTo(JobStatus.End.SUCCEEDED);
  }

  @Test
  void endsEverythingWhenClosed() {
    List<JobId> jobs = system.submit(job("sleep 300 & sleep 300"), 3);
    system.close();
    for (JobId job : jobs) {
      assertThat(end(job).end()).isEqualTo(JobStatus.End.CANCELLED);
    }
    system.close();
    assertThatThrownBy(() -> system.submit(job("true"), 1)).isInstanceOf(MusterException.class);
  }

  @Test
  void endsWhatAJobLeavesBehind() throws IOException {
    JobId job = system.submit(job("sleep 300 & echo $!"), 1).get(0);
    assertThat(end(job).end()).isEqualTo(JobStatus.End.SUCCEEDED);
    long left = Long.parseLong(
        Files.readString(directory.resolve("logs/out/gpu-1.0.out")).strip());
    await().until(() -> ProcessHandle.of(left).filter(ProcessTable::alive).isEmpty());
  }

  @Test
  void endsAJobWhoseWalltimeIsOver() {
    JobSpec spec = job("trap 'exit 5' TERM; sleep 300 & wait").toBuilder()
        .config("walltime", "200ms")
        .build();
    assertThat(end(system.submit(spec, 1).get(0)).end()).isEqualTo(JobStatus.End.WALLTIME);
    JobId quick = system
        .submit(job("exit 0").toBuilder().config("walltime", "1h").build(), 1)
        .get(0);
    assertThat(end(quick).end()).isEqualTo(JobStatus.End.SUCCEEDED);
  }

  @Test
  void killsAJobThatIgnoresItsWalltime() {
    Path ready = directory.resolve("ready");
    JobSpec spec = job("trap '' TERM; : >" + ready + "; while true; do sleep 1; done");
    Duration walltime = Duration.ofMillis(200);
    JobStatus.Ended end = null;
    // A loaded machine may end a job before it has set its trap: it is given more time then.
    while (!Files.exists(ready) && walltime.compareTo(Duration.ofSeconds(10)) < 0) {
      close();
      system = new LocalProcesses(
          "run", Duration.ofMillis(50), walltime, directory.resolve("jobs"), () -> 0);
      end = end(system.submit(spec, 1).get(0));
      walltime = walltime.multipliedBy(2);
    }
    assertThat(ready).exists();
    assertThat(end).isEqualTo(new JobStatus.Ended(JobStatus.End.WALLTIME, 137, "ended by SIGKILL"));
  }

  @Test
  void tellsWhichJobsTheSystemKilledForLackOfMemory() throws IOException {
    AtomicLong kills = new AtomicLong(7);
    Path go = directory.resolve("go");
    try (BatchSystem other = new LocalProcesses(
        "run", Duration.ofMillis(50), null, directory.resolve("jobs"), kills::get)) {
      system.close();
      system = other;
      JobStatus.Ended before = end(other.submit(job("kill -KILL $$"), 1).get(0));
      assertThat(before)
          .isEqualTo(new JobStatus.Ended(JobStatus.End.FAILED, 137, "ended by SIGKILL"));
      String wait = "while [ ! -e " + go + " ]; do sleep 0.01; done; ";
      JobId killed = other.submit(job(wait + "kill -KILL $$"), 1).get(0);
      JobId failed = other.submit(job(wait + "exit 9"), 1).get(0);
      kills.incrementAndGet();
      Files.createFile(go);
      assertThat(end(killed))
          .isEqualTo(new JobStatus.Ended(
              JobStatus.End.OUT_OF_MEMORY,
              137,
              "the system killed a process for lack of memory meanwhile"));
      assertThat(end(failed)).isEqualTo(new JobStatus.Ended(JobStatus.End.FAILED, 9, null));
    }
  }

  @Test
  void rejectsAWalltimeThatIsNone() {
    JobSpec spec = job("true").toBuilder().config("walltime", "soon").build();
    assertThatThrownBy(() -> system.submit(spec, 1))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("pool gpu.config.walltime: walltime must be a time");
    assertThatThrownBy(() -> new LocalStrategy().preview(spec, 1, "tag", directory))
        .isInstanceOf(MusterException.class);
  }

  @Test
  void saysWhatCannotBeStarted() {
    JobSpec missing =
        JobSpec.builder("w", List.of("no-such-program", "it's"), directory).build();
    assertThatThrownBy(() -> system.submit(missing, 3))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining("no-such-program 'it'\\''s'")
        .hasMessageContaining("was not found");
  }

  @Test
  void doesNotKnowForeignJobs() {
    assertThat(status(new JobId("4711"))).isInstanceOf(JobStatus.Unknown.class);
  }

  private JobSpec sent(List<Path> files, String script) {
    return job(script).toBuilder().files(files).staging(Staging.TRANSFER).build();
  }

  private static Path folder(Path out) throws IOException {
    return Path.of(Files.readString(out).strip());
  }

  @Test
  void aFileIsCopiedOnlyForAJobThatCannotDoWithoutIt() throws IOException {
    Path brought = Files.writeString(directory.resolve("it's"), "1");
    JobSpec lacks = sent(List.of(brought), "[ \"$(cat \"it's\")\" = 1 ]").toBuilder()
        .unless(Map.of(brought, "cd /\nfalse"))
        .build();
    JobSpec has = sent(List.of(brought), "[ ! -e \"it's\" ]").toBuilder()
        .unless(Map.of(brought, "true"))
        .build();
    for (JobSpec each : List.of(lacks, has)) {
      JobId job = system.submit(each, 1).get(0);
      assertThat(end(job).end()).isEqualTo(JobStatus.End.SUCCEEDED);
      assertThat(Files.readString(each.errFile(job.id())))
          .isEqualTo(
              each.equals(has)
                  ? "muster: it's is not sent: this machine has what it brings\n"
                  : "");
    }
    JobId late = system
        .submit(
            lacks.toBuilder()
                .unless(Map.of(brought, "rm " + brought.toString().replace("'", "\\'") + "; false"))
                .build(),
            1)
        .get(0);
    assertThat(end(late).exitCode()).isEqualTo(72);
    assertThat(Files.readString(lacks.errFile(late.id()))).contains("No such file");
  }

  @Test
  void aJobWhoseFilesAreSentHasCopiesInAFolderOfItsOwnThatIsDeletedAtItsEnd() throws IOException {
    Path one = Files.writeString(directory.resolve("one"), "1");
    Path two = Files.createDirectory(directory.resolve("other")).resolve("two");
    Files.writeString(two, "2");
    Files.setPosixFilePermissions(two, PosixFilePermissions.fromString("rw-------"));
    JobSpec job = sent(
        List.of(one, two),
        "[ $PWD = $MUSTER_FILES ] && [ $(cat one)$(cat two) = 12 ] && [ $(stat -c %a two) = 600 ] && pwd");
    for (JobSpec each :
        List.of(job, job.toBuilder().setup(List.of("cat one > three")).build())) {
      List<JobId> jobs = system.submit(each, 2);
      for (JobId id : jobs) {
        assertThat(end(id).end()).isEqualTo(JobStatus.End.SUCCEEDED);
        Path folder = folder(each.outFile(id.id()));
        assertThat(folder).isNotEqualTo(directory);
        await().until(() -> !Files.exists(folder));
      }
      assertThat(folder(each.outFile(jobs.get(0).id())))
          .isNotEqualTo(folder(each.outFile(jobs.get(1).id())));
    }
    assertThat(directory.resolve("three")).doesNotExist();
    assertThat(one).hasContent("1");
  }

  @Test
  void theFolderOfAJobThatIsCancelledIsDeletedToo() throws IOException {
    JobSpec job = sent(List.of(), "pwd; exec sleep 60");
    JobId id = system.submit(job, 1).get(0);
    Path out = job.outFile(id.id());
    await().until(() -> Files.size(out) > 0);
    Path folder = folder(out);
    assertThat(folder).isDirectory();
    assertThat(Files.getPosixFilePermissions(folder.getParent()))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    system.cancel(Set.of(id));
    await().until(() -> !Files.exists(folder));
    system.close();
    assertThat(folder.getParent()).doesNotExist();
  }

  @Test
  void aFileThatIsGoneIsNamed() {
    assertThatThrownBy(() -> system.submit(sent(List.of(directory.resolve("gone")), "true"), 1))
        .isInstanceOf(MusterException.class)
        .hasMessageContaining(directory.resolve("gone").toString());
  }
}
