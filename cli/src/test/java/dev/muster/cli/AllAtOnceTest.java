package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.CheckedPlan;
import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.WorkflowDraft;
import dev.muster.Workflows;
import dev.muster.error.Diagnostic;
import dev.muster.error.WorkflowException;
import dev.muster.execution.Execution;
import dev.muster.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Everything that is wrong is told at once, each once, in its place; what only follows is not told. */
class AllAtOnceTest {
  private static final String RIGHT = """
      version: "1.0"
      registry:
        operations:
          own: {impl: "m:f"}
        execution_modifiers:
          watch: {impl: "m:watch"}
      data:
        datasets:
          - {name: ttbar, files: [a.csv, b.csv], nevents: [10, 20], eventtype: mc}
          - {name: seen, files: [c.csv], nevents: [30], eventtype: data}
        partition: {events: 10}
      global: {variables: {GREETING: hello}}
      analysis:
        stages:
          - id: Read
            op: shell
            params: {command: "echo {params.n}", n: 1, capture: lines, outputs: {table: t.csv}}
            needs: []
          - id: Train
            op: own
            needs: [Read]
            applies_to: {eventtype: mc}
            execution:
              require: gpu
              timeout: 2h
              retry: {max: 2, backoff: 1s, escalate: {to: big, on: [OUT_OF_MEMORY]}}
              modifiers: [{name: watch, params: {a: 1}}]
          - id: Plot
            op: python
            params: {callable: "m:plot", args: [1]}
            from: [{node: Train, port: out, as: trained, optional: true}]
            scope: global
            environment: {variables: {A: b}, resources: {memory: 1GB, process_on: cpu}}
            execution: {executor: far}
          - id: Tell
            op: shell
            params: {command: ["echo", "{input.Plot}"]}
            environment: {executor: LocalExecutor}
      execution:
        backend: BACKEND
        strategy: local
        environment: {type: current}
        staging: {mode: shared}
        credentials: {use: [], required_lifetime: 1h}
        config: {walltime: 1h}
        resources: {large: {cpus: 4, memory: 64GB}}
        profiles: {gpus: {resources: {gpus: 1, memory: 16GB}, workers: 2}}
        pools:
          default: {workers: {min: 0, max: 2}, resources: {memory: 4GB}}
          gpu: {use: gpus, slots: 2, config: {walltime: 2h}}
          big: {resources: {class: large, disk: 9GB}}
        executors:
          far: {pool: big, config: {walltime: 3h}}
      """;

  /** Names that others use, each of which is then told. */
  private static final List<String> NAMES = List.of("default", "big");

  @TempDir
  Path directory;

  private CheckedPlan check(String yaml) throws IOException {
    return Muster.check(draft(yaml), RunOptions.defaults());
  }

  private WorkflowDraft draft(String yaml) throws IOException {
    Path file = directory.resolve("w.yaml");
    Files.writeString(file, yaml);
    return Workflows.draft(file);
  }

  private List<String> errors(String yaml) throws IOException {
    return errors(check(yaml).diagnostics());
  }

