package dev.muster.condor;

import dev.muster.batch.Jobs;
import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobSpec;
import dev.muster.testkit.BatchSystemContract;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

class CondorContractIT extends BatchSystemContract {
  @TempDir(factory = CondorSite.SharedFolder.class, cleanup = CleanupMode.NEVER)
  Path shared;

  @Override
  protected Path directory() {
    return shared;
  }

  @Override
  protected BatchDialect dialect() {
    return new CondorDialect();
  }

  @Override
  protected BatchSystem open(Path directory) {
    return Jobs.open("htcondor", directory, Map.of("poll_interval", "200ms"));
  }

  @Override
  protected boolean makePending(JobSpec.Builder job) {
    job.config("job_extra_directives", List.of("hold = True"));
    return true;
  }

  @Override
  protected boolean makeRejected(JobSpec.Builder job) {
    job.config("requirements", "(Memory > ");
    return true;
  }
}
