package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.error.WorkflowException;
import dev.muster.execution.Execution;
import dev.muster.execution.FilesBy;
import dev.muster.run.ResumeExplanation;
import dev.muster.workflow.Dataset;
import dev.muster.workflow.Keep;
import dev.muster.workflow.Operation;
import dev.muster.workflow.StageProperties;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a user says of code, results and files, for runs that go on. */
@Timeout(120)
class ResumeKeepTest {
  private static final ConcurrentLinkedQueue<String> RAN = new ConcurrentLinkedQueue<>();

  @TempDir
  Path folder;

  private Path base;
  private Path run;
  private Execution execution = RunFixture.workers(2);

  @BeforeEach
  void makeFolders() throws IOException {
    base = Files.createDirectory(folder.resolve("base"));
    run = folder.resolve("run");
    RAN.clear();
  }

  private Workflow workflow(Consumer<Workflow.Builder> stages) {
    Workflow.Builder workflow = Workflow.builder().baseDirectory(base);
    stages.accept(workflow);
    return workflow.build();
  }

  private List<String> ran(Workflow workflow) {
    RAN.clear();
    boolean resumed = Files.exists(run);
    RunOptions.Builder options = RunOptions.builder();
    RunFixture.run(workflow, execution, resumed ? options.resume(run) : options.directory(run))
        .orThrow();
    return List.copyOf(RAN);
  }

  private ResumeExplanation explain(Workflow workflow) {
    RunOptions options = RunOptions.builder().resume(run).build();
    return Muster.explainResume(Muster.plan(workflow, execution, options), options);
  }

  private Workflow lambda(Operation operation, Consumer<StageProperties<?>> more) {
    return workflow(made -> made.stage("A", stage -> {
      stage.run(operation);
      more.accept(stage);
    }));
  }

  private static Operation first(int x) {
    return context -> {
      RAN.add("first");
      return x;
    };
  }

  private static Operation second(int x) {
    return context -> {
      RAN.add("second");
      return x;
    };
  }

  @Test
  void aVersionStandsForTheCode() {
    Consumer<StageProperties<?>> version1 = stage -> stage.version("1").param("p", 1);
    assertThat(ran(lambda(first(1), version1))).containsExactly("first");
    assertThat(ran(lambda(second(2), version1))).isEmpty();
    Workflow later = lambda(second(2), stage -> stage.version("1.10").param("p", 1));
    assertThat(explain(later).stages().get(0).reasons())
        .containsExactly(Map.entry("the version changed", 1));
    assertThat(ran(later)).containsExactly("second");
    Workflow other = lambda(first(1), stage -> stage.version("1.10").param("p", 2));
    assertThat(explain(other).stages().get(0).reasons())
        .containsExactly(Map.entry("parameter p changed", 1));
    assertThat(ran(other)).containsExactly("first");
  }

  @Test
  void withoutAVersionALambdaRunsAgain() {
    assertThat(ran(lambda(first(1), stage -> {}))).containsExactly("first");
    assertThat(ran(lambda(first(1), stage -> {}))).containsExactly("first");
    Workflow versioned = lambda(first(1), stage -> stage.version("1"));
    assertThat(ran(versioned)).containsExactly("first");
    assertThat(ran(versioned)).isEmpty();
    assertThat(ran(lambda(first(1), stage -> {}))).containsExactly("first");
  }

  @Test
  void aCommandIsComparedWhateverItsVersion() throws IOException {
    Files.writeString(base.resolve("data.txt"), "1");
    Workflow workflow = workflow(made -> made.stage(
        "A",
        stage -> stage
            .op("shell")
            .version("1")
            .param("command", "cat {base_dir}/data.txt; echo ran >> " + folder.resolve("log"))));
    ran(workflow);
    ran(workflow);
    assertThat(Files.readAllLines(folder.resolve("log"))).hasSize(1);
    Files.writeString(base.resolve("data.txt"), "2");
    assertThat(explain(workflow).stages().get(0).reasons())
        .containsExactly(Map.entry("file data.txt changed", 1));
  }

