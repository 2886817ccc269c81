package dev.muster.slurm;

import dev.muster.batch.Jobs;
import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobSpec;
import dev.muster.testkit.BatchSystemContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

class SlurmContractIT extends BatchSystemContract {
  // Not the folder that is removed at once after a test: jobs that were cancelled write their exit
  // codes a moment later.
  private final Path place = newFolder();

  private static Path newFolder() {
    try {
      return Files.createTempDirectory(
          Files.createDirectories(Path.of("target/contract").toAbsolutePath()), "test");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  protected Path directory() {
    return place;
  }

  @Override
  protected BatchDialect dialect() {
    return new SlurmDialect();
  }

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
