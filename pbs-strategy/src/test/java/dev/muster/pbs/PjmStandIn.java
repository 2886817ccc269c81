package dev.muster.pbs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.Jobs;
import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.JobStatus;
import dev.muster.testkit.BatchSystemContract;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A PJM of scripts that keep jobs in a folder and say what a real one would say. */
abstract class PjmStandIn extends BatchSystemContract {
  private final String kind;

  PjmStandIn(String kind) {
    this.kind = kind;
  }

  @Override
  protected BatchDialect dialect() {
    return new PjmDialect();
  }

  @Override
  protected BatchSystem open(Path directory) {
    return Jobs.open(new PjmStrategy(), directory, Map.of("poll_interval", "50ms"), environment());
  }

  @Override
  protected Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>(System.getenv());
    Path programs = Path.of("src/test/resources/standin/pjm").toAbsolutePath();
    environment.put("PATH", programs + ":" + environment.get("PATH"));
    environment.put("STANDIN", directory().resolve("standin").toString());
    environment.put("STANDIN_PJM", kind);
    return environment;
  }

  @Override
  protected boolean makeRejected(JobSpec.Builder job) {
    job.config("queue", "nope");
    return true;
  }

  @Test
  void tellsAnEndByWalltime() {
    try (BatchSystem system = open(directory())) {
      assertThat(Ends.ofTooLong(system, directory()).end()).isEqualTo(JobStatus.End.WALLTIME);
    }
  }
}
