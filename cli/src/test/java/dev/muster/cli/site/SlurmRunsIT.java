package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs on the Slurm of scripts/sites/slurm-up.sh. */
class SlurmRunsIT extends SiteRuns {
  @TempDir
  private Path folder;

  @Override
  Site site() {
    Commands.variable("SLURM_CONF", "slurm-up.sh");
    return new SlurmSite(folder);
  }

  @Test
  void aTaskThatTakesTooMuchMemoryGoesToTheLargerPool() throws Exception {
    pool("default", "1", "cpus: 1, memory: 400MB");
    pool("high_memory", "1", "cpus: 1, memory: 4GB");
    stage(
        "Grows",
        "grow",
        ", scope: global, params: {megabytes: 1000}, execution: {retry: {max: 1, escalate: high_memory}}");
    MusterProcess process = run();
    assertThat(process.exitCode()).as(process.output()).isZero();
    assertThat(process.output()).contains("ran out of memory");
    assertThat(records("Grows"))
        .singleElement()
        .asString()
        .contains("\"pool\": \"high_memory\"", "\"attempt\": 2");
  }
}
