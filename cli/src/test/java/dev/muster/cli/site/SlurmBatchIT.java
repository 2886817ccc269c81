package dev.muster.cli.site;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Runs of backend batch on the Slurm of scripts/sites/slurm-up.sh. */
@Exclusive(Exclusive.SLURM)
class SlurmBatchIT extends BatchRuns {
  @TempDir
  private Path folder;

  @Override
  Site site() {
    Commands.variable("SLURM_CONF", "slurm-up.sh");
    return new SlurmSite(folder);
  }

  @Override
  void limit() throws Exception {
    new SlurmSite(folder).restart("MaxArraySize", "2");
  }

  @Override
  void unlimit() throws Exception {
    new SlurmSite(folder).restart("MaxArraySize", "10001");
  }
}
