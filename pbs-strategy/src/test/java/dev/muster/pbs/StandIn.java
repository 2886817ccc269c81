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
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A batch system of scripts that keep jobs in a folder and say what a real one would say. */
abstract class StandIn extends BatchSystemContract {
  private final String kind;

  StandIn(String kind) {
    this.kind = kind;
  }

  @Override
  protected BatchDialect dialect() {
    return new PbsDialect();
  }

  @Override
  protected BatchSystem open(Path directory) {
    return Jobs.open(
        new PbsStrategy(),
        directory,
        Map.of("poll_interval", "50ms"),
        environment(kind, directory));
  }

  static Map<String, String> environment(String kind, Path directory) {
    Map<String, String> environment = new HashMap<>(System.getenv());
    Path programs = Path.of("src/test/resources/standin/pbs").toAbsolutePath();
    environment.put("PATH", programs + ":" + environment.get("PATH"));
    environment.put("STANDIN", directory.resolve("standin").toString());
    environment.put("STANDIN_PBS", kind);
    return environment;
  }

  @Override
  protected Map<String, String> environment() {
    return environment(kind, directory());
  }

  @Override
  protected boolean makePending(JobSpec.Builder job) {
    job.config("job_extra_directives", List.of("-h"));
    return true;
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
