package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * FAST-HEP's own workflows by {@code muster run} and by {@code fasthep run}. Needs a Python with FAST-HEP 2026.10.1:
 * {@code
 * MUSTER_FASTHEP_PYTHON}, else what {@code scripts/fasthep-env.sh} makes in the cache ({@code MUSTER_CACHE}).
 */
class FastHepRunsIT {
  private static final Path TESTS =
      Path.of("../fasthep/src/test").toAbsolutePath().normalize();
  private static final Path PYTHON = python();
  private static final String COMPATIBLE = "config.fasthep.compatible=true";

  @TempDir
  Path folder;

  private static Path python() {
    String named = System.getenv("MUSTER_FASTHEP_PYTHON");
    String cache = Objects.requireNonNullElse(
        System.getenv("MUSTER_CACHE"), System.getProperty("user.home") + "/.cache/muster");
    return named != null
        ? Path.of(named)
        : Path.of(cache, "venvs", "fasthep-2026.10.1", "bin", "python");
  }

  @BeforeEach
  void prepare() throws Exception {
    assertThat(PYTHON).as("scripts/fasthep-env.sh makes it").isExecutable();
    Path workflows = TESTS.resolve("resources/workflows");
    try (Stream<Path> files = Files.walk(workflows)) {
      files.forEach(file -> copy(workflows, file));
    }
    run(PYTHON.toString(), "make_input.py", "data");
  }

  private void copy(Path from, Path file) {
    try {
      Path target = folder.resolve(from.relativize(file));
      if (!Files.isDirectory(file)) {
        Files.copy(file, target);
      } else if (!Files.isDirectory(target)) {
        Files.createDirectory(target);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @CsvSource({"leptons,local", "leptons,dask", "toy,local", "toy,dask"})
  void compatibleProductsAreThoseOfFastHep(String name, String backend) throws Exception {
    run(
        PYTHON.resolveSibling("fasthep").toString(),
        "-q",
        "run",
        name + ".yaml",
        "--outdir", // FAST-HEP writes wrong paths into its records where it is relative
        folder.resolve("by_fasthep").toString(),
        "--chunk-size",
        "3000");

    muster(
        name,
        "--backend",
        backend,
        "--chunk-size",
        "3000",
        "--outdir",
        "by_muster",
        "--set",
        COMPATIBLE);

    run(
        PYTHON.toString(),
        TESTS.resolve("python/compare.py").toString(),
        folder.resolve("by_fasthep").toString(),
        folder.resolve("by_muster").toString());
  }

  @Test
  void aWorkerThatDiesInAMergeChangesNoProduct() throws Exception {
    Files.createFile(folder.resolve("killed")); // FAST-HEP's own run is not to be killed
    run(
        PYTHON.resolveSibling("fasthep").toString(),
        "-q",
        "run",
        "killing.yaml",
        "--outdir",
        folder.resolve("by_fasthep").toString(),
        "--chunk-size",
        "1");
    Files.delete(folder.resolve("killed"));

    muster(
        "killing",
        "--backend",
        "dask",
        "--chunk-size",
        "1",
        "--outdir",
        "by_muster",
        "--set",
        COMPATIBLE);

    assertThat(folder.resolve("killed")).as("a merge killed its worker").exists();
    run(
        PYTHON.toString(),
        TESTS.resolve("python/compare.py").toString(),
        folder.resolve("by_fasthep").toString(),
        folder.resolve("by_muster").toString());
  }

  @Test
  void joinsCountOnceUnlessTheyAreToBeCompatible() throws Exception {
    muster("join", "--outdir", "once");
    muster("join", "--outdir", "compatible", "--set", COMPATIBLE);

    double once = entries("once");
    assertThat(once).isPositive();
    assertThat(entries("compatible")).isEqualTo(2 * once);
  }

  @ParameterizedTest
  @CsvSource({"local", "dask"})
  void codeOfTheUserIsBesideThatOfTheLanguage(String backend) throws Exception {
    Path file = folder.resolve("alone.yaml");
    String text = Files.readString(file)
        .replace("tiny.table", "more.table")
        .concat("execution: {code: [nowhere]}\nregistry:\n  transforms:\n")
        .concat("    more.table: {spec: \"tiny_ops:TABLE\", impl: \"tiny_ops:other_table\"}\n");
    Files.writeString(file, text);
    Path more = Files.createDirectory(folder.resolve("more code"));
    Files.writeString(more.resolve("found_late.py"), "FOUND = 1\n");
    Files.writeString(
        folder.resolve("tiny_ops.py"),
        Files.readString(folder.resolve("tiny_ops.py"))
            + "\n\ndef other_table(*, k, ctx):\n    import found_late\n"
            + "    return {\"table\": {\"k\": k, \"found\": found_late.FOUND}}\n");

    muster("alone", "--backend", backend, "--outdir", "out", "--set", "code=['more code']");

    assertThat(folder.resolve("out/artifacts/files/end.json")).content().contains("\"found\": 1");
  }

  @Test
  void aPlanRuns() throws Exception {
    run(
        PYTHON.resolveSibling("fasthep").toString(),
        "-q",
        "compile",
        "leptons.yaml",
        "--outdir",
        "c");
    Path file = folder.resolve("c/compile/plan.yaml");

    String said = run(command(List.of("explain", file.toString())));
    assertThat(said).contains("language: fasthep").contains("plan that FAST-HEP compiled");
    run(command(List.of("run", file.toString(), "-d", "run")));
    assertThat(folder.resolve("run/products/outputs/run_summary.yaml")).exists();
  }

  private double entries(String outdir) throws Exception {
    String script = "import glob, pickle, sys\n"
        + "print(sum(pickle.load(open(each, 'rb')).sum(flow=True) for each in glob.glob(sys.argv[1])))";
    return Double.parseDouble(
        run(PYTHON.toString(), "-c", script, outdir + "/artifacts/histograms/*.pkl")
            .strip());
  }

  private void muster(String name, String... options) throws Exception {
    List<String> words = new ArrayList<>(List.of("run", name + ".yaml"));
    words.addAll(List.of(options));
    run(command(words));
  }

  private String[] command(List<String> words) {
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-cp",
        System.getProperty("java.class.path"),
        "dev.muster.cli.Main"));
    command.addAll(words);
    command.addAll(List.of("--set", "config.python=" + PYTHON));
    return command.toArray(String[]::new);
  }

  private String run(String... command) throws Exception {
    Path output = Files.createTempFile(folder, "output", ".txt");
    ProcessBuilder builder = new ProcessBuilder(command)
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(output.toFile());
    builder.environment().put("PYTHONPATH", folder.toString());
    builder.environment().put("XDG_CACHE_HOME", folder.resolve("cache").toString());
    Process process = builder.start();
    assertThat(process.waitFor(5, TimeUnit.MINUTES))
        .as(String.join(" ", command))
        .isTrue();
    String text = Files.readString(output);
    assertThat(process.exitValue())
        .as("%s%n%s", String.join(" ", command), text)
        .isZero();
    return text;
  }
}
