package dev.muster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.error.Problem;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Execution;
import dev.muster.run.RunResult;
import dev.muster.workflow.Modifier;
import dev.muster.workflow.Operation;
import dev.muster.workflow.OperationContext;
import dev.muster.workflow.Variables;
import dev.muster.workflow.Workflow;
import dev.muster.workflow.WorkflowParams;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Parameters of a workflow: in files, in builders, and given when a file is loaded. */
@Timeout(120)
class WorkflowParamsTest {
  private static final ConcurrentLinkedQueue<String> RAN = new ConcurrentLinkedQueue<>();

  private static final String FILE = """
      version: 1.0
      params: {mass: 91.2, tag: v1, runs: [1, 2], cuts: {pt: 25, on: true}, folder: data}
      data:
        datasets: [{name: a, files: ["{param.folder}/*.csv"], kind: "{param.tag}"}]
      analysis:
        stages:
          - id: Fit
            op: fit
            params:
              mass: "{param.mass}"
              title: "m = {param.mass} GeV, {param.tag}, {param.cuts.on}"
              runs: "{param.runs}"
              cuts: [{min: "{param.cuts.pt}"}, "{param.cuts}"]
            execution: {modifiers: [{name: hook, params: {tag: "{param.tag}"}}]}
            environment: {variables: {TAG: "x-{param.tag}"}}
      """;

  @TempDir
  Path folder;

  private Path file(String text) throws IOException {
    Files.createDirectories(folder.resolve("data"));
    Files.createDirectories(folder.resolve("other"));
    Files.writeString(folder.resolve("data/one.csv"), "1");
    Files.writeString(folder.resolve("other/two.csv"), "2");
    return Files.writeString(folder.resolve("w.yaml"), text);
  }

  private Workflow load(String text, Consumer<LoadOptions.Builder> options) throws IOException {
    LoadOptions.Builder builder = LoadOptions.builder();
    options.accept(builder);
    return Workflows.load(file(text), builder.build()).workflow();
  }

