package dev.muster.examples.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.muster.batch.Jobs;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.StatusReport;
import dev.muster.error.MusterException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class NiceStrategyTest {
  @TempDir
  Path directory;

  private BatchSystem system;

  @BeforeEach
  void open() {
    system = Jobs.open(new NiceStrategy(), directory, Map.of("nice", 3));
  }

  @AfterEach
  void close() {
    system.close();
  }

  @Test
  void startsEveryCopyAndKeepsItsOutput() throws IOException {
    JobSpec spec = job("echo \"$GREETING\"; pwd").variable("GREETING", "hello").build();
    List<JobId> jobs = system.submit(spec, 3);
    assertThat(jobs).hasSize(3).doesNotHaveDuplicates();
    for (JobId job : jobs) {
      assertThat(ended(job)).isEqualTo(new JobStatus.Ended(End.SUCCEEDED, 0, null));
      assertThat(Files.readString(directory.resolve("test-" + job + ".out")))
          .isEqualTo("hello\n" + directory.toRealPath() + "\n");
    }
  }

  @Test
  void processesAreAsNiceAsAsked() throws IOException {
    JobId byExecution = system.submit(job("nice").build(), 1).get(0);
    JobId byPool = system.submit(job("nice").config("nice", 7).build(), 1).get(0);
    ended(byExecution);
    ended(byPool);
    int own = ownNiceness();
    assertThat(output(byExecution)).isEqualTo(Math.min(19, own + 3));
    assertThat(output(byPool)).isEqualTo(Math.min(19, own + 7));
  }

  @Test
  void reportsTheExitCode() {
    JobId job = system.submit(job("exit 7").build(), 1).get(0);
    assertThat(ended(job)).isEqualTo(new JobStatus.Ended(End.FAILED, 7, null));
  }

  @Test
  void cancelEndsTheProcessAndItsChildren() {
    JobId job = system.submit(job("sleep 600 & echo $!; wait").build(), 1).get(0);
    await().until(() -> Files.size(directory.resolve("test-" + job + ".out")) > 0);
    long child = output(job);
    system.cancel(Set.of(job));
    assertThat(ended(job).end()).isEqualTo(End.CANCELLED);
    await().until(() -> ProcessHandle.of(child).map(handle -> !handle.isAlive()).orElse(true));
  }

  @Test
  void closeLeavesNoProcess() {
    JobId job = system.submit(job("echo $$; exec sleep 600").build(), 1).get(0);
    await().until(() -> Files.size(directory.resolve("test-" + job + ".out")) > 0);
    long process = output(job);
    system.close();
    assertThat(ProcessHandle.of(process).filter(ProcessHandle::isAlive)).isEmpty();
  }

  @Test
  void anUnknownJobIsLost() {
    JobId unknown = new JobId("4711");
    system.cancel(Set.of(unknown));
    assertThat(ended(unknown).end()).isEqualTo(End.LOST);
  }

  @Test
  void saysWhatItCouldNotStart() {
    JobSpec spec = JobSpec.builder("test", List.of("true"), directory.resolve("absent"))
        .logs(directory)
        .build();
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> system.submit(spec, 1))
        .withMessageContaining("could not start [nice, -n, 3, true]");
  }

  @Test
  void rejectsImpossibleNiceness() {
    JobSpec spec = job("true").config("nice", 20).build();
    assertThatExceptionOfType(MusterException.class)
        .isThrownBy(() -> system.submit(spec, 1))
        .withMessage("the option nice must be 0 to 19, got 20");
  }

  private JobSpec.Builder job(String command) {
    return JobSpec.builder("test", List.of("sh", "-c", command), directory);
  }

  private JobStatus.Ended ended(JobId job) {
    return (JobStatus.Ended) await().until(() -> status(job), JobStatus::ended);
  }

  private JobStatus status(JobId job) {
    return ((StatusReport.Answered) system.status(Set.of(job))).statuses().get(job);
  }

  private long output(JobId job) {
    try {
      return Long.parseLong(
          Files.readString(directory.resolve("test-" + job + ".out")).strip());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static int ownNiceness() throws IOException {
    Process process = new ProcessBuilder("nice").start();
    return Integer.parseInt(
        new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip());
  }
}
