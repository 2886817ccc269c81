package dev.muster.internal.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.BatchSystem;
import dev.muster.batch.JobId;
import dev.muster.batch.JobSpec;
import dev.muster.batch.JobStatus;
import dev.muster.batch.JobStatus.End;
import dev.muster.batch.StatusReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CommandBatchSystemTest {
  @TempDir
  Path directory;

  private final FakeQueue queue = new FakeQueue();
  private final FakeTime time = new FakeTime();
  private final Map<String, @Nullable Object> config = new HashMap<>();
  private BatchSystem system;

  @BeforeEach
  void open() {
    system = create();
  }

  private BatchSystem create() {
    Settings settings =
        new Settings("run", directory, config, System.getenv(), queue, time, new Random(1));
    return new CommandBatchSystem(queue, settings, new Watchdog.Patience(1, Duration.ZERO));
  }

  @AfterEach
  void close() {
    system.close();
  }

  private JobSpec job() {
    return JobSpec.builder("gpu", List.of("true"), directory)
        .logs(directory.resolve("logs"))
        .build();
  }

  private StatusReport ask(JobId... jobs) {
    time.pass(Duration.ofSeconds(100));
    return system.status(Set.of(jobs));
  }

  private JobStatus status(JobId job) {
    return ((StatusReport.Answered) ask(job)).statuses().get(job);
  }

  @Test
  void submitsAllCopiesInOneCommand() throws Exception {
    List<JobId> jobs = system.submit(job(), 3);
    assertThat(jobs).extracting(JobId::id).containsExactly("1.0", "1.1", "1.2");
    assertThat(queue.calls).hasSize(1);
    Path script = Path.of(queue.calls.get(0).get(3));
    assertThat(script).isExecutable();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(script.getParent())))
        .isEqualTo("rwx------");
    assertThat(directory.resolve("logs/out")).isDirectory();
    assertThat(directory.resolve("logs/err")).isDirectory();
    assertThat(directory.resolve("logs/logs")).isDirectory();
  }

  @Test
  void followsAJobToItsEnd() {
    JobId job = system.submit(job(), 1).get(0);
    assertThat(status(job)).isEqualTo(new JobStatus.Pending(null));
    queue.set(job, "R");
    assertThat(status(job)).isEqualTo(new JobStatus.Running("node1"));
    queue.finish(job, "3");
    assertThat(status(job)).isEqualTo(new JobStatus.Ended(End.FAILED, 3, null));
  }
}
