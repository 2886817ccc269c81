package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.error.Problem;
import dev.muster.error.WorkflowException;
import dev.muster.workflow.Dataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a workflow file says that is kept or doubtful, and the names of its data files. */
class WorkflowWarningsTest {
  @TempDir
  Path folder;

  @BeforeEach
  void makeFiles() throws IOException {
    for (String name :
        List.of("a2.root", "a10.root", "b.root", ".hidden.root", "x[1].root", "c.txt")) {
      Files.createFile(folder.resolve(name));
    }
    Files.createDirectories(folder.resolve("sub/deep"));
    Files.createFile(folder.resolve("sub/s.root"));
    Files.createFile(folder.resolve("sub/deep/d.root"));
  }

  private WorkflowFile load(String yaml) {
    return Workflows.fromYaml(yaml, "w.yaml", folder);
  }

  private static final String STAGES =
      "analysis: {stages: [{id: A, op: shell, params: {command: a}}]}\n";

  private List<String> warnings(String yaml) {
    return Muster.plan(load(yaml), RunOptions.builder().build()).warnings().stream()
        .map(Problem::toString)
        .toList();
  }

  @Test
  void namesSectionsThatChangeNothing() {
    List<String> warnings = warnings(STAGES
        + "include: [other.yaml]\nsystematics: {}\nfields: {}\njoins: []\nx-notes: mine\n"
        + "exection: {backend: dask}\nuse: {plots: [p]}\nglobal: {output_dir: out}\n");
    assertThat(warnings).hasSize(7);
    assertThat(warnings.get(0))
        .isEqualTo(
            "w.yaml:2:1: include: 'include' is not known here: it is kept, and changes nothing;"
                + " remove it, or call it x-include to keep it without this warning");
    assertThat(warnings.toString())
        .contains("'systematics'", "'fields'", "'joins'", "did you mean 'execution'?")
        .contains("use.plots", "global.output_dir")
        .doesNotContain("notes");
    assertThat(
            warnings(
                "analysis:\n  globals: {a: 1}\n  x-a: 1\n  stages: [{id: A, op: shell, params: {command: a}}]\n"))
        .singleElement()
        .asString()
        .startsWith("w.yaml:2:3: analysis.globals");
    assertThat(warnings("name: n\nversion: 1\n" + STAGES)).isEmpty();
  }

  @Test
  void namesSizesWithoutAUnit() {
    assertThat(
            warnings(STAGES + "execution:\n  pools:\n    default: {resources: {memory: 4000}}\n"))
        .singleElement()
        .asString()
        .startsWith("w.yaml:4:")
        .contains("memory is 4000 bytes", "did you mean 4000MB?");
    assertThat(warnings(STAGES
            + "execution: {pools: {default: {resources: {memory: 4000000000, disk: 1kB}}}}\n"))
        .isEmpty();
  }

  @Test
  void namesSizesWithoutAUnitInSiteFiles(@TempDir Path folder) throws IOException {
    String pools = "pools:\n  default: {workers: 1, resources: {memory: 4000, disk: 1kB}}\n";
    Path site = Files.writeString(folder.resolve("site.yaml"), pools);
    Path profile = Files.writeString(
        folder.resolve("profile.yaml"), "resources:\n  big: {memory: 4000MB, disk: 64}\n");
    WorkflowFile file =
        Workflows.fromYaml(STAGES + "execution: {profiles: [" + profile + "]}\n", "w.yaml", folder);
    SiteFiles sites = SiteFiles.read(Map.of(SiteFiles.VARIABLE, site.toString()), null);
    assertThat(Muster.plan(file.on(sites), RunOptions.defaults()).warnings())
        .extracting(Problem::toString)
        .satisfiesExactlyInAnyOrder(
            text -> assertThat(text)
                .startsWith(site + ":2:")
                .contains("memory is 4000 bytes", "did you mean 4000MB?"),
            text -> assertThat(text)
                .startsWith(profile + ":2:")
                .contains("disk is 64 bytes", "did you mean 64MB?"));
  }

