package dev.muster.pbs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.batch.Jobs;
import dev.muster.batch.spi.BatchDialect;
import dev.muster.batch.spi.BatchSystem;
import dev.muster.batch.spi.JobSpec;
import dev.muster.testkit.BatchSystemContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Debian's commands of Torque for Slurm, with the real Slurm of scripts/sites/slurm-up.sh. */
class TorqueCommandsIT extends BatchSystemContract {
  // Jobs that were cancelled write their exit codes a moment later.
  private final Path place = newFolder();

  private static Path newFolder() {
    try {
      return Files.createTempDirectory(
          Files.createDirectories(Path.of("target/contract").toAbsolutePath()), "test");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns an environment in which the commands are found first. */
  @Override
  protected Map<String, String> environment() {
    if (System.getenv("SLURM_CONF") == null) {
      throw new AssertionError("this test needs a Slurm, and SLURM_CONF is not set: start with"
          + " eval \"$(scripts/sites/slurm-up.sh)\", and end with scripts/sites/slurm-down.sh");
    }
    Map<String, String> environment = new HashMap<>(System.getenv());
    String bin =
        run(Map.of(), "../scripts/sites/torque-here.sh", "target/torque").strip();
    environment.put("PATH", bin + ":" + environment.get("PATH"));
    return environment;
  }

  private static String run(Map<String, String> variables, String... command) {
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
      builder.environment().putAll(variables);
      Process process = builder.start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(said).isZero();
      return said;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  @Override
  protected Path directory() {
    return place;
  }

  @Override
  protected BatchDialect dialect() {
    return new PbsDialect();
  }

  @Override
  protected BatchSystem open(Path directory) {
    return Jobs.open(new PbsStrategy(), directory, Map.of("poll_interval", "200ms"), environment());
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
  void answersToTheQuestionForAVersion() {
    List<String> command = new PbsDialect().versionCommand();
    assertThat(run(environment(), command.toArray(String[]::new))).contains("for Slurm");
  }
}
