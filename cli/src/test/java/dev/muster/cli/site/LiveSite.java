package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A batch system of scripts/sites, as a workflow needs it to be named.
 *
 * @param strategy the name of its strategy
 * @param apart whether its workers see nothing of this machine's folders
 * @param workspace an empty folder; workers see it under the same name, unless they are apart
 * @param variables the environment variables by which its commands are found
 * @param java the command that starts Java as the owner of the jobs
 * @param python the interpreter of the scheduler
 * @param workerPython the same version of it, where workers are
 * @param queue the command that prints a line for each job
 * @param traces the folders in which it keeps what it has of jobs: logs, scripts, files
 */
record LiveSite(
    String strategy,
    boolean apart,
    Path workspace,
    Map<String, String> variables,
    String java,
    String python,
    String workerPython,
    List<String> queue,
    List<Path> traces) {
  private static final String PYTHON = "/usr/bin/python3";

  /** Returns the Slurm of slurm-up.sh. */
  static LiveSite slurm(boolean apart, Path workspace) {
    Path configuration = apart
        ? Path.of(Commands.variable("MUSTER_SLURM_APART", "slurm-up.sh --apart"), "slurm.conf")
        : Path.of(Commands.variable("SLURM_CONF", "slurm-up.sh"));
    Path home = configuration.toAbsolutePath().getParent();
    Map<String, String> variables = new HashMap<>();
    variables.put("SLURM_CONF", configuration.toString());
    variables.put("PATH", home.resolve("bin") + ":" + System.getenv("PATH"));
    return new LiveSite(
        "slurm",
        apart,
        workspace,
        variables,
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        PYTHON,
        PYTHON,
        List.of("squeue", "-h", "-r", "-o", "%i", "-t", "PD,R,CF,S"),
        List.of(home));
  }

  /** Returns the HTCondor of condor-up.sh, with a workspace of its own. */
  static LiveSite condor(boolean apart) throws IOException {
    Path home = apart
        ? Path.of(Commands.variable("MUSTER_CONDOR_APART", "condor-up.sh --apart"))
        : Path.of(Commands.variable("MUSTER_CONDOR_WORK", "condor-up.sh")).getParent();
    Path workspace = Files.createTempDirectory(home.resolve("work"), "live-");
    open(workspace);
    Path system = home.resolve("root");
    return new LiveSite(
        "htcondor",
        apart,
        workspace,
        Map.of("PATH", home.resolve("bin") + ":" + System.getenv("PATH")),
        Commands.setting("MUSTER_CONDOR_JAVA", "condor-up.sh"),
        home.resolve("bin/condor-python").toString(),
        PYTHON,
        List.of("condor_q", "-allusers", "-constraint", "JobStatus =!= 3", "-af:j", "JobStatus"),
        List.of(
            system.resolve("var/lib/condor"),
            system.resolve("var/log/condor"),
            system.resolve("var/spool/condor")));
  }

  /** Lets the owner of the jobs into a folder. */
  static void open(Path folder) {
    assertThat(folder.toFile().setWritable(true, false)).isTrue();
    assertThat(folder.toFile().setReadable(true, false)).isTrue();
    assertThat(folder.toFile().setExecutable(true, false)).isTrue();
  }

  /** Returns the jobs in the queue. */
  List<String> jobs() throws Exception {
    return Commands.lines(variables, queue);
  }

  /** Returns the name of who owns the jobs. */
  String owner() {
    return strategy.equals("htcondor")
        ? Commands.setting("MUSTER_CONDOR_USER", "condor-up.sh")
        : System.getProperty("user.name");
  }

  @Override
  public String toString() {
    return strategy + (apart ? ", apart" : "");
  }
}
