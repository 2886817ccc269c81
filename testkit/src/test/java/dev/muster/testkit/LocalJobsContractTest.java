package dev.muster.testkit;

import dev.muster.Jobs;
import dev.muster.batch.BatchSystem;
import dev.muster.batch.JobSpec;
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
