package dev.muster.batch.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobScript;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.StatusReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Accounting that knows of an end only a while after it. */
class LateSourceTest {
  @TempDir
  Path directory;

  private final FakeQueue queue = new FakeQueue();
  private final FakeTime time = new FakeTime();
  private BatchSystem system;
  private JobId job;

  @BeforeEach
  void submit() {
    queue.late = Duration.ofSeconds(30);
    Settings settings =
        new Settings("run", directory, Map.of(), System.getenv(), queue, time, new Random(1));
    system = new CommandBatchSystem(queue, settings, new Watchdog.Patience(1, Duration.ZERO));
    JobSpec spec = JobSpec.builder("gpu", List.of("true"), directory).build();
    job = system.submit(spec, 1).get(0);
    queue.set(job, "R");
    assertThat(status()).isEqualTo(new JobStatus.Running("node1"));
  }

  @AfterEach
  void close() {
    system.close();
  }

  private JobStatus status() {
    time.pass(Duration.ofSeconds(5));
    return ((StatusReport.Answered) system.status(Set.of(job))).statuses().get(job);
  }

  @Test
  void isWaitedFor() {
    queue.forget(job);
    for (int i = 0; i < 5; i++) {
      assertThat(status()).isEqualTo(new JobStatus.Ending("node1"));
    }
    queue.finish(job, "3");
    assertThat(status()).isEqualTo(new JobStatus.Ended(End.FAILED, 3, null));
  }

  @Test
  void isNotWaitedForWithoutEnd() {
    queue.forget(job);
    int asked = 0;
    JobStatus status = status();
    while (!status.ended() && asked++ < 20) {
      status = status();
    }
    assertThat(status)
        .isInstanceOfSatisfying(
            JobStatus.Ended.class, ended -> assertThat(ended.end()).isEqualTo(End.LOST));
    assertThat(asked).isBetween(5, 8);
  }

  @Test
  void isNotWaitedForAboutAJobThatWasCancelledHere() {
    system.cancel(Set.of(job));
    queue.accounting.clear();
    JobStatus unused = status();
    assertThat(status())
        .isInstanceOfSatisfying(
            JobStatus.Ended.class, ended -> assertThat(ended.end()).isEqualTo(End.CANCELLED));
  }

  @Test
  void isNotAskedAboutAJobThatLeftItsExitCode() throws IOException {
    queue.forget(job);
    String tag = queue.calls("qsub").get(0).get(1);
    Path script = Path.of(queue.calls("qsub").get(0).get(3));
    Files.writeString(JobScript.exitFile(script.getParent(), tag, 0), "3\n");
    assertThat(status()).isEqualTo(new JobStatus.Ended(End.FAILED, 3, null));
    assertThat(queue.calls("qacct")).isEmpty();
  }
}
