package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Workers' environments on real batch systems, as runs and the probe see them. */
@Timeout(300)
class SiteEnvironmentsIT {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String PYTHON = "/usr/bin/python3";

  @TempDir
  private Path folder;

  private LiveSite site;
  private Path base;
  private Path prefix;

  @AfterEach
  void nothingIsLeft() throws Exception {
    await().atMost(LIMIT).until(() -> site.jobs().isEmpty());
  }

  @Test
  @Exclusive(Exclusive.SLURM)
  void slurmWorkersRunOnTheSharedEnvironment() throws Exception {
    workersRunOnTheSharedEnvironment(LiveSite.slurm(false, folder));
  }

  @Test
  @Exclusive(Exclusive.CONDOR)
  void condorWorkersRunOnTheSharedEnvironment() throws Exception {
    workersRunOnTheSharedEnvironment(LiveSite.condor(false));
  }

  @Test
  @Exclusive(Exclusive.SLURM)
  void slurmWorkersRunOnThePythonThatTheirPoolNames() throws Exception {
    workersRunOnThePythonThatTheirPoolNames(LiveSite.slurm(false, folder));
  }

  @Test
  @Exclusive(Exclusive.CONDOR)
  void condorWorkersRunOnThePythonThatTheirPoolNames() throws Exception {
    workersRunOnThePythonThatTheirPoolNames(LiveSite.condor(false));
  }

  @Test
  @Exclusive(Exclusive.SLURM_APART)
  void theProbeTriesAPackedEnvironmentOnSlurm() throws Exception {
    theProbeTriesAPackedEnvironment(LiveSite.slurm(true, folder));

    // What the environment must have, as its author says.
    packed(", imports: [distributed, no_such_histogram]");
    MusterProcess lacking = muster("probe");
    assertThat(lacking.exitCode()).as(lacking.output()).isEqualTo(1);
    assertThat(lacking.output()).containsPattern("✗ .*no_such_histogram");
  }

  @Test
  @Exclusive(Exclusive.CONDOR_APART)
  void theProbeTriesAPackedEnvironmentOnCondor() throws Exception {
    theProbeTriesAPackedEnvironment(LiveSite.condor(true));
  }

  private void workersRunOnTheSharedEnvironment(LiveSite place) throws Exception {
    prepare(place);
    virtual();
    write(site.python(), "{type: shared, prefix: " + prefix + "}", "shared", "");
    runsOnThePrefix();
  }

  private void workersRunOnThePythonThatTheirPoolNames(LiveSite place) throws Exception {
    prepare(place);
    virtual();
    write(site.python(), "current", "shared", ", config: {python: " + prefix + "/bin/python}");
    runsOnThePrefix();
  }

  private void runsOnThePrefix() throws Exception {
    MusterProcess process = muster("run", "--run-dir", base.resolve("run").toString());
    assertThat(process.exitCode()).as(process.output()).isZero();
    List<Path> seen = Folders.files(base.resolve("run"), file -> file.endsWith("seen.txt"));
    assertThat(seen).hasSize(1);
    assertThat(Files.readAllLines(seen.get(0)))
        .containsExactly(prefix.toString(), prefix + "/bin/python");
  }

  private void theProbeTriesAPackedEnvironment(LiveSite place) throws Exception {
    prepare(place);
    PackedPrefix.make(PYTHON, prefix);

    packed("");
    MusterProcess good = muster("probe");
    assertThat(good.exitCode()).as(good.output()).isZero();
    assertThat(good.output())
        .containsPattern("✓ default +start ")
        .containsPattern("✓ default +python +/\\S+/muster-\\d+/env-\\w+/\\S+: Python 3")
        .containsPattern("✓ default +operations ")
        .contains("this site can run the workflow");

    // What an operation needs, as the worker finds out.
    Files.writeString(base.resolve("prefixops.py"), "import no_such_fit\n");
    packed("");
    MusterProcess needing = muster("probe");
    assertThat(needing.exitCode()).as(needing.output()).isEqualTo(1);
    assertThat(needing.output()).containsPattern("✗ default +operations .*no_such_fit");
  }

  private void packed(String more) throws Exception {
    String environment = "{type: packed-pixi, prefix: " + prefix + ", cache_dir: "
        + base.resolve("cache") + ", compression_level: 1" + more + "}";
    write(PYTHON, environment, "transfer", "");
  }

  private void prepare(LiveSite place) throws Exception {
    site = place;
    assertThat(site.jobs()).as("jobs of somebody else").isEmpty();
    base = Files.createDirectory(site.workspace().resolve("work"));
    LiveSite.open(base);
    prefix = base.resolve("project/.pixi/envs/default");
    Files.writeString(base.resolve("prefixops.py"), """
        import pathlib
        import sys


        def look(ctx):
            place = pathlib.Path(ctx.output_dir) / "seen.txt"
            place.write_text("%s\\n%s\\n" % (sys.prefix, sys.executable))
            return place
        """);
  }

  /**
   * Makes an environment that every worker of a shared file system can use: its packages are those of the worker's
   * system.
   */
  private void virtual() throws Exception {
    Commands.lines(List.of(
        PYTHON, "-m", "venv", "--without-pip", "--system-site-packages", prefix.toString()));
  }

  private void write(String python, String environment, String staging, String pool)
      throws Exception {
    Files.writeString(base.resolve("site.yaml"), """
        name: site
        registry:
          operations: {look: "prefixops:look"}
        analysis:
          stages:
            - {id: Look, op: look}
        execution:
          backend: dask
          strategy: %s
          staging: %s
          environment: %s
          config: {python: %s, poll_interval: 1s}
          pools:
            default: {workers: 1, resources: {cpus: 1}%s}
        """.formatted(
            site.strategy(), staging, environment, python, pool));
  }

  private MusterProcess muster(String command, String... options) throws Exception {
    MusterProcess process =
        MusterProcess.start(site.variables(), site.java(), base, command, options);
    process.awaitEnd(LIMIT);
    return process;
  }
}
