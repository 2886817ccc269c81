package dev.muster.testkit;

import dev.muster.batch.Jobs;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

class LocalJobsContractTest extends BatchSystemContract {
  @Override
  protected BatchSystem open(Path directory) {
    return Jobs.open("local", directory, Map.of());
  }

  @Override
  protected boolean makeRejected(JobSpec.Builder job) {
    job.command(List.of("no-such-program"));
    return true;
  }
}
