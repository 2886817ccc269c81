package dev.muster.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.WorkflowFile;
import dev.muster.Workflows;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.value.FileRef;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example as users run it: from the YAML file and from Java, by the engine on the local backend. */
class DimuonEndToEndTest {
  private static final Path YAML = Path.of("workflows/dimuon.yaml");

  // Both runs share the event files; whichever comes first makes them.
  @TempDir
  static Path directory;

  @Test
  void yamlAndJavaAreTheSameWorkflow() {
    WorkflowFile file = Workflows.fromYaml(YAML);
    assertThat(file.workflow()).isEqualTo(DimuonExample.workflow(file.workflow().baseDirectory()));
    assertThat(file.execution()).isEqualTo(DimuonExample.execution());
  }

  @Test
  void yamlRunsToThePlot() throws IOException {
    WorkflowFile file = Workflows.fromYaml(YAML);
    Workflow workflow = file.workflow().toBuilder().baseDirectory(directory).build();
    RunOptions options =
        RunOptions.builder().directory(directory.resolve("yaml-run")).build();
    try (Run run = Muster.start(workflow, file.execution(), options)) {
      assertPlot(run.await().orThrow());
    }
  }

  @Test
  void javaRunsToThePlot() throws IOException {
    RunResult result = DimuonExample.run(directory, directory.resolve("java-run"), event -> {});
    assertPlot(result);
    assertThat(result.stage("Generate").succeeded()).isEqualTo(13);
    assertThat(result.stage("BuildIndex").tasks())
        .allSatisfy(task -> assertThat(task.pool()).isEqualTo("high_memory"));
    assertThat(result.stage("RunInference").tasks())
        .allSatisfy(task -> assertThat(task.pool()).isEqualTo("gpu"));
  }

  private static void assertPlot(RunResult result) throws IOException {
    Map<?, ?> plots = (Map<?, ?>) result.stage("ProducePlots").value();
    assertThat(plots.keySet()).isEqualTo(Set.of("svg", "png"));
    FileRef svg = (FileRef) plots.get("svg");
    assertThat(svg.path()).startsWith(result.directory());
    assertThat(Files.readString(svg.path()))
        .isEqualTo(Files.readString(Path.of("../docs/images/dimuon.svg")));
  }
}
