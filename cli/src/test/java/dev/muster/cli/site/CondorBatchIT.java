package dev.muster.cli.site;

import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

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
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() ->
            Commands.lines(List.of("condor_config_val", "MAX_JOBS_PER_OWNER")).contains("5"));
  }

  @Override
  void unlimit() throws Exception {
    CondorSite.configure("");
  }
}
