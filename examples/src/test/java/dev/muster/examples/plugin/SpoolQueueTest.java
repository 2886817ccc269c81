package dev.muster.examples.plugin;

import dev.muster.batch.Jobs;
import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobSpec;
import dev.muster.testkit.BatchSystemContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

class SpoolQueueTest extends BatchSystemContract {
  @Override
  protected BatchDialect dialect() {
    return new SpoolDialect();
  }

  @Override
  protected BatchSystem open(Path directory) {
    Path spool = directory.resolve("spool");
    try {
      Files.createDirectories(spool.resolve("queues/day"));
      Files.createDirectories(spool.resolve("queues/night"));
      Files.writeString(spool.resolve("queues/night/closed"), "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Jobs.open(
        new SpoolStrategy(), directory, Map.of("poll_interval", "50ms"), environment());
  }

  @Override
  protected Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>(System.getenv());
    Path programs = Path.of("src/test/resources/spool").toAbsolutePath();
    environment.put("PATH", programs + ":" + environment.get("PATH"));
    environment.put("SPOOL", directory().resolve("spool").toString());
    return environment;
  }

  @Override
  protected boolean makePending(JobSpec.Builder job) {
    job.config("queue", "night");
    return true;
  }

  @Override
  protected boolean makeRejected(JobSpec.Builder job) {
    job.config("queue", "no-such-queue");
    return true;
  }
}
