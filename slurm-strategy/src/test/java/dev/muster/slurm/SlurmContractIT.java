package dev.muster.slurm;

import dev.muster.Jobs;
import dev.muster.batch.BatchSystem;
import dev.muster.batch.JobSpec;
import dev.muster.testkit.BatchSystemContract;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

class SlurmContractIT extends BatchSystemContract {
  @Override
  protected BatchSystem open(Path directory) {
    SlurmSite.get();
    return Jobs.open("slurm", directory, Map.of("poll_interval", "200ms"));
  }

  @Override
  protected boolean makePending(JobSpec.Builder job) {
    job.config("job_extra_directives", List.of("--hold"));
    return true;
  }

  @Override
  protected boolean makeRejected(JobSpec.Builder job) {
    job.config("queue", "nope");
    return true;
  }
}
