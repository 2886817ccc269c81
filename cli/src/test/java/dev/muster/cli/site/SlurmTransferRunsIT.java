package dev.muster.cli.site;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/** Runs on a Slurm whose nodes do not see the folders of this machine. */
@Exclusive(Exclusive.SLURM_APART)
class SlurmTransferRunsIT extends TransferRuns {
  @TempDir
  private Path folder;

  @Override
  String strategy() {
    return "slurm";
  }

  @Override
  Path workspace() {
    return folder;
  }

  @Override
  Path home() {
    return Path.of(Commands.variable("MUSTER_SLURM_APART", "slurm-up.sh --apart"));
  }

  @Override
  Map<String, String> variables() {
    return Map.of("SLURM_CONF", home().resolve("slurm.conf").toString());
  }

  @Override
  String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  @Override
  List<String> queue() {
    return List.of("squeue", "-h", "-r", "-o", "%i", "-t", "PD,R,CF,S");
  }

  @Override
  String options(String pool) {
    return switch (pool) {
      case "high_memory" -> "queue: highmem";
      case "gpu" -> "queue: gpu";
      default -> "job_extra_directives: [--nodelist=cpu1]";
    };
  }

  @Override
  String place() {
    return "/tmp";
  }
}
