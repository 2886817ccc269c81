package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * FAST-HEP's workflows on workers that see nothing of this machine's folders: software, code, data and all files that
 * parameters name are sent to them, and the products are those of {@code fasthep run}. One such case is in
 * {@link FastHepWorkersIT}.
 */
@Exclusive({Exclusive.SLURM_APART, Exclusive.CONDOR_APART})
@EnabledIfEnvironmentVariable(named = "MUSTER_CHECK_ALL", matches = "1")
@Timeout(900)
class FastHepTransferIT {
  private static final Duration LIMIT = Duration.ofMinutes(10);

  @TempDir
  private static Path shared;

  @TempDir
  private Path folder;

  private static Path prefix() {
    return shared.resolve("prefix");
  }

  /** Makes an environment that can be packed, which the owner of the jobs can read. */
  @BeforeAll
  static void makePrefix() throws Exception {
    LiveSite.open(shared);
    Commands.lines(List.of(
        FastHepSources.python(),
        FastHepSources.script("make_prefix.py"),
        prefix().toString(),
        "--plots"));
  }

  @ParameterizedTest
  @CsvSource({
    "slurm, leptons, 0",
    "slurm, objects, 100",
    "slurm, corrections, 25",
    "slurm, toy, 3",
    "condor, leptons, 0",
    "condor, objects, 100",
    "condor, corrections, 25",
    "condor, toy, 3"
  })
  void productsAreThoseOfFastHep(String system, String name, int chunk) throws Exception {
    LiveSite site = system.equals("slurm") ? LiveSite.slurm(true, folder) : LiveSite.condor(true);
    Path base = Files.createDirectory(site.workspace().resolve("a workflow"));
    FastHepSources.copy(base);
    Files.copy(base.resolve(name + ".yaml"), base.resolve("site.yaml"));
    FastHepSources.run(base, FastHepSources.python(), "make_input.py", "data");
    List<String> chunks = chunk == 0 ? List.of() : List.of("--chunk-size", String.valueOf(chunk));
    List<String> command = new ArrayList<>(List.of(
        FastHepSources.fasthep(),
        "-q",
        "run",
        "site.yaml",
        "--outdir",
        base.resolve("by_fasthep").toString()));
    command.addAll(chunks);
    FastHepSources.run(base, command.toArray(String[]::new));
    Path layer = Files.writeString(base.resolve("layer.yml"), layer(system));
    openAll(base);

    List<String> options = new ArrayList<>(List.of(
        "-d",
        base.resolve("run").toString(),
        "--outdir",
        base.resolve("by_muster").toString(),
        "--set",
        "config.fasthep.compatible=true"));
    options.addAll(chunks);
    Map<String, String> variables = new HashMap<>(site.variables());
    variables.put("XDG_CACHE_HOME", base.resolve("cache").toString());
    variables.put("MUSTER_SITE", layer.toString());
    variables.put("PYTHONPATH", base.toString());
    MusterProcess process =
        MusterProcess.start(variables, site.java(), base, "run", options.toArray(String[]::new));
    process.awaitEnd(LIMIT);

    assertThat(process.exitCode()).as(process.output()).isZero();
    assertThat(process.output()).contains("packing the workers' environment");
    FastHepSources.run(
        base,
        FastHepSources.python(),
        FastHepSources.script("compare.py"),
        "by_fasthep",
        "by_muster");
  }

  private static String layer(String system) {
    boolean slurm = system.equals("slurm");
    return """
        execution:
          backend: dask
          strategy: %s
          staging: transfer
          environment:
            type: packed-pixi
            prefix: %s
            compression_level: 1
            worker_env_dir: %s
          config: {python: %s, poll_interval: 1s, %s}
          pools:
            default: {workers: 2, resources: {cpus: 1, memory: 2GB}}
            big: {workers: 1, resources: {cpus: 1, memory: 2GB}}
        """.formatted(
            slurm ? "slurm" : "htcondor",
            prefix(),
            slurm ? "/tmp" : "/var/tmp",
            prefix().resolve("bin/python"),
            slurm ? "job_extra_directives: [--nodelist=cpu1]" : "chirp: true");
  }

  /** Lets the owner of the jobs read and write all of it. */
  private static void openAll(Path base) throws IOException {
    try (Stream<Path> all = Files.walk(base)) {
      all.filter(Files::isDirectory).forEach(LiveSite::open);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
