package dev.muster.cli.site;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** The Grid Engine of scripts/sites/gridengine-up.sh. */
record GridEngineSite(Path workspace) implements Site {
  private static final Path PYTHON = Path.of("/usr/bin/python3");

  @Override
  public String strategy() {
    return "gridengine";
  }

  @Override
  public String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  @Override
  public Map<String, String> config() {
    return Map.of("python", PYTHON.toString());
  }

  @Override
  public Map<String, String> config(String pool) {
    return switch (pool) {
      case "high_memory" -> Map.of("queue", "highmem.q");
      case "gpu" -> Map.of("queue", "gpu.q");
      default -> Map.of("queue", "all.q");
    };
  }

  @Override
  public Map<String, String> held() {
    return Map.of("job_extra_directives", "[\"-h\"]");
  }

  @Override
  public Map<String, String> impossible() {
    return Map.of("job_extra_directives", "[\"-l gpu=100\"]");
  }

  @Override
  public Map<String, String> refused() {
    return Map.of("queue", "nowhere.q");
  }

  @Override
  public List<String> queue() throws Exception {
    List<String> jobs = new ArrayList<>();
    for (String line : Commands.lines(List.of("qstat", "-g", "d", "-s", "prs"))) {
      String[] words = line.split(" +", -1);
      if (words[0].matches("\\d+")) {
        jobs.add(words[0] + "." + words[words.length - 1]);
      }
    }
    return jobs;
  }

  @Override
  public void remove(List<String> jobs) throws Exception {
    with("qdel", jobs);
  }

  @Override
  public void release(List<String> jobs) throws Exception {
    with("qrls", new ArrayList<>(new LinkedHashSet<>(jobs)));
  }

  private static void with(String program, List<String> jobs) throws Exception {
    List<String> words = new ArrayList<>(List.of(program));
    words.addAll(jobs);
    Commands.lines(words);
  }

  @Override
  public void answer(boolean answers) throws Exception {
    Path home = Path.of(Commands.variable("MUSTER_GRIDENGINE", "gridengine-up.sh"));
    String pid = Files.readString(home.resolve("run/qmaster.pid")).strip();
    Commands.lines(List.of("kill", answers ? "-CONT" : "-STOP", pid));
  }

  @Override
  public boolean missed() {
    return true;
  }

  /** Sets how many tasks an array may have. */
  void mostTasks(int most) throws Exception {
    Path configuration = Files.createTempDirectory("gridengine").resolve("global");
    String now = String.join("\n", Commands.lines(List.of("qconf", "-sconf", "global")));
    String next = now.replaceFirst("(?m)^max_aj_tasks .*$", "max_aj_tasks " + most)
        .replaceFirst("(?m)^#global:\\s*$", "");
    Files.writeString(configuration, next + "\n");
    Commands.lines(List.of("qconf", "-Mconf", configuration.toString()));
  }
}
