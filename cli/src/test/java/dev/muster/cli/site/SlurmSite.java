package dev.muster.cli.site;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The Slurm of scripts/sites/slurm-up.sh. */
record SlurmSite(Path workspace) implements Site {
  @Override
  public String strategy() {
    return "slurm";
  }

  @Override
  public String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  @Override
  public Map<String, String> config() {
    return Map.of("python", "/usr/bin/python3");
  }

  @Override
  public Map<String, String> config(String pool) {
    return switch (pool) {
      case "high_memory" -> Map.of("queue", "highmem");
      case "gpu" -> Map.of("queue", "gpu");
      default -> Map.of();
    };
  }

  @Override
  public Map<String, String> held() {
    return Map.of("job_extra_directives", "[--hold]");
  }

  @Override
  public Map<String, String> impossible() {
    return Map.of("walltime", "\"48:00:00\""); // the partitions allow a day
  }

  @Override
  public Map<String, String> refused() {
    return Map.of("queue", "nowhere");
  }

  @Override
  public List<String> queue() throws Exception {
    return Commands.lines(List.of("squeue", "-h", "-r", "-o", "%i", "-t", "PD,R,CF,S"));
  }

  @Override
  public void remove(List<String> jobs) throws Exception {
    Commands.lines(with("scancel", jobs));
  }

  @Override
  public void release(List<String> jobs) throws Exception {
    Commands.lines(List.of("scontrol", "release", String.join(",", jobs)));
  }

  @Override
  public void answer(boolean answers) throws Exception {
    Path pid =
        Path.of(Commands.variable("SLURM_CONF", "slurm-up.sh")).resolveSibling("run/slurmctld.pid");
    Commands.lines(
        List.of("kill", answers ? "-CONT" : "-STOP", Files.readString(pid).strip()));
  }

  @Override
  public boolean missed() {
    return true;
  }

  private static List<String> with(String program, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(arguments);
    return command;
  }
}
