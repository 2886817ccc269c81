package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.muster.Muster;
import dev.muster.RunOptions;
import dev.muster.WorkflowFile;
import dev.muster.Workflows;
import dev.muster.error.Diagnostic;
import dev.muster.error.WorkflowException;
import dev.muster.plan.Plan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks with everything that the command brings along. */
class CheckTest {
  @TempDir
  Path directory;

  private List<Diagnostic> check(String yaml) throws Exception {
    return check(yaml, RunOptions.defaults());
  }

  private List<Diagnostic> check(String yaml, RunOptions options) throws Exception {
    return Muster.check(Muster.plan(load(yaml), options), options);
  }

  private WorkflowFile load(String yaml) throws Exception {
    Path file = directory.resolve("w.yaml");
    Files.writeString(file, yaml);
    return Workflows.fromYaml(file);
  }

  private List<String> found(String yaml) throws Exception {
    return found(yaml, RunOptions.defaults());
  }

  private List<String> found(String yaml, RunOptions options) throws Exception {
    List<String> lines = new ArrayList<>();
    for (Diagnostic diagnostic : check(yaml, options)) {
      lines.add(diagnostic.toString().replace(directory + "/", ""));
    }
    return lines;
  }

  private static final String STAGE =
      "analysis: {stages: [{id: A, op: shell, params: {command: 'true'}}]}\n";

  @Test
  void findsNothingInAWorkflowThatIsRight() throws Exception {
    assertThat(check(STAGE)).isEmpty();
    assertThat(check(STAGE + "execution: {backend: dask, strategy: slurm}")).isEmpty();
  }