  private List<String> errors(List<Diagnostic> diagnostics) {
    return diagnostics.stream()
        .filter(Diagnostic::isError)
        .map(each -> each.problem().toString().replace(directory + "/", ""))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void findsNothingInAWorkflowThatIsRight(String backend) throws Exception {
    assertThat(errors(RIGHT.replace("BACKEND", backend))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void oneMisspeltKeyIsToldOnce(String backend) throws Exception {
    String right = RIGHT.replace("BACKEND", backend);
    Matcher key =
        Pattern.compile("[{ ,]([a-z_]+): ?(?=\\S|$)", Pattern.MULTILINE).matcher(right);
    List<String> noisy = new ArrayList<>();
    while (key.find()) {
      if (NAMES.contains(key.group(1))) {
        continue;
      }
      String wrong = right.substring(0, key.end(1)) + "x" + right.substring(key.end(1));
      List<String> errors = errors(wrong);
      if (errors.size() > 1) {
        noisy.add(key.group(1) + "x " + errors);
      }
    }
    assertThat(noisy).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void oneWrongValueIsToldOnce(String backend) throws Exception {
    String right = RIGHT.replace("BACKEND", backend);
    Matcher value = Pattern.compile(": ([^{\\[\n,}]+|\\[[^\\[\\]{}]*])").matcher(right);
    List<String> noisy = new ArrayList<>();
    while (value.find()) {
      for (String other : List.of("{}", "wrongest", "null", "[[1]]")) {
        String wrong = right.substring(0, value.start(1)) + other + right.substring(value.end(1));
        List<String> errors = errors(wrong);
        if (errors.size() > 1) {
          noisy.add(value.group(1) + " -> " + other + " " + errors);
        }
      }
    }
    assertThat(noisy).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void tellsEveryKindOfProblemAtOnce(String backend) throws Exception {
    String yaml = """
        version: "1.0"
        registry:
          operations:
            own.op: {imp: "m:f"}
        analysis:
          stages:
            - id: A
              op: shell
              parms: {command: "true"}
            - id: B
              op: shell
              params: {command: "echo {params.x}", capture: jsno, comand: y}
              execution: {require: gppu, retry: {max: many}}
            - id: C
              op: own.op
              needs: [A, Bb]
            - id: D
              op: shel
              needs: [E]
            - id: E
              op: shell
              params: {command: "true"}
              needs: [D]
              execution: {modifiers: [profil], timout: 2h}
            - idd: F
              op: shell
              params: {command: "true"}
            - id: G
              op: shell
              params: {command: [], cwd: [1]}
              needs: [F]
              environment: {executor: LocalExecuter, resources: {memory: 4XB}}
            - id: H
              op: python
              params: {callable: a.b, args: 5}
              execution: {require: broken}
            - id: A
              op: shell
        execution:
          backend: BACKEND
          strategy: slrm
          environment: packed-pix
          credentials: [x50]
          profiles: {small: {workers: none}}
          pools:
            default: {workers: 0}
            gpu: {use: larg, resources: {gpus: -1}}
            broken: 5
          config:
            waltime: 1h
        """.replace("BACKEND", backend);
    List<String> starts = List.of(
        "4:14: registry.operations.own.op.imp: unknown key 'imp'; did you mean 'impl'?",
        "9:7: analysis.stages[0].parms: unknown key 'parms'; did you mean 'params'?",
        "12:25: stage B.params.command: there is no parameter for {params.x} in line 1, column 6",
        "12:53: stage B.params.capture: the parameter 'capture' must be ",
        "12:67: stage B.params.comand: shell has no parameter 'comand'",
        "13:28: stage B.execution.require: no pool provides the label 'gppu'",
        "13:47: analysis.stages[1].execution.retry.max: expected a whole number",
        "16:18: analysis.stages[2].needs[1]: there is no stage 'Bb'; did you mean 'B'?",
        "18:11: stage D.op: there is no operation named 'shel'",
        "19:7: stage D.needs: the stages wait for each other: D -> E -> D",
        "24:31: stage E.execution.modifiers[0]: ",
        "24:40: analysis.stages[4].execution.timout: unknown key 'timout'",
        "25:7: analysis.stages[5].idd: unknown key 'idd'; did you mean 'id'?",
        "30:16: stage G.params.command: the parameter 'command' must be a text or a list",
        "30:29: stage G.params.cwd: the parameter 'cwd' must be text, got a list",
        "32:31: stage G.executor: unknown executor 'LocalExecuter'",
        "32:66: analysis.stages[6].environment.resources.memory: '4XB' is not a memory size",
        "35:26: stage H.params.callable: the parameter 'callable' must be module:name",
        "35:37: stage H.params.args: the parameter 'args' must be a list, got '5'",
        "37:11: analysis.stages[8].id: two stages are named 'A'",
        "41:13: execution.strategy: there is no strategy named 'slrm'",
        "42:16: execution.environment: there is no environment named 'packed-pix'",
        "43:17: execution.credentials[0]: there is no credential named 'x50'",
        "44:31: execution.profiles.small.workers: expected a whole number",
        "46:24: execution.pools.default.workers: expected a whole number from 1",
        "47:16: execution.pools.gpu.use: pool gpu uses the unknown profile 'larg'",
        "47:40: execution.pools.gpu.resources.gpus: expected a whole number from 0",
        "48:13: execution.pools.broken: expected a mapping, got the number 5",
        "50:14: execution.config.waltime: option 'waltime' is not known");
    List<String> errors = errors(yaml);
    assertThat(errors).hasSameSizeAs(starts);
    for (int i = 0; i < starts.size(); i++) {
      assertThat(errors.get(i)).startsWith("w.yaml:" + starts.get(i));
    }
    assertThat(check(yaml).plan()).isNull();
    assertThat(draft(yaml).problems()).hasSizeLessThan(starts.size());
    assertThatThrownBy(() -> Workflows.fromYaml(directory.resolve("w.yaml")))
        .isInstanceOf(WorkflowException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void everyWrongPlaceholderIsToldInItsPlace(String backend) throws Exception {
    List<String> errors = errors("""
        analysis:
          stages:
            - id: A
              op: shell
              params:
                list: [1, 2]
                n: "x"
                command: |
                  echo {params.a} {files} {params.a} # {stage}
                  eval {pool} "{worker}" {file.x}
                  echo $(({params.n} + 1)) >{params.list} \\{attempt} `{dataset}`
                  cat <<E
                  é {partition}
                  E
                  [[ {files} == {stage} ]]
            - id: B
              op: shell
              params:
                command: ["{params.b}", "{param.c}", "{files} {params.d}"]
                cwd: "{params.e}/{params.f}"
                variables: {X: "{base-dir}", Y: "{params.g}"}
                outputs: {t: "{params.h}"}
            - id: C
              op: shell
              params: {shell: python3, command: "a = {files}\nb = '{stage}'"}
        execution: {backend: BACKEND}
        """.replace("BACKEND", backend));
    assertStarts(
        errors,
        "8:18: A.params.command: there is no parameter for {params.a} in line 1, column 6 of the",
        "8:18: A.params.command: there is no parameter for {params.a} in line 1, column 25 of",
        "8:18: A.params.command: the placeholder {stage} in line 1, column 38 of the command stands",
        "8:18: A.params.command: the placeholder {pool} in line 2, column 6 of the command is an",
        "8:18: A.params.command: the placeholder {worker} in line 2, column 14 of the command is",
        "8:18: A.params.command: '{file.x}' in line 2, column 24 of the command is no placeholder",
        "8:18: A.params.command: the placeholder {params.n} in line 3, column 9 of the command",
        "8:18: A.params.command: the placeholder {params.list} in line 3, column 27 of the command",
        "8:18: A.params.command: the placeholder {attempt} in line 3, column 42 of the command",
        "8:18: A.params.command: the placeholder {dataset} in line 3, column 53 of the command",
        "8:18: A.params.command: the placeholder {partition} in line 5, column 3 of the command",
        "8:18: A.params.command: the placeholder {files} in line 7, column 4 of the command stands",
        "8:18: A.params.command: the placeholder {stage} in line 7, column 15 of the command stands",
        "19:19: B.params.command[0]: there is no parameter for {params.b} in line 1, column 1 of",
        "19:33: B.params.command[1]: the placeholder {param.c} in line 1, column 1 of the parameter",
        "19:46: B.params.command[2]: there is no parameter for {params.d} in line 1, column 9 of",
        "20:14: B.params.cwd: there is no parameter for {params.e} in line 1, column 1 of the",
        "20:14: B.params.cwd: there is no parameter for {params.f} in line 1, column 12 of the",
        "21:24: B.params.variables.X: '{base-dir}' in line 1, column 1 of the parameter variables.X",
        "21:41: B.params.variables.Y: there is no parameter for {params.g} in line 1, column 1 of",
        "22:22: B.params.outputs.t: there is no parameter for {params.h} in line 1, column 1 of",
        "25:41: C.params.command: the placeholder {files} in line 1, column 5 of the command",
        "25:41: C.params.command: the placeholder {stage} in line 1, column 18 of the command");
  }

  private static void assertStarts(List<String> errors, String... starts) {
    assertThat(errors).as(String.join("\n", errors)).hasSameSizeAs(starts);
    List<String> left = new ArrayList<>(errors);
    for (String start : starts) {
      String whole = "w.yaml:" + start.replaceFirst(": ", ": stage ");
      assertThat(left.removeIf(each -> each.startsWith(whole))).as(whole).isTrue();
    }
    assertThat(left).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void codeThatIsNotThereIsToldOnceAndWhereItIsNamed(String backend) throws Exception {
    List<String> errors = errors("""
        registry: {operations: {f: {impl: "m:f"}}}
        analysis: {stages: [{id: A, op: f}, {id: B, op: f}]}
        execution:
          backend: BACKEND
          code: [nowhere]
        """.replace("BACKEND", backend));

    assertThat(errors).hasSize(1);
    assertThat(errors.get(0)).contains(":5:10", "execution.code names as nowhere");
  }

  @Test
  void namesThatCouldBeInAFileThatCannotBeReadAreNotMissed() throws Exception {
    String yaml = """
        execution: {profiles: [site]}
        analysis:
          stages:
            - {id: A, op: there.op, execution: {require: there, executor: there}}
            - {id: B, op: shell, params: {comand: "true"}, execution: {require: there}}
        """;
    Files.writeString(directory.resolve("site.yaml"), "pools: {there: {workers: 1\n");
    assertThat(errors(yaml))
        .satisfiesExactly(
            each -> assertThat(each).startsWith("site.yaml:1:16: "),
            each -> assertThat(each).startsWith("w.yaml:5:43: stage B.params.comand: "));

    Files.writeString(
        directory.resolve("site.yaml"), "pools: {there: {workers: none}}\nstrategi: slurm\n");
    assertThat(errors(yaml))
        .satisfiesExactly(
            each -> assertThat(each).startsWith("site.yaml:1:26: pools.there.workers: "),
            each -> assertThat(each).startsWith("site.yaml:2:1: strategi: unknown key"),
            each -> assertThat(each).startsWith("w.yaml:4:19: stage A.op: there is no operation"),
            each -> assertThat(each).startsWith("w.yaml:4:67: stage A.executor: unknown executor"),
            each -> assertThat(each).startsWith("w.yaml:5:43: stage B.params.comand: "));
  }

  @Test
  void problemsOfTheSiteStandWithThoseOfTheFile() throws Exception {
    Path site = Files.writeString(directory.resolve("site.yaml"), "pools: {gpu: {worker: 1}}\n");
    WorkflowDraft draft = draft("""
        analysis:
          stages:
            - {id: A, op: shell, params: {comand: "true"}, execution: {require: gpu}}
            - {id: B, op: shell, params: {command: "true"}, execution: {require: gppu}}
        """).onSite(Map.of("MUSTER_SITE", site + ":/none.yaml"), null);
    assertThat(errors(Muster.check(draft, RunOptions.defaults()).diagnostics()))
        .satisfiesExactly(
            each -> assertThat(each).startsWith("the site file /none.yaml does not exist"),
            each -> assertThat(each).startsWith("site.yaml:1:15: pools.gpu.worker: unknown key"),
            each -> assertThat(each).startsWith("w.yaml:3:43: stage A.params.comand: "),
            each -> assertThat(each).startsWith("w.yaml:4:74: stage B.execution.require: "));
  }

  @Test
  void planningInJavaTellsAllThatIsWrong() {
    Workflow workflow = Workflow.builder()
        .stage("A")
        .op("shell")
        .param("capture", "jsno")
        .param("command", "true")
        .require("nothing")
        .stage("B")
        .op("shel")
        .needs("C")
        .build();
    Execution execution =
        Execution.builder().pool("default", pool -> {}).strategy("slrm").build();
    assertThatThrownBy(() -> Muster.plan(workflow, execution))
        .isInstanceOfSatisfying(
            WorkflowException.class,
            e -> assertThat(e.problems())
                .extracting(problem -> problem.path())
                .containsExactlyInAnyOrder(
                    "stage A.params.capture",
                    "stage A.execution.require",
                    "stage B.op",
                    "stage B.needs",
                    "execution.strategy"));
  }

  @Test
  void aHundredAreShown() throws Exception {
    StringBuilder yaml = new StringBuilder("analysis:\n  stages:\n");
    for (int i = 0; i < 130; i++) {
      yaml.append("    - {id: S").append(i).append(", op: shell, params: {}}\n");
    }
    List<Diagnostic> diagnostics = check(yaml.toString()).diagnostics();
    assertThat(diagnostics).hasSize(130);
    List<String> shown = ProblemView.render(
        diagnostics.stream().map(Diagnostic::problem).toList(),
        file -> List.of(),
        new Style(false, true));
    assertThat(shown).contains("and 30 more").last().asString().startsWith("130 problems in ");
    assertThat(shown.stream().filter(line -> line.contains("error: "))).hasSize(100);
    assertThatThrownBy(() -> Diagnostic.throwIfErrors(diagnostics))
        .message()
        .endsWith("\nand 30 more")
        .satisfies(text -> assertThat(text.lines()).hasSize(102));
  }

  @Test
  void whatIsNotInstalledAloneKeepsAPlan() throws Exception {
    CheckedPlan checked = check("analysis: {stages: [{id: A, op: far.away}]}");
    assertThat(checked.plan()).isNotNull();
    assertThat(checked.diagnostics()).singleElement().matches(Diagnostic::isNotInstalled);
  }

  @Test
  void theDocumentationShowsWhatIsTold() throws Exception {
    String page = Files.readString(Path.of("../docs/command-line.md"));
    Matcher block = Pattern.compile(
            "```text\n\\$ cat broken.yaml\n(.*?)\\$ muster validate broken.yaml\n(.*?)```",
            Pattern.DOTALL)
        .matcher(page);
    assertThat(block.find()).isTrue();
    WorkflowDraft draft = Workflows.draft(block.group(1), "broken.yaml", directory);
    List<String> shown = ProblemView.render(
        Muster.check(draft, RunOptions.defaults()).diagnostics().stream()
            .map(Diagnostic::problem)
            .toList(),
        file -> block.group(1).lines().toList(),
        new Style(false, true));
    assertThat(shown).containsExactlyElementsOf(block.group(2).lines().toList());
  }
}
