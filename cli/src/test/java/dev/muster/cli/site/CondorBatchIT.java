package dev.muster.cli.site;

import java.nio.file.Files;
import java.nio.file.Path;

/** Runs of backend batch on the HTCondor of scripts/sites/condor-up.sh. */
@Exclusive(Exclusive.CONDOR)
class CondorBatchIT extends BatchRuns {
  @Override
  Site site() throws Exception {
    Path work = Path.of(Commands.variable("MUSTER_CONDOR_WORK", "condor-up.sh"));
    return new CondorSite(Files.createTempDirectory(work, "batch-"));
  }

  @Override
  void limit() throws Exception {
    // The sixth job fits only when another has ended.
    CondorSite.configure("MAX_JOBS_PER_SUBMISSION = 4\nMAX_JOBS_PER_OWNER = 5\n");
  }

  @Override
  void unlimit() throws Exception {
    CondorSite.configure("");
  }
}