  @Test
  void theCodeOfPythonIsLeftToItsVersion() throws IOException {
    Files.writeString(base.resolve("mine.py"), "def f():\n    return 1\n");
    for (String version : new String[] {null, "7"}) {
      run = folder.resolve("run" + version);
      Workflow workflow = workflow(made -> made.stage("A", stage -> {
        stage.op("python").param("callable", "mine:f");
        if (version != null) {
          stage.version(version);
        }
      }));
      Files.setLastModifiedTime(base.resolve("mine.py"), FileTime.fromMillis(1_700_000_000_000L));
      ran(workflow);
      assertThat(explain(workflow).runs()).isZero();
      Files.writeString(base.resolve("mine.py"), "def f():\n    return 3 # " + version + "\n");
      assertThat(explain(workflow).runs()).isEqualTo(version == null ? 1 : 0);
    }
  }

  @Test
  void whatIsNotKeptRunsAgainIfSomethingNeedsIt() {
    Consumer<Workflow.Builder> chain =
        made -> made.stage("A", stage -> stage.version("1").keep(Keep.NONE).run(first(1)))
            .stage("B", stage -> stage.version("1").from("A").run(second(2)));
    assertThat(ran(workflow(chain))).containsExactly("first", "second");
    assertThat(ran(workflow(chain))).isEmpty();
    Consumer<Workflow.Builder> changed =
        made -> made.stage("A", stage -> stage.version("1").keep(Keep.NONE).run(first(1)))
            .stage("B", stage -> stage.version("2").from("A").run(second(2)));
    assertThat(explain(workflow(changed)).stages().get(0).reasons())
        .containsExactly(Map.entry("its output was not kept", 1));
    assertThat(ran(workflow(changed))).containsExactly("first", "second");
  }

  @Test
  void theExecutionSaysWhatIsKeptAndAStageOtherwise() {
    execution = execution.toBuilder().keep(Keep.NONE).build();
    Consumer<Workflow.Builder> two = made -> made.stage(
            "A", stage -> stage.needs().version("1").keep(Keep.AUTO).run(first(1)))
        .stage("B", stage -> stage.needs().version("1").run(second(2)));
    assertThat(ran(workflow(two))).hasSize(2);
    assertThat(ran(workflow(two))).containsExactly("second");
  }

  @ParameterizedTest
  @CsvSource({"TIMES, true, 1", "TIMES, false, 0", "CONTENT, true, 0", "CONTENT, false, 1"})
  void filesCountByTimesOrByContent(FilesBy by, boolean sameContent, int runs) throws IOException {
    execution = execution.toBuilder().filesBy(by).build();
    Path file = base.resolve("a.txt");
    Files.writeString(file, "one");
    FileTime time = FileTime.fromMillis(1_700_000_000_000L);
    Files.setLastModifiedTime(file, time);
    Workflow workflow = workflow(made -> made.dataset(Dataset.of("d", "a.txt"))
        .stage("A", stage -> stage.version("1").run(first(1))));
    ran(workflow);
    assertThat(explain(workflow).runs()).isZero();
    if (sameContent) {
      Files.setLastModifiedTime(file, FileTime.fromMillis(1_700_000_001_000L));
    } else {
      Files.writeString(file, "two");
      Files.setLastModifiedTime(file, time);
    }
    ResumeExplanation told = explain(workflow);
    assertThat(told.runs()).isEqualTo(runs);
    if (runs > 0) {
      assertThat(told.stages().get(0).reasons()).containsExactly(Map.entry("its data changed", 1));
    }
  }

  @Test
  void saysWhatIsWrongInTheFile() throws IOException {
    Path file = base.resolve("w.yaml");
    Files.writeString(file, """
        analysis:
          stages:
            - {id: A, op: shell, params: {command: "true"}, version: "", keep: non}
        execution:
          reuse: {files: contents, kepp: none}
        """);
    assertThatThrownBy(() -> Workflows.fromYaml(file))
        .isInstanceOfSatisfying(
            WorkflowException.class,
            e -> assertThat(e.problems())
                .extracting(Object::toString)
                .satisfiesExactly(
                    each -> assertThat(each).contains("w.yaml:3:", "expected text"),
                    each -> assertThat(each)
                        .contains(
                            "w.yaml:3:", "expected auto, all or none", "did you mean 'none'?"),
                    each -> assertThat(each)
                        .contains(
                            "w.yaml:5:", "expected times or content", "did you mean 'content'?"),
                    each -> assertThat(each)
                        .contains("w.yaml:5:", "unknown key 'kepp'", "did you mean 'keep'?")));
  }
}