  @Test
  void namesPreferencesThatAreNearlyALabel() {
    String pools =
        "execution: {backend: local, pools: {default: {workers: 1}, gpu: {workers: 1}}}\n";
    String stage =
        "analysis: {stages: [{id: A, op: shell, params: {command: a}, execution: {prefer: %s}}]}\n";
    assertThat(warnings(String.format(stage, "gppu") + pools))
        .singleElement()
        .asString()
        .contains("no pool provides the label 'gppu'", "did you mean 'gpu'?");
    assertThat(warnings(String.format(stage, "elsewhere") + pools)).isEmpty();
  }

  private Dataset dataset(String details) {
    return load("data: {datasets: [{name: d, " + details + "}]}\n" + STAGES)
        .workflow()
        .datasets()
        .get(0);
  }

  @Test
  void takesNumbersInQuotes() {
    assertThat(dataset("files: [b.root, c.txt], nevents: [\"469384\", 3]").events())
        .containsExactly(469384L, 3L);
    assertThat(dataset("files: [b.root], nevents: null").events()).isEmpty();
    assertThatThrownBy(() -> dataset("files: [b.root], nevents: \"many\""))
        .isInstanceOf(WorkflowException.class);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      *.root          | a10.root,a2.root,b.root,x[1].root
      a?.root         | a2.root
      [ab]*.root      | a10.root,a2.root,b.root
      [!a-w]*         | x[1].root
      sub/*.root      | sub/s.root
      */s.root        | sub/s.root
      **/*.root       | a10.root,a2.root,b.root,sub/deep/d.root,sub/s.root,x[1].root
      sub/**          | sub/deep/d.root,sub/s.root
      ./a2*           | ./a2.root
      .h*             | .hidden.root
      x[1].root       | x[1].root
      [b].root        | b.root
      """)
  void expandsPatterns(String pattern, String expected) {
    assertThat(dataset("files: \"" + pattern + "\"").files()).containsExactly(expected.split(","));
  }

  @Test
  void expandsAbsolutePatternsAndTheHomeFolder() {
    assertThat(dataset("files: \"" + folder + "/b*\"").files()).containsExactly(folder + "/b.root");
    assertThat(dataset("files: [\"~/no such file.root\"]").files())
        .containsExactly(SiteFiles.home() + "/no such file.root");
    assertThat(dataset("files: [\"root://host//a*.root\"]").files())
        .containsExactly("root://host//a*.root");
  }

  @Test
  void aPatternThatMatchesNothingIsAnError() {
    assertThatThrownBy(() -> dataset("files: [\"no*.root\", \"[b\"]"))
        .isInstanceOf(WorkflowException.class)
        .hasMessageContaining("w.yaml:1:")
        .hasMessageContaining("no file matches 'no*.root' in " + folder);
  }

  @Test
  void namesFilesThatDoNotExist() {
    assertThat(warnings(
            "data: {datasets: [{name: d, files: [b.root, n1, n2, n3, n4, 'https://x/y']}]}\n"
                + STAGES))
        .singleElement()
        .asString()
        .contains(
            "data.datasets[0].files: 4 of 6 files cannot be found on this machine: n1, n2, n3 and 1 more");
    assertThat(warnings("data: {datasets: [{name: d, files: [b.root, 'b*']}]}\n" + STAGES))
        .singleElement()
        .asString()
        .contains("is there more than once: b.root");
  }

  @Test
  void namesWithSpecialLettersComeBack() {
    Dataset odd = new Dataset(
        "d", List.of("x*?.root", "[a]", "~/y", "s3://b/*", "x[1].root"), List.of(), Map.of());
    var workflow = load(STAGES).workflow().toBuilder().dataset(odd).build();
    String yaml = Workflows.toYaml(workflow, load(STAGES).execution());
    assertThat(load(yaml).workflow()).isEqualTo(workflow);
  }
}
