package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.error.SourceLocation;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Layers;
import dev.muster.workflow.Stage;
import dev.muster.workflow.Variables;
import dev.muster.workflow.Workflow;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkflowsTest {
  private static final String TEXT = "analysis: {stages: [{id: A, op: x}]}\n";

  @TempDir
  Path folder;

  @Test
  void readsPathsTextsReadersAndStreams() throws IOException {
    Path file = Files.writeString(folder.resolve("dimuon.yaml"), TEXT);
    byte[] bytes = TEXT.getBytes(StandardCharsets.UTF_8);

    Workflow fromPath = Workflows.fromYaml(file).workflow();

    assertThat(fromPath.name()).isEqualTo("dimuon");
    assertThat(fromPath.baseDirectory()).isEqualTo(folder);
    assertThat(Workflows.fromYaml(TEXT).workflow().name()).isEqualTo("workflow");
    assertThat(Workflows.fromYaml(new StringReader(TEXT)).workflow())
        .isEqualTo(Workflows.fromYaml(TEXT).workflow());
    assertThat(Workflows.fromYaml(new ByteArrayInputStream(bytes)).workflow())
        .isEqualTo(Workflows.fromYaml(TEXT).workflow());
    for (WorkflowFile named : List.of(
        Workflows.fromYaml(TEXT, "dimuon.yaml", folder),
        Workflows.fromYaml(new StringReader(TEXT), "dimuon.yaml", folder),
        Workflows.fromYaml(new ByteArrayInputStream(bytes), "dimuon.yaml", folder))) {
      assertThat(named.workflow()).isEqualTo(fromPath);
      assertThat(named.workflow().baseDirectory()).isEqualTo(folder);
      assertThat(named.workflow().stage("A").location())
          .isEqualTo(new SourceLocation("dimuon.yaml", 1, 21));
      assertThat(named.layer().name()).isEqualTo("workflow dimuon.yaml");
    }
  }

  @Test
  void saysThatAStreamFailed() {
    InputStream broken = new InputStream() {
      @Override
      public int read() throws IOException {
        throw new IOException("the disk is gone");
      }

      @Override
      public int read(byte[] buffer, int from, int count) throws IOException {
        throw new IOException("the disk is gone");
      }
    };
    Reader alsoBroken = new Reader() {
      @Override
      public int read(char[] buffer, int from, int count) throws IOException {
        throw new IOException("the disk is gone");
      }

      @Override
      public void close() {}
    };

    assertThatThrownBy(() -> Workflows.fromYaml(broken))
        .isInstanceOf(WorkflowException.class)
        .hasMessage("the file <string> cannot be read: the disk is gone")
        .hasRootCauseInstanceOf(IOException.class);
    assertThatThrownBy(() -> Workflows.fromYaml(alsoBroken)).isInstanceOf(WorkflowException.class);
  }

  @Test
  void theVersionStaysText() {
    assertThat(Workflows.fromYaml("version: 1\n" + TEXT).workflow().version()).isEqualTo("1");
    assertThat(Workflows.fromYaml("version: 1.0\n" + TEXT).workflow().version()).isEqualTo("1.0");
    assertThat(Workflows.fromYaml(TEXT).workflow().version()).isEqualTo("1.0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"2", "2.0", "1.1", "1.10", "1.0.0", "v1", "1e0", "01", "latest"})
  void refusesAnotherVersionOfTheLanguage(String version) {
    String text = "version: " + version + "\n" + TEXT;
    assertThatThrownBy(() -> Workflows.fromYaml(text))
        .isInstanceOf(WorkflowException.class)
        .hasMessageContaining(":1:1: version: ")
        .hasMessageContaining("write version: 1.0, or leave it out");
    assertThatThrownBy(() -> Workflow.builder().version(version))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the known one is 1.0");
  }

  @Test
  void keepsUnknownSectionsAndParams() {
    Workflow workflow = Workflows.fromYaml("""
            styles: {muon: {color: red}}
            use: [something]
            analysis:
              description: kept
              stages: [{id: A, op: x, params: {any: [1, {thing: ~}]}}]
            """).workflow();

    assertThat(workflow.metadata())
        .isEqualTo(Map.of(
            "styles", Map.of("muon", Map.of("color", "red")),
            "use", List.of("something"),
            "analysis", Map.of("description", "kept")));
    assertThat(workflow.stage("A").params()).containsOnlyKeys("any");
  }

  @Test
  void globalLiesBelowEveryStage() {
    Workflow workflow = Workflows.fromYaml("""
            global:
              executor: DaskExecutor
              output_dir: results
              variables: {A: "1", B: "1"}
              resources: {memory: 2GB, cpus: 4}
            stages:
              - {name: plain, type: x}
              - name: own
                type: x
                environment:
                  executor: LocalExecutor
                  variables: {B: "2"}
                  resources: {memory: 8GB}
              - {name: file, type: x, environment: {variables: my.env}}
            """).workflow();

    Stage own = workflow.stage("own");
    assertThat(workflow.stage("plain").environment().executor()).isEqualTo("DaskExecutor");
    assertThat(own.environment().executor()).isEqualTo("LocalExecutor");
    assertThat(own.environment().variables())
        .isEqualTo(new Variables.Values(Map.of("A", "1", "B", "2")));
    assertThat(own.environment().resources().toString()).isEqualTo("cpus 4, memory 8GB");
    assertThat(workflow.stage("file").environment().variables())
        .isEqualTo(new Variables.EnvFile(Path.of("my.env")));
    assertThat(workflow.metadata()).containsEntry("global", Map.of("output_dir", "results"));
  }

  @Test
  void flatStagesBecomeBuiltInOperations() {
    Workflow workflow = Workflows.fromYaml("""
            stages:
              - {name: a, type: any.prefix.BashOperator, kwargs: {bash_command: ls, cwd: /tmp}}
              - {name: b, type: PyCallOperator, args: [1, two], kwargs: {callable: "m:f"}}
              - {name: c, type: custom.thing, args: [1], kwargs: {k: v}}
              - {name: d, type: custom.thing, args: []}
            """).workflow();

    assertThat(workflow.stage("a").op()).isEqualTo("shell");
    assertThat(workflow.stage("a").params())
        .isEqualTo(Map.of("command", "ls", "cwd", "/tmp", "shell", "bash"));
    assertThat(workflow.stage("b").op()).isEqualTo("python");
    assertThat(workflow.stage("b").params())
        .isEqualTo(Map.of("callable", "m:f", "args", List.of(1, "two")));
    assertThat(workflow.stage("c").op()).isEqualTo("custom.thing");
    assertThat(workflow.stage("c").params()).isEqualTo(Map.of("k", "v", "args", List.of(1)));
    assertThat(workflow.stage("d").params()).isEmpty();
    assertThat(workflow.stage("d").needs()).isNull();
  }

  @Test
  void mergingPointsIntoTheFile() {
    WorkflowFile file = Workflows.fromYaml("""
        analysis: {stages: [{id: A, op: x}]}
        execution:
          pools:
            gpu:
              use: gpu_worker
            big:
              resources: {class: large, memory: 1GB}
            small:
              resources: tiny
        """, "f.yaml", Path.of(""));

    assertThatThrownBy(() -> Layers.merge(List.of(file.layer())))
        .message()
        .contains("f.yaml:5:12: execution.pools.gpu.use: ")
        .contains("f.yaml:7:26: execution.pools.big.resources: ")
        .contains("f.yaml:9:18: execution.pools.small.resources: ");
  }

  @Test
  void aStageMayNeedALaterOne() {
    assertThat(Workflows.fromYaml(
                "analysis: {stages: [{id: A, op: x, needs: B}, {id: B, op: x, needs: []}]}")
            .workflow()
            .stage("A")
            .needs())
        .containsExactly("B");
  }
}
