package dev.muster.cli.site;

import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The Slurm of scripts/sites/slurm-up.sh. */
record SlurmSite(Path workspace) implements Site {
  private static final Duration LIMIT = Duration.ofMinutes(1);

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

  private static Path file(String name) {
    return Path.of(Commands.variable("SLURM_CONF", "slurm-up.sh")).resolveSibling(name);
  }

  /** Starts what is missing of it. */
  void up() throws Exception {
    Commands.lines(List.of(file("up").toString()));
  }

  /** Takes a node away, as when its machine fails: with its daemon, and the job that a process belongs to. */
  void losesNode(String node, long process) throws Exception {
    long daemon =
        Long.parseLong(Files.readString(file("run/slurmd-" + node + ".pid")).strip());
    ProcessHandle script =
        ProcessHandle.of(process).flatMap(ProcessHandle::parent).orElseThrow();
    ProcessHandle step = script.parent().orElseThrow(); // slurmstepd
    for (long pid : new long[] {daemon, step.pid(), script.pid(), process}) {
      Commands.lines(List.of("kill", "-KILL", Long.toString(pid)));
    }
    Commands.lines(List.of("scontrol", "update", "NodeName=" + node, "State=DOWN", "Reason=lost"));
  }

  /** Starts the controller anew with another value of an option. */
  void restart(String option, String value) throws Exception {
    String text = Files.readString(file("slurm.conf"));
    String line = "(?m)^" + option + "=.*$";
    Files.writeString(file("slurm.conf"), text.replaceAll(line, option + "=" + value));
    String pid = Files.readString(file("run/slurmctld.pid")).strip();
    Commands.lines(List.of("kill", pid));
    await().atMost(LIMIT).until(() -> !Files.exists(Path.of("/proc", pid, "exe"))); // not a zombie
    Commands.lines(List.of("slurmctld", "-f", file("slurm.conf").toString()));
    await().atMost(LIMIT).ignoreExceptions().until(() -> queue().isEmpty());
  }

  private static List<String> with(String program, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(arguments);
    return command;
  }
}