  private List<String> refused(String text, Consumer<LoadOptions.Builder> options) {
    try {
      return List.of("loaded: " + load(text, options));
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (WorkflowException e) {
      return e.problems().stream().map(Problem::toString).toList();
    }
  }

  private static String stage(String params) {
    return "params: {mass: 91.2, runs: [1]}\n"
        + "analysis: {stages: [{id: A, op: x, params: {m: '{param.mass}', r: '{param.runs}', "
        + params
        + "}}]}\n";
  }

  @Test
  void aloneAValueKeepsItsTypeAndWithinATextItIsItsText() throws IOException {
    Workflow workflow = load(FILE, options -> {});

    assertThat(workflow.stage("Fit").params())
        .containsEntry("mass", 91.2)
        .containsEntry("title", "m = 91.2 GeV, v1, true")
        .containsEntry("runs", List.of(1, 2))
        .containsEntry("cuts", List.of(Map.of("min", 25), Map.of("pt", 25, "on", true)));
    assertThat(workflow.stage("Fit").modifiers())
        .containsExactly(new Modifier("hook", Map.of("tag", "v1")));
    assertThat(workflow.stage("Fit").environment().variables())
        .isEqualTo(new Variables.Values(Map.of("TAG", "x-v1")));
    assertThat(workflow.datasets().get(0).files()).containsExactly("data/one.csv");
    assertThat(workflow.datasets().get(0).attributes()).containsEntry("kind", "v1");
    assertThat(workflow.params().values().keySet())
        .containsExactly("mass", "tag", "runs", "cuts", "folder");
    assertThat(workflow.warnings()).isEmpty();
  }

  @Test
  void valuesThatAreGivenGoBeforeTheFilesAndHaveItsKind() throws IOException {
    Workflow workflow = load(
        FILE,
        options -> options
            .paramText("mass", "90")
            .paramText("tag", "1.10")
            .paramText("runs", "[7]")
            .paramText("folder", "other")
            .param("cuts", Map.of("pt", 30, "on", false)));

    assertThat(workflow.stage("Fit").params())
        .containsEntry("mass", 90.0)
        .containsEntry("title", "m = 90.0 GeV, 1.10, false")
        .containsEntry("runs", List.of(7));
    assertThat(workflow.datasets().get(0).files()).containsExactly("other/two.csv");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mas  | 90    | the workflow has no parameter 'mas' | did you mean 'mass'?",
        "mass | 9O    | is a number, and this is a text: 9O |",
        "runs | 3     | is a list, and this is a whole number: 3 |",
        "runs | [1,   | the value given for the parameter 'runs' does not suit |",
        "mass | ''    | is a number, and this is null |",
        "tag  | {param.mass} | names a parameter itself; write the value out |"
      })
  void aGivenValueThatDoesNotSuitIsRefused(
      String name, String text, String expected, String suggestion) {
    List<String> problems = refused(FILE, options -> options.paramText(name, text));

    assertThat(problems)
        .anySatisfy(each -> assertThat(each)
            .contains("w.yaml:2:")
            .contains(expected)
            .contains(suggestion == null ? "" : suggestion));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x: '{param.mas}'      | there is no workflow parameter 'mas'; did you mean 'mass'?",
        "x: 'a {param.runs} b' | {param.runs} stands within a text, and its value is a list",
        "x: '{param.mass.pt}'  | no 'pt' in a single value",
        "x: '{param. mass}'    | names no workflow parameter; write {param.NAME}, without blanks",
        "x: '{param.mass'      | names no workflow parameter",
        "\"{param.mass}\": 1   | a key cannot name a parameter"
      })
  void whatNamesNoParameterIsRefusedWithItsPlace(String params, String expected) {
    assertThat(refused(stage(params), options -> {}))
        .anySatisfy(each -> assertThat(each).contains("w.yaml:2:").contains(expected));
  }

  @ParameterizedTest
  @ValueSource(strings = {"params: 5", "params: {1a: 2}", "params: {a b: 2}", "params: {a.b: 2}"})
  void wrongParametersAreRefused(String params) {
    assertThat(refused(params + "\nanalysis: {stages: [{id: A, op: x}]}\n", options -> {}))
        .anySatisfy(each -> assertThat(each).contains("w.yaml:1:").contains("params"));
  }

  @Test
  void withoutParametersATextThatNamesOneIsRefused() {
    assertThat(refused(
            "analysis: {stages: [{id: A, op: x, params: {m: '{param.mass}'}}]}\n", options -> {}))
        .anySatisfy(each -> assertThat(each).contains("add params: {mass: VALUE}"));
  }

  @Test
  void aParameterThatNothingNamesIsTold() throws IOException {
    Workflow workflow = load("""
        params: {mass: 1, masss: 2}
        analysis: {stages: [{id: A, op: shell, params: {command: 'echo {param.mass}'}}]}
        """, options -> {});

    assertThat(workflow.warnings().toString())
        .contains("nothing names the parameter 'masss'")
        .contains("w.yaml:1:19");
  }

  @Test
  void aCommandTakesAValueAsAWordWhateverIsInIt() throws IOException {
    String hostile = "a'; echo \"$HOME\" `id` #";
    Workflow workflow = load("""
        params: {word: x, list: [b, "c d"], n: 3}
        stages:
          - name: A
            type: BashOperator
            kwargs:
              bash_command: 'printf "%s," {param.word} "<{param.word}>" {param.list} $(({param.n} + 1)) {params.own}'
              own: "{param.n}"
        """, options -> options.param("word", hostile));
    RunResult result =
        RunFixture.run(workflow, RunFixture.workers(1), RunOptions.builder()).orThrow();

    assertThat(String.valueOf(result.stage("A").value()))
        .isEqualTo(hostile + ",<" + hostile + ">,b,c d,4,3,");
  }

  @Test
  void aCommandThatNamesNoneIsRefusedWhenPlanned() throws IOException {
    Workflow workflow = load("""
        params: {mass: 1}
        analysis:
          stages:
            - id: A
              op: shell
              params: {command: 'echo {param.mass} {param.mas}'}
        """, options -> {});

    assertThatThrownBy(() -> RunFixture.run(workflow, RunFixture.workers(1), RunOptions.builder()))
        .hasMessageContaining("{param.mas}")
        .hasMessageContaining("did you mean 'mass'?");
  }

  @Test
  void buildersHaveThemToo() {
    Workflow workflow = Workflow.builder()
        .param("mass", 91.2)
        .param("name", "z")
        .dataset("a", "{param.name}.csv")
        .stage("A")
        .op("fit")
        .param("m", "{param.mass}")
        .param("label", "{param.name}:{param.mass}")
        .stage("B")
        .op("shell")
        .param("command", "echo {param.mass}")
        .build();

    assertThat(workflow.stage("A").params())
        .containsEntry("m", 91.2)
        .containsEntry("label", "z:91.2");
    assertThat(workflow.stage("B").params()).containsEntry("command", "echo {param.mass}");
    assertThat(workflow.datasets().get(0).files()).containsExactly("z.csv");
    assertThat(workflow.toBuilder().build()).isEqualTo(workflow);
    assertThatThrownBy(() -> workflow.toBuilder().param("mass", 90))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is 91.2 already");
    assertThatThrownBy(
            () -> Workflow.builder().stage("A").op("x").param("m", "{param.q}").build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("stage A: there is no workflow parameter 'q'");
  }

  @Test
  void anOperationOfOnesOwnCalledShellTakesThemAsAnyOther() {
    Workflow workflow = Workflow.builder()
        .param("mass", 91.2)
        .operation("shell", context -> context.stage().params().get("command"))
        .stage("A")
        .op("shell")
        .param("command", "{param.mass}")
        .build();

    assertThat(workflow.stage("A").params()).containsEntry("command", 91.2);
  }

  @Test
  void whatIsWrittenReadsBackTheSame() throws IOException {
    Workflow workflow = load(FILE, options -> options.paramText("mass", "90"));
    String yaml = Workflows.toYaml(workflow, Execution.builder().build());

    assertThat(Workflows.fromYaml(yaml, "w.yaml", folder).workflow().params())
        .isEqualTo(workflow.params())
        .isNotEqualTo(WorkflowParams.none());
    assertThat(Workflows.fromYaml(yaml, "w.yaml", folder).workflow().stages())
        .isEqualTo(workflow.stages());
  }

  @Test
  void aPlanShowsTheirValues() throws IOException {
    Workflow workflow = load(stage("x: 1"), options -> options.paramText("mass", "90"));
    Workflow known = workflow.toBuilder().operation("x", context -> 1).build();

    assertThat(Muster.plan(known, RunFixture.workers(1)).toYaml())
        .contains("params: {mass: 90, runs: [1]}\n");
  }

  private static int note(OperationContext context) {
    RAN.add(context.stage().id());
    return 1;
  }

  @Test
  void aRunThatGoesOnRunsWhatReadsAnotherValue() throws IOException {
    String text = """
        params: {mass: 1, other: 2}
        analysis:
          stages:
            - {id: Mass, op: note, params: {m: "{param.mass}"}, needs: []}
            - {id: Other, op: note, params: {m: "{param.other}"}, needs: []}
            - {id: Command, op: shell, params: {command: "echo {param.mass} >> ran"}, needs: []}
        """;
    Path run = folder.resolve("run");
    String explained = "";
    for (String mass : List.of("1", "1", "5")) {
      RAN.clear();
      Workflow workflow = load(text, options -> options.paramText("mass", mass)).toBuilder()
          .operation("note", (Operation & Serializable) WorkflowParamsTest::note)
          .build();
      if (Files.exists(run)) {
        RunOptions resume = RunOptions.builder().resume(run).build();
        explained = Muster.explainResume(
                Muster.plan(workflow, RunFixture.workers(1), resume), resume)
            .toString();
      }
      RunOptions.Builder options = RunOptions.builder();
      RunFixture.run(
              workflow,
              RunFixture.workers(1),
              Files.exists(run) ? options.resume(run) : options.directory(run))
          .orThrow();
      if (mass.equals("5")) {
        assertThat(RAN).as(explained).containsExactly("Mass");
        assertThat(Files.readString(run.resolve("Command/outputs/ran"))).isEqualTo("5\n");
      }
    }
  }
}
