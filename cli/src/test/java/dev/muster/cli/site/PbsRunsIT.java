package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The three pools of the dimuon example by Torque's commands for Slurm, on the Slurm of scripts/sites/slurm-up.sh, by
 * Dask and by jobs.
 */
@Exclusive(Exclusive.SLURM)
@Timeout(300)
class PbsRunsIT {
  private static final Duration LIMIT = Duration.ofMinutes(4);
  private static final Path EXAMPLES = Path.of("../examples/workflows");

  @TempDir
  private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"dimuon-dask.yaml", "dimuon-jobs.yaml"})
  void thePoolsOfTheExampleAreQueues(String example) throws Exception {
    Path slurm =
        Path.of(Commands.variable("SLURM_CONF", "slurm-up.sh")).resolveSibling("site.yaml");
    Path site = folder.resolve("pbs.yaml");
    Files.writeString(
        site, Files.readString(slurm).replace("for_strategy: slurm", "for_strategy: pbs"));
    Files.copy(EXAMPLES.resolve(example), folder.resolve("site.yaml"));
    Files.copy(EXAMPLES.resolve("dimuon_ops.py"), folder.resolve("dimuon_ops.py"));
    String torque = Path.of("target", "torque").toAbsolutePath().toString();
    List<String> bin = Commands.lines(List.of("../scripts/sites/torque-here.sh", torque));
    Map<String, String> variables =
        Map.of("MUSTER_SITE", site.toString(), "PATH", bin.get(0) + ":" + System.getenv("PATH"));
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();

    MusterProcess plan =
        MusterProcess.start(variables, java, folder, "plan", "--strategy", "pbs", "--jobs");
    plan.awaitEnd(LIMIT);
    assertThat(plan.output())
        .contains("#PBS -q cpu\n", "#PBS -q highmem\n", "#PBS -q gpu\n", "nodes=1:ppn=1:gpus=1");

    MusterProcess process =
        MusterProcess.start(variables, java, folder, "run", "--strategy", "pbs");
    process.awaitEnd(LIMIT);
    assertThat(process.exitCode()).as(process.output()).isZero();
  }
}
