package dev.muster.cli.site;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** FAST-HEP's own workflows by {@code muster run} and by {@code fasthep run}. */
class FastHepRunsIT {
  private static final String COMPATIBLE = "config.fasthep.compatible=true";

  @TempDir
  Path folder;

  @BeforeEach
  void prepare() throws Exception {
    FastHepSources.copy(folder);
    run(FastHepSources.python(), "make_input.py", "data");
  }

  @ParameterizedTest
  @CsvSource({"leptons,local", "leptons,dask", "toy,local", "toy,dask"})
  void compatibleProductsAreThoseOfFastHep(String name, String backend) throws Exception {
    run(
        FastHepSources.fasthep(),
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
        FastHepSources.python(),
        FastHepSources.script("compare.py"),
        folder.resolve("by_fasthep").toString(),
        folder.resolve("by_muster").toString());
  }

  @Test
  void aWorkerThatDiesInAMergeChangesNoProduct() throws Exception {
    Files.createFile(folder.resolve("killed")); // FAST-HEP's own run is not to be killed
    run(
        FastHepSources.fasthep(),
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
        FastHepSources.python(),
        FastHepSources.script("compare.py"),
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
    run(FastHepSources.fasthep(), "-q", "compile", "leptons.yaml", "--outdir", "c");
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
        run(FastHepSources.python(), "-c", script, outdir + "/artifacts/histograms/*.pkl")
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
    command.addAll(List.of("--set", "config.python=" + FastHepSources.python()));
    return command.toArray(String[]::new);
  }

  private String run(String... command) throws Exception {
    return FastHepSources.run(folder, command);
  }
}
