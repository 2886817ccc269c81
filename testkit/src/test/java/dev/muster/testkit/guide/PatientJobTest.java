package dev.muster.testkit.guide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.spi.JobId;
import dev.muster.batch.spi.JobSpec;
import dev.muster.testkit.FakeBatchSystem;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class PatientJobTest {
  private static final JobSpec SPEC =
      JobSpec.builder("simulate", List.of("./simulate"), Path.of("/work")).build();

  @Test
  void comesBackAfterPreemption() {
    FakeBatchSystem slurm = new FakeBatchSystem();
    PatientJob job = new PatientJob(slurm, SPEC);

    slurm.start(new JobId("1_0"), "node1");
    assertThat(job.look()).isFalse();
    slurm.preempt(new JobId("1_0"));
    assertThat(job.look()).isFalse();
    assertThat(slurm.submissions()).hasSize(2);

    slurm.becomeUnavailable("Unable to contact slurm controller");
    assertThat(job.look()).isFalse();
    slurm.becomeAvailable();
    slurm.exit(new JobId("2_0"), 0);
    assertThat(job.look()).isTrue();
  }
}
