package dev.muster.slurm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.spi.CommandResult;
import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.execution.Staging;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SlurmReturnTest {
  private static String line(String job, String restarts, String comment) {
    return String.format("%-40s%-12s%-40s%n", job, restarts, comment);
  }

  @Test
  void aJobLeavesWhenItSaysSoOfThisStart() {
    String said = line("7_0", "0", "muster: leaves 0")
        + line("7_1", "1", "muster: leaves 0") // before it was put back into the queue
        + line("7_2", "1", "muster: leaves 1")
        + line("7_3", "0", "some error")
        + line("7_[4-9]", "0", "(null)");

    assertThat(SlurmReturn.leaving(new CommandResult(List.of("squeue"), 0, said, "")))
        .isEqualTo(Set.of(new JobId("7_0"), new JobId("7_2")));
    assertThat(SlurmReturn.leaving(new CommandResult(List.of("squeue"), 1, said, "")))
        .isEmpty();
  }

  @Test
  void onlyJobsWithParcelsWaitAndAreFetched() {
    JobSpec spec = JobSpec.builder("p", List.of("true"), Path.of("/run"))
        .staging(Staging.TRANSFER)
        .build();
    JobId job = new JobId("7_3");

    assertThat(SlurmReturn.departure(spec)).isEmpty();
    assertThat(SlurmReturn.fetchCommands(spec, job, "t")).isEmpty();

    JobSpec own = spec.toBuilder().parcels(Path.of("/run/1")).build();
    assertThat(SlurmReturn.departure(own)).isNotEmpty();
    assertThat(SlurmReturn.fetchCommands(own, job, "t").get(0))
        .containsSequence(
            "7_3",
            "/run/1",
            "/run/out/p-7_3.out",
            "/run/err/p-7_3.err",
            "3.out",
            "/tmp/muster-t-7_3");
  }
}
