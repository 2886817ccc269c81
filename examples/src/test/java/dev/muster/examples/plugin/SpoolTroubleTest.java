package dev.muster.examples.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.batch.Jobs;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.batch.spi.JobStatus.End;
import dev.muster.batch.spi.StatusReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real commands that are slow, fail, hang, come and go, or talk nonsense. */
@Timeout(120)
class SpoolTroubleTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir
  Path directory;

  private Path spool;
  private BatchSystem system;

  @BeforeEach
  void open() throws IOException {
    spool = directory.resolve("spool");
    Files.createDirectories(spool.resolve("queues/day"));
    Path troubled = Files.createDirectories(directory.resolve("programs"));
    Path programs = Path.of("src/test/resources/spool").toAbsolutePath();
    for (String program : List.of("spool-submit", "spool-status", "spool-cancel")) {
      // A file of the program's name says what is wrong with it, one word for each call; then it is
      // well.
      Path script = Files.writeString(troubled.resolve(program), """
          #!/bin/sh
          trouble=$SPOOL/%1$s
          next=
          if [ -s "$trouble" ]; then
            next=$(head -n 1 "$trouble")
            sed -i 1d "$trouble"
          fi
          case $next in
            fail) echo "%1$s: the queue is away" >&2; exit 2 ;;
            hang) exec sleep 300 ;;
            late) %2$s/%1$s "$@"; exec sleep 300 ;;
            slow) sleep 0.5 ;;
            garble) head -c 500 /dev/urandom; exit 0 ;;
            silent) exit 0 ;;
          esac
          exec %2$s/%1$s "$@"
          """.formatted(program, programs));
      assertThat(script.toFile().setExecutable(true)).isTrue();
    }
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.put("PATH", troubled + ":" + programs + ":" + environment.get("PATH"));
    environment.put("SPOOL", spool.toString());
    system = Jobs.open(
        new SpoolStrategy(),
        directory,
        Map.of("poll_interval", "50ms", "command_timeout", "2s"),
        environment);
  }

  @AfterEach
  void close() {
    system.close();
  }

  private void trouble(String program, String... words) throws IOException {
    Files.write(spool.resolve(program), List.of(words));
  }

  private JobSpec job(String script) {
    return JobSpec.builder("job", List.of("sh", "-c", script), directory).build();
  }

  private JobStatus.Ended end(JobId job) {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> system.status(Set.of(job)) instanceof StatusReport.Answered answer
                    && answer.statuses().get(job) instanceof JobStatus.Ended ended
                ? ended
                : null,
            ended -> ended != null);
  }

  @ParameterizedTest
  @ValueSource(strings = {"fail", "hang", "slow", "garble", "silent", "late"})
  void aSubmissionInTroubleLeavesOneSetOfJobs(String word) throws IOException {
    trouble("spool-submit", word);
    List<JobId> jobs = system.submit(job("echo $$ >>started; exec sleep 300"), 2);
    assertThat(jobs).hasSize(2);
    await().atMost(PATIENCE).until(() -> {
      try (Stream<Path> all = Files.list(spool.resolve("jobs"))) {
        List<Path> left =
            all.filter(each -> !Files.exists(each.resolve("cancelled"))).toList();
        return left.size() == 2
            && left.stream()
                .allMatch(each -> jobs.contains(new JobId(each.getFileName().toString())));
      }
    });
  }

  @Test
  void aSubmissionIsTriedForAWhile() throws IOException {
    trouble("spool-submit", "fail", "fail", "fail", "fail");
    List<JobId> jobs = system.submit(job("exit 4"), 1);
    assertThat(end(jobs.get(0))).isEqualTo(new JobStatus.Ended(End.FAILED, 4, null));
  }

  @Test
  void aQueueThatComesAndGoesLosesNothing() throws IOException {
    List<JobId> jobs = system.submit(job("sleep 1; exit 4"), 5);
    trouble("spool-status", "fail", "garble", "slow", "hang", "fail");
    for (JobId job : jobs) {
      assertThat(end(job)).isEqualTo(new JobStatus.Ended(End.FAILED, 4, null));
    }
  }

  @Test
  void aSilentAnswerIsNoEnd() throws IOException {
    JobId job = system.submit(job("sleep 2; exit 4"), 1).get(0);
    trouble("spool-status", "silent", "slow");
    assertThat(end(job)).isEqualTo(new JobStatus.Ended(End.FAILED, 4, null));
  }

  @Test
  void aCancelInTroubleIsTriedAgain() throws IOException {
    JobId job = system.submit(job("exec sleep 300"), 1).get(0);
    trouble("spool-cancel", "fail", "hang");
    system.cancel(Set.of(job));
    assertThat(end(job).end()).isEqualTo(End.CANCELLED);
  }

  @Test
  void closeInTroubleCancelsAllTheSame() throws IOException {
    JobId job = system.submit(job("exec sleep 300"), 1).get(0);
    trouble("spool-cancel", "hang", "fail");
    system.close();
    assertThat(spool.resolve("jobs/" + job + "/cancelled")).exists();
  }
}
