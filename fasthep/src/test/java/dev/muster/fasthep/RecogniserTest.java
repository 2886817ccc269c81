package dev.muster.fasthep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.LoadOptions;
import dev.muster.WorkflowFile;
import dev.muster.Workflows;
import dev.muster.error.WorkflowException;
import dev.muster.spi.WorkflowLanguage.Recognition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecogniserTest {
  private static final Map<String, Object> STAGES =
      Map.of("stages", List.of(Map.of("id", "A", "op", "custom.a")));

  @TempDir
  Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"registry", "basic", "hep", "hep_debug", "fasthep_carpenter:registry"})
  void aProfileOfFastHepDecides(String name) {
    Recognition found = recognise(Map.of("use", Map.of("profiles", List.of("site", name))));

    assertThat(found).isInstanceOfSatisfying(Recognition.Yes.class, yes -> {
      assertThat(yes.reason()).contains("'" + name + "'");
      assertThat(yes.place().line()).isEqualTo(4);
    });
  }

  @Test
  void aProfileOfTheProjectDecides() throws IOException {
    Path profiles = Files.createDirectories(folder.resolve(".hepflow/profiles"));
    Files.writeString(profiles.resolve("mine.yaml"), "includes: [hep]\n");

    assertThat(recognise(Map.of("use", Map.of("profiles", List.of("mine")))))
        .isInstanceOf(Recognition.Yes.class);
    assertThat(recognise(Map.of("use", Map.of("profiles", List.of("other")))))
        .isInstanceOf(Recognition.No.class);
  }

  @Test
  void aProfileOfBothLeavesItToTheUser() throws IOException {
    Files.writeString(folder.resolve("basic.yaml"), "backend: local\n");

    assertThat(recognise(Map.of("use", Map.of("profiles", List.of("basic")))))
        .isInstanceOf(Recognition.Unsure.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sources", "transforms"})
  void aRegistryOfSourcesOrTransformsDecides(String section) {
    assertThat(recognise(Map.of("registry", Map.of(section, Map.of("a", "b:c")))))
        .isInstanceOf(Recognition.Yes.class);
    assertThat(recognise(
            Map.of("registry", Map.of(section, Map.of(), "operations", Map.of("a", "b:c")))))
        .isInstanceOf(Recognition.Unsure.class);
  }

  @Test
  void aPlanIsRecognisedByItsSections() {
    Map<String, Object> plan = Map.of(
        "context", Map.of(),
        "nodes", List.of(),
        "partitions", List.of(),
        "registry", Map.of(),
        "execution", Map.of());

    assertThat(recognise(plan)).isInstanceOf(Recognition.Yes.class);
  }

  @Test
  void whatOnlyLooksLikeItIsUnsure() {
    assertThat(recognise(Map.of("registry", Map.of("sinks", Map.of()), "analysis", STAGES)))
        .isInstanceOf(Recognition.Unsure.class);
    for (String key : List.of("write", "render", "role", "when")) {
      Map<String, Object> stage = Map.of("id", "A", "op", "hep.hist", key, "x");
      assertThat(recognise(Map.of("analysis", Map.of("stages", List.of(stage)))))
          .isInstanceOf(Recognition.Unsure.class);
    }
    Map<String, Object> reader = Map.of("id", "A", "op", "hep.hist", "from", "events");
    assertThat(recognise(Map.of(
            "sources", Map.of("events", Map.of()), "analysis", Map.of("stages", List.of(reader)))))
        .isInstanceOf(Recognition.Unsure.class);
  }

  @Test
  void sectionsForOtherToolsAreMustersOwn() {
    assertThat(recognise(Map.of(
            "sources", Map.of("events", Map.of("kind", "root_tree")),
            "styles", Map.of(),
            "use", Map.of("profiles", List.of("sites/cern.yaml")),
            "analysis", STAGES)))
        .isInstanceOf(Recognition.No.class);
  }

  static List<Path> ownWorkflows() {
    List<Path> all = new java.util.ArrayList<>();
    for (String each :
        List.of("../core/src/test/resources/seeds", "../core/src/test/resources", "../examples")) {
      try (Stream<Path> files = Files.walk(Path.of(each), 6)) {
        files
            .filter(file -> file.toString().endsWith(".yaml"))
            .filter(file -> !file.toString().contains("/broken/"))
            .filter(file -> !file.toString().contains("/target/"))
            .filter(file -> !file.toString().contains("/fasthep/"))
            .forEach(all::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    assertThat(all).hasSizeGreaterThan(40);
    return all;
  }

  /** What Muster's own loader says of a file stays as it is. */
  @ParameterizedTest
  @MethodSource("ownWorkflows")
  void theSeedsAndTheExamplesStayMustersOwn(Path file) {
    String own = said(() -> Workflows.fromYaml(file));
    String any = said(() -> Workflows.load(file, LoadOptions.builder().build()));

    assertThat(any).isEqualTo(own);
  }

  private interface Load {
    WorkflowFile load();
  }

  private static String said(Load load) {
    try {
      WorkflowFile file = load.load();
      assertThat(file.language()).isNull();
      return file.workflow().toString();
    } catch (WorkflowException e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Test
  void theOwnLoaderNamesTheLanguage() throws IOException {
    Path file = Files.writeString(
        folder.resolve("w.yaml"), "use: {profiles: [hep]}\nanalysis: {stages: []}\n");

    assertThatExceptionOfType(WorkflowException.class)
        .isThrownBy(() -> Workflows.fromYaml(file))
        .withMessageContaining("'fasthep'")
        .withMessageContaining("w.yaml:1:18")
        .withMessageContaining("muster run");
  }

  @Test
  void asksForTheLanguage() throws IOException {
    Path file = Files.writeString(
        folder.resolve("w.yaml"),
        "analysis: {stages: [{id: A, op: hep.hist, render: {out: a.png}}]}\n");

    assertThatExceptionOfType(WorkflowException.class)
        .isThrownBy(() -> Workflows.load(file, LoadOptions.builder().build()))
        .withMessageContaining("--language fasthep")
        .withMessageContaining("--language muster");
    assertThatExceptionOfType(WorkflowException.class)
        .isThrownBy(
            () -> Workflows.load(file, LoadOptions.builder().language("muster").build()))
        .withMessageContaining("unknown key 'render'");
    assertThatExceptionOfType(WorkflowException.class)
        .isThrownBy(
            () -> Workflows.load(file, LoadOptions.builder().language("fasthpe").build()))
        .withMessageContaining("did you mean 'fasthep'");
  }

  @Test
  void refusesItsOptionsForMustersOwn() throws IOException {
    Path file =
        Files.writeString(folder.resolve("w.yaml"), "analysis: {stages: [{id: A, op: a}]}\n");

    assertThatExceptionOfType(WorkflowException.class)
        .isThrownBy(() ->
            Workflows.load(file, LoadOptions.builder().option("chunk-size", "3").build()))
        .withMessageContaining("--chunk-size")
        .withMessageContaining("Muster's own");
  }

  private Recognition recognise(Map<String, Object> top) {
    return new Recogniser(folder, null).recognise(new Texts(folder.resolve("w.yaml"), top));
  }
}