  @Test
  void tellsAllAtOnceWithLineAndColumn() throws Exception {
    String yaml = """
        analysis:
          stages:
            - id: A
              op: shel
              params: {command: "true"}
            - id: B
              op: shell
              params: {comand: "true"}
            - id: C
              op: shell
              params:
                command: "true"
                capture: jsno
            - id: D
              op: shell
              params: {command: "true", variables: {"A=B": 1}}
              execution: {modifiers: [diagnostics, profil]}
            - id: E
              op: python
              params: {callable: analysis.train.run}
            - id: F
              op: shell
              params: {command: "true"}
              environment:
                variables: missing.env
        execution:
          backend: local
          strategy: slrm
          environment: packed-pix
          credentials: [x509, x50]
          config:
            waltime: 1h
        """;
    assertThat(found(yaml))
        .satisfiesExactly(
            each -> assertThat(each)
                .isEqualTo(
                    "error: w.yaml:4:11: stage A.op: there is no operation named 'shel'; did you mean 'shell'? known: python, shell"),
            each -> assertThat(each)
                .startsWith(
                    "error: w.yaml:8:24: stage B.params.comand: shell has no parameter 'comand'"),
            each -> assertThat(each)
                .startsWith(
                    "error: w.yaml:13:18: stage C.params.capture: the parameter 'capture' must be text, lines, json or none, got 'jsno'"),
            each -> assertThat(each)
                .startsWith(
                    "error: w.yaml:16:33: stage D.params.variables: the parameter 'variables': the name of a variable must not"),
            each -> assertThat(each)
                .startsWith(
                    "error: w.yaml:17:44: stage D.execution.modifiers[1]: there is no modifier named 'profil'; did you mean 'profile'?"),
            each -> assertThat(each)
                .startsWith(
                    "error: w.yaml:20:26: stage E.params.callable: the parameter 'callable' must be module:name, got 'analysis.train.run'; did you mean 'analysis.train:run'?"),
            each -> assertThat(each)
                .startsWith("error: w.yaml:25:20: stage F.environment.variables: the file "),
            each -> assertThat(each)
                .startsWith(
                    "error: w.yaml:28:13: execution.strategy: there is no strategy named 'slrm'; did you mean 'slurm'?"),
            each -> assertThat(each)
                .startsWith(
                    "error: w.yaml:29:16: execution.environment: there is no environment named 'packed-pix'; did you mean 'packed-pixi'?"),
            each -> assertThat(each)
                .startsWith(
                    "error: w.yaml:30:23: execution.credentials[1]: there is no credential named 'x50'; did you mean 'x509'?"),
            each -> assertThat(each)
                .startsWith(
                    "error: w.yaml:32:14: execution.config.waltime: option 'waltime' is not known"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"local", "dask"})
  void findsWrongStagesOnEveryBackend(String backend) throws Exception {
    String yaml = """
        analysis:
          stages:
            - {id: A, op: shell, params: {command: "true", capture: jsno}}
            - {id: B, op: shell, params: {comand: "true"}}
            - {id: C, op: shell, params: {command: "true", variables: {"A=B": 1}}}
            - {id: D, op: python, params: {callable: f}}
            - {id: E, op: python, params: {callabl: m:f}}
            - {id: F, op: shell, params: {command: "true"}, environment: {variables: no.env}}
            - {id: G, op: shell, params: {command: "true"}, execution: {modifiers: [profil]}}
            - {id: H, op: hep.hist}
            - {id: I, op: shell, params: {command: "echo {params.n}"}}
            - {id: J, op: own}
        registry: {operations: {own: {impl: "python: x"}}}
        execution: {backend: BACKEND}
        """.replace("BACKEND", backend);
    List<Diagnostic> found = check(yaml);
    assertThat(found).allMatch(Diagnostic::isError);
    List<Integer> lines = found.stream()
        .map(each ->
            each.problem().location() == null ? 0 : each.problem().location().line())
        .distinct()
        .toList();
    assertThat(lines).as("%s", found).containsExactly(3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    assertThat(found.stream()
            .filter(Diagnostic::isNotInstalled)
            .map(each -> each.problem().path()))
        .containsExactly("stage G.execution.modifiers[0]", "stage H.op");
  }

  @Test
  void findsWrongOptionsOfDaskAndOfItsStrategy() throws Exception {
    String yaml = STAGE + """
        execution:
          backend: dask
          strategy: slurm
          profiles:
            big: {config: {account: [ab], threads: 1}}
          pools:
            gpu:
              use: big
              workers: 1
              config:
                walltime: 3:00
                max_queued: 0
                qos: [a]
          config:
            security: nonee
            idle_timeout: soon
            batch: perhaps
            dashbord: true
            submit_rate: 0
            memory: per_core
            container_options: x
        """;
    List<String> found = found(yaml);
    assertThat(found)
        .satisfiesExactly(
            each -> assertThat(each)
                .startsWith(
                    "error: w.yaml:6:20: execution.profiles.big.config.account: account must be "),
            each -> assertThat(each)
                .startsWith(
                    "error: w.yaml:6:44: execution.profiles.big.config.threads: threads must be true or false, got 1"),
            each -> assertThat(each)
                .startsWith(
                    "error: w.yaml:12:19: execution.pools.gpu.config.walltime: walltime must be a time such as 90s, 15m or 02:00:00, got 3:00"),
            each -> assertThat(each)
                .startsWith(
                    "error: w.yaml:13:21: execution.pools.gpu.config.max_queued: max_queued must be"),
            each -> assertThat(each)
                .startsWith(
                    "error: w.yaml:14:9: execution.pools.gpu.config.qos: qos must be a text in one line"),
            each -> assertThat(each)
                .startsWith(
                    "error: w.yaml:16:15: execution.config.security: security must be tls or none, got nonee"),
            each ->
                assertThat(each).startsWith("error: w.yaml:17:19: execution.config.idle_timeout: "),
            each -> assertThat(each).startsWith("error: w.yaml:18:12: execution.config.batch: "),
            each -> assertThat(each)
                .startsWith(
                    "error: w.yaml:19:15: execution.config.dashbord: option 'dashbord' is not known"),
            each ->
                assertThat(each).startsWith("error: w.yaml:20:18: execution.config.submit_rate: "),
            each -> assertThat(each).startsWith("error: w.yaml:21:13: execution.config.memory: "));
  }

  @ParameterizedTest
  @CsvSource({"local, local", "dask, local", "dask, slurm"})
  void findsPoolsOfMpiWhereATaskIsOneProcess(String backend, String strategy) throws Exception {
    assertThat(found(parallel(backend, strategy, "nodes: 2, tasks_per_node: 4")))
        .singleElement(STRING)
        .contains(
            "execution.pools.wide.resources: the pool has nodes 2 and tasks_per_node 4, and with backend "
                + backend + " a task has one process on one node");
    assertThat(found(parallel(backend, strategy, "nodes: 1, tasks_per_node: 1")))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "local, this host alone",
    "htcondor, a job of HTCondor's has one",
    "gridengine, one host"
  })
  void findsPoolsWithNodesThatAStrategyCannotAskFor(String strategy, String why) throws Exception {
    assertThat(found(parallel("batch", strategy, "nodes: 2")))
        .singleElement(STRING)
        .contains("execution.pools.wide.resources: resources.nodes is 2, and ", why);
    assertThat(found(parallel("batch", strategy, "tasks_per_node: 2"))).isEmpty();
  }

  @Test
  void findsContainersOnSeveralNodesAndNodesThatAreNoResource() throws Exception {
    String image = parallel("batch", "slurm", "nodes: 2")
        .replace("execution: {require", "environment: {image: a.tar}, execution: {require");
    assertThat(found(image))
        .singleElement(STRING)
        .contains(
            "stage A.environment.image: its job has nodes 2 (pool wide), and a container is on one of them");
    assertThat(found(STAGE + "execution: {backend: batch, strategy: slurm, config: {nodes: 2}}"))
        .singleElement(STRING)
        .contains("option 'nodes' is not known", "write it under 'resources'");
  }

  private static String parallel(String backend, String strategy, String amounts) {
    return "analysis: {stages: [{id: A, op: shell, params: {command: 'true'}, execution: {require: wide}}]}\n"
        + "execution:\n  backend: " + backend + "\n  strategy: " + strategy
        + "\n  pools: {default: {}, wide: {resources: {" + amounts + "}}}\n";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{type: shared}",
        "{type: shared, prefix: /nowhere/at/all}",
        "{type: shared, prefx: /usr}",
        "{type: current, python: x}",
        "{type: packed-pixi, mode: zip}",
        "{type: packed-pixi, keep_days: 0, prefix: /usr}"
      })
  void findsWrongOptionsOfTheWorkersEnvironment(String environment) throws Exception {
    List<String> found =
        found(STAGE + "execution: {backend: dask, environment: " + environment + "}");
    assertThat(found).isNotEmpty().allMatch(each -> each.startsWith("error: w.yaml:2:"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"slurm", "htcondor", "local"})
  void findsWrongOptionsOfEachStrategy(String strategy) throws Exception {
    List<String> found = found(STAGE + "execution: {backend: dask, strategy: " + strategy
        + ", config: {walltime: 3:00, code: 1}}");
    assertThat(found).hasSize(2).allMatch(each -> each.startsWith("error: w.yaml:2:"));
  }

  @Test
  void findsUnknownBackends() throws Exception {
    assertThat(found(STAGE + "execution: {backend: dsk}"))
        .satisfiesExactly(
            each -> assertThat(each)
                .startsWith(
                    "error: w.yaml:2:22: execution.backend: there is no backend named 'dsk'; did you mean 'dask'?"));
    String stage = """
        analysis:
         stages:
          - id: A
            op: shell
            params: {command: 'true'}
        """;
    assertThat(found(stage + "    execution: {backend: dsk}\n"))
        .satisfiesExactly(
            each -> assertThat(each).startsWith("error: w.yaml:6:26: stage A.execution.backend: "));
    String executor = """
            execution: {executor: far}
        execution:
         executors:
          far: {backend: dask, strategy: slrm}
        """;
    assertThat(found(stage + executor))
        .satisfiesExactly(each ->
            assertThat(each).startsWith("error: w.yaml:9:34: execution.executors.far.strategy: "));
  }

  @Test
  void namesTheCommandLine() throws Exception {
    Overrides overrides = new Overrides(List.of());
    overrides.set("config.waltime=1h");
    overrides.backend("dask");
    RunOptions.Builder options = RunOptions.builder();
    overrides.layers().forEach(options::above);
    assertThat(found(STAGE, options.build()))
        .satisfiesExactly(each -> assertThat(each)
            .startsWith("error: execution.config.waltime: option 'waltime' is not known to")
            .contains("(set by --set config.waltime=1h)"));
  }

  @Test
  void refusedRunsLeaveNothing() throws Exception {
    Path run = directory.resolve("run");
    RunOptions options = RunOptions.builder().directory(run).build();
    Plan wrong = Muster.plan(load(STAGE.replace("shell", "shel")), options);
    assertThatThrownBy(() -> Muster.start(wrong, options)).isInstanceOf(WorkflowException.class);
    assertThat(run).doesNotExist();
  }

  @Test
  void checksManyStagesWithoutAProcess() throws Exception {
    StringBuilder stages = new StringBuilder("analysis:\n  stages:\n");
    for (int i = 0; i < 1_500; i++) {
      stages
          .append("    - {id: S")
          .append(i)
          .append(", op: shell, needs: [], params: {command: 'echo {params.n}', n: 1}}\n");
    }
    List<ProcessHandle> before = ProcessHandle.current().children().toList();
    for (String backend : List.of("local", "dask")) {
      assertThat(check(stages + "execution: {backend: " + backend + "}\n")).isEmpty();
    }
    assertThat(ProcessHandle.current().children().toList()).isEqualTo(before);
  }
}
