package dev.muster.condor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.Jobs;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobArray;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.StatusReport;
import dev.muster.batch.spi.StatusSource;
import dev.muster.batch.spi.Submission;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CondorDialectTest {
  private static final Path LOGS = Path.of("/run/debug/distributed");

  private final CondorDialect dialect = new CondorDialect();

  private static JobArray array(String tag, int cluster, int jobs) {
    List<JobId> ids = IntStream.range(0, jobs)
        .mapToObj(process -> new JobId(cluster + "." + process))
        .toList();
    return new JobArray(tag, LOGS, ids);
  }

  private static List<String> command(StatusSource source) {
    return ((StatusSource.Command) source).command();
  }

  @Test
  void isFoundByItsName(@TempDir Path folder) {
    try (BatchSystem system = Jobs.open("htcondor", folder, Map.of())) {
      assertThat(system.status(Set.of())).isEqualTo(new StatusReport.Answered(Map.of()));
    }
  }

  @Test
  void honoursOptionsThatHtcondorHasWordsFor() {
    assertThat(new CondorStrategy().options())
        .contains("walltime", "queue", "account", "requirements", "stream_output", "chirp")
        .contains("job_extra_directives", "job_script_prologue", "job_script_epilogue")
        .doesNotContain("qos", "constraint", "reservation", "nodes");
  }

  @Test
  void aDescriptionWhoseNameWouldBeALineOfItComesByStandardInput() {
    Path folder = Path.of("/runs/year=2018, at 10:00:00/jobs");
    JobSpec spec = JobSpec.builder("gpu", List.of("true"), folder).logs(LOGS).build();
    Submission submission = dialect.submission(spec, 1, "gpu.run-1", folder);
    assertThat(submission.command()).containsExactly("condor_submit", "-terse", "-");
    assertThat(submission.input())
        .isEqualTo(submission.files().get(folder.resolve("gpu.run-1.sub")))
        .contains("executable = " + folder.resolve("gpu.run-1.sh") + "\n");
  }

  @Test
  void readsTheLogsFirstThenAsksTheQueueThenTheHistory() {
    List<StatusSource> sources = dialect.statusSources(List.of(array("a", 4, 2), array("b", 5, 1)));
    assertThat(sources).hasSize(4);
    assertThat(sources.subList(0, 2))
        .containsExactly(
            new StatusSource.LogFile(LOGS.resolve("logs/a.log")),
            new StatusSource.LogFile(LOGS.resolve("logs/b.log")));
    assertThat(command(sources.get(2)))
        .startsWith("condor_q", "-json", "-attributes")
        .endsWith("4.0", "4.1", "5.0");
    assertThat(command(sources.get(3)))
        .startsWith("condor_history", "-json", "-attributes")
        .endsWith("-scanlimit", "50000", "4.0", "4.1", "5.0");
  }

  @Test
  void asksForWholeClustersWhereThereAreManyJobs() {
    List<StatusSource> sources =
        dialect.statusSources(List.of(array("a", 4, 100_000), array("b", 5, 1)));
    assertThat(command(sources.get(2))).endsWith(JobAds.ATTRIBUTES, "4", "5");
  }

  @Test
  void aLogThatIsNotThereTellsNothing() {
    assertThat(dialect.statuses(
            new CommandResult(List.of("cat", "/x.log"), 1, "", "cat: /x.log: No such file"),
            Set.of(new JobId("4.0"))))
        .isEqualTo(new StatusReport.Answered(Map.of()));
  }

  @Test
  void cancelsByIdAndByTag() {
    assertThat(dialect.cancelCommand(Set.of(new JobId("4.1")))).containsExactly("condor_rm", "4.1");
    assertThat(dialect.cancelCommand("gpu.run-1"))
        .endsWith("muster-condor_rm", "MusterTag == \"gpu.run-1\"");
  }

  @ParameterizedTest
  @CsvSource({
    "0, All jobs matching constraint (x) have been marked for removal, true",
    "0, 'condor_rm:0:There are no jobs in the queue', true",
    "1, 'Couldn''t find/remove all jobs matching constraint (MusterTag == \"zz\")', true",
    "1, 'Job 999.0 not found\nJob 28.499 marked for removal', true",
    "1, 'condor_rm: Can''t find address for schedd condor.example', false",
    "1, 'SECMAN:2007:Read failure\nCouldn''t find/remove all jobs matching constraint (x)', false",
    "1, Permission denied to remove job 4.0, false",
    "137, '', false"
  })
  void jobsThatWereGoneAreCancelled(int code, String said, boolean expected) {
    CommandResult answer =
        new CommandResult(List.of("condor_rm", "x"), code, "", "\n" + said + "\n");
    assertThat(dialect.cancelled(answer)).isEqualTo(expected);
  }
}
