package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The HTCondor of scripts/sites/condor-up.sh. */
record CondorSite(Path workspace) implements Site {
  @Override
  public String strategy() {
    return "htcondor";
  }

  @Override
  public String java() {
    return Commands.variable("MUSTER_CONDOR_JAVA", "condor-up.sh");
  }

  @Override
  public Map<String, String> config() {
    return Map.of("python", Commands.variable("MUSTER_CONDOR_PYTHON", "condor-up.sh"));
  }

  @Override
  public Map<String, String> config(String pool) {
    return Map.of("python", "/usr/bin/python3");
  }

  private static Map<String, String> with(String option, String value) {
    Map<String, String> options = new HashMap<>(Map.of("python", "/usr/bin/python3"));
    options.put(option, value);
    return options;
  }

  @Override
  public Map<String, String> held() {
    return with("job_extra_directives", "[\"hold = True\"]");
  }

  @Override
  public Map<String, String> impossible() {
    return with("requirements", "'Machine == \"nowhere\"'");
  }

  @Override
  public Map<String, String> refused() {
    return with("requirements", "'this is (no expression'");
  }

  @Override
  public List<String> queue() throws Exception {
    return Commands.lines(List.of(
            "condor_q", "-allusers", "-constraint", "JobStatus =!= 3", "-af:j", "JobStatus"))
        .stream()
        .map(line -> line.substring(0, line.indexOf(' ')))
        .toList();
  }

  // Where root runs the tests, the jobs are those of an ordinary user, and not of root.
  static List<String> byOwner(String tool, List<String> jobs) {
    String owner = Commands.variable("MUSTER_CONDOR_USER", "condor-up.sh");
    List<String> words = new ArrayList<>();
    if (!owner.equals(System.getProperty("user.name"))) {
      words.addAll(
          List.of("HOME=/", "setpriv", "--reuid=" + owner, "--regid=" + owner, "--init-groups"));
    }
    words.add(tool);
    words.addAll(jobs);
    return words;
  }

  @Override
  public void remove(List<String> jobs) throws Exception {
    Commands.lines(byOwner("condor_rm", jobs));
  }

  @Override
  public void release(List<String> jobs) throws Exception {
    Commands.lines(byOwner("condor_release", jobs));
  }

  @Override
  public void answer(boolean answers) throws Exception {
    Commands.lines(
        answers ? List.of("condor_on", "-schedd") : List.of("condor_off", "-schedd", "-fast"));
  }

  /** Gives it more settings, and takes away those that it had before; waits until its daemons have them. */
  static void configure(String settings) throws Exception {
    Path root = Path.of(Commands.variable("MUSTER_CONDOR_HOME", "condor-up.sh"), "root");
    String mark = Long.toString(System.nanoTime());
    Files.writeString(
        root.resolve("etc/condor/config.d/99-test.config"),
        settings + "\nMUSTER_TEST = " + mark + "\n");
    String master = Files.readString(root.resolve("run/condor/master.pid")).strip();
    Commands.lines(List.of("kill", "-HUP", master));
    for (String daemon : List.of("-schedd", "-startd", "-negotiator")) {
      await()
          .atMost(Duration.ofMinutes(1))
          .untilAsserted(
              () -> assertThat(Commands.lines(List.of("condor_config_val", daemon, "MUSTER_TEST")))
                  .containsExactly(mark));
    }
  }

  /** Ends what watches over jobs, and those of a test, as where a machine is switched off. */
  void losesMachine() throws Exception {
    Path root =
        Path.of(Commands.variable("MUSTER_CONDOR_HOME", "condor-up.sh"), "root").toRealPath();
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      for (Path process : processes.toList()) {
        String number = process.getFileName().toString();
        if (number.matches("\\d+") && isOfMachine(process, root)) {
          Commands.lines(List.of("kill", "-KILL", number));
        }
      }
    }
  }

  private boolean isOfMachine(Path process, Path root) {
    try {
      String name = Files.readString(process.resolve("comm")).strip();
      boolean watches = List.of("condor_startd", "condor_starter").contains(name);
      return watches
          ? process.resolve("root").toRealPath().equals(root)
          : Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1)
                  .contains(workspace + "/run/debug/")
              && !name.equals("java");
    } catch (IOException e) {
      return false; // it is gone
    }
  }

  @Override
  public boolean missed() {
    return false;
  }
}
