package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.plan.PlanFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Runs real workflows through the real library. */
class EndToEndTest {
  private static final String THREE_STAGES = """
      name: three
      analysis:
        stages:
          - {id: First, op: shell, params: {command: "echo one"}}
          - {id: Second, op: shell, params: {command: "echo two"}, execution: {require: big}}
          - {id: Third, op: shell, params: {command: "true"}}
      execution:
        pools:
          default: {workers: 2}
          big: {workers: 1, resources: {memory: 2GB}}
      """;

  private static final String FAILING = """
      name: failing
      analysis:
        stages:
          - {id: Bad, op: shell, needs: [], params: {command: "echo to the log; echo why >&2; exit 3"}}
          - {id: After, op: shell, needs: [Bad], params: {command: "true"}}
          - {id: Free, op: shell, needs: [], params: {command: "sleep 0.2; true"}}
      execution:
        pools:
          default: {workers: 1}
      """;

  private static final String BROKEN = """
      name: broken
      analysis:
        stages:
          - {id: First, op: shell, execution: {requires: gpu}}
      execution:
        bakend: local
      """;

  @TempDir
  private Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int muster(String... arguments) {
    return Main.execute(
        new Shell(
            new Library(),
            new Output(out),
            new Screen(new Output(err)),
            new Terminal(false, false, Map.of()),
            Clock.systemUTC(),
            directory),
        arguments);
  }

  private String file(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text).toString();
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void runsAWorkflow() throws IOException {
    assertThat(muster("run", file("w.yaml", THREE_STAGES)))
        .as("%s", err())
        .isEqualTo(ExitCode.DONE);
    Path latest = directory.resolve(".muster/runs/latest");
    assertThat(latest.resolve("plan.yaml")).content().contains("three");
    assertThat(latest.resolve("journal")).isNotEmptyFile();
    assertThat(latest.resolve("logs")).exists();
    assertThat(err())
        .contains("three: 3 tasks", "Second: started, 1 task on big", "+ three done: 3 tasks in ")
        .contains("run directory: .muster/runs/three-");
    assertThat(out()).isEmpty();
  }

  @Test
  void aFailedStageFailsTheRunAndSaysWhy() throws IOException {
    assertThat(muster("run", file("w.yaml", FAILING))).isEqualTo(ExitCode.FAILED);
    assertThat(err())
        .contains("x failing failed after", "Bad failed on default", "exit", "3", "why");
  }

  @Test
  void keepGoingRunsWhatDoesNotNeedTheFailedStage() throws IOException {
    assertThat(muster("run", "--keep-going", file("w.yaml", FAILING))).isEqualTo(ExitCode.FAILED);
    assertThat(err()).contains("of 3 tasks 1 done, 1 failed, 1 skipped");
  }

  @Test
  void refusesADirectoryThatHoldsARun() throws IOException {
    String workflow = file("w.yaml", THREE_STAGES);
    String run = directory.resolve("run").toString();
    assertThat(muster("run", workflow, "--run-dir", run)).as("%s", err()).isEqualTo(ExitCode.DONE);
    err.reset();
    assertThat(muster("run", workflow, "--run-dir", run)).isNotEqualTo(ExitCode.DONE);
    assertThat(err()).contains(run).doesNotContain("internal error");
  }

  @Test
  void plansInEveryFormat() throws IOException {
    String workflow = file("w.yaml", THREE_STAGES);
    for (PlanFormat format : PlanFormat.values()) {
      out.reset();
      assertThat(muster("plan", workflow, "--format", PlanFormatReader.word(format)))
          .isEqualTo(ExitCode.DONE);
      assertThat(out()).as("%s", format).contains("First", "Second", "Third");
    }
  }

  @Test
  void aPlanNamesTheOptionThatSetAValue() throws IOException {
    String workflow = file("w.yaml", THREE_STAGES);
    assertThat(muster("plan", "--json", workflow, "--set", "pools.big.workers=7"))
        .isEqualTo(ExitCode.DONE);
    JsonNode plan = new ObjectMapper().readTree(out());
    assertThat(plan.isObject()).isTrue();
    assertThat(out()).contains("--set pools.big.workers=7");
  }

  @Test
  void explainsAStage() throws IOException {
    assertThat(muster("explain", file("w.yaml", THREE_STAGES), "Second")).isEqualTo(ExitCode.DONE);
    assertThat(out()).contains("Second", "big", "default");
    assertThat(out()).doesNotContain("Candidate[");
  }

  @Test
  void findsEveryProblemWithItsPlace() throws IOException {
    String workflow = file("broken.yaml", BROKEN);
    assertThat(muster("validate", workflow)).isEqualTo(ExitCode.USAGE);
    assertThat(err())
        .contains("broken.yaml:4:", "'requires'", "did you mean 'require'?")
        .contains("broken.yaml:6:3: error: ", "'bakend'", "did you mean 'backend'?")
        .contains("shell needs the parameter 'command'")
        .contains("3 problems in ");
    assertThat(muster("validate", workflow, "--json")).isEqualTo(ExitCode.USAGE);
    List<Integer> lines = new ArrayList<>();
    new ObjectMapper()
        .readTree(out())
        .get("problems")
        .forEach(problem -> lines.add(problem.get("line").intValue()));
    assertThat(lines).containsExactly(4, 4, 6);
  }

  @Test
  void wrongOptionsAreToldWithTheProblemsOfTheFile() throws IOException {
    String workflow = file("broken.yaml", BROKEN);
    List<String> wrong = List.of(
        "--set", "pools.gpu.memry=3", "--set", "bakend=dask", "--pool", "gpu=x", "--set", "none");
    for (String command : List.of("validate", "plan", "explain", "run")) {
      List<String> arguments = new ArrayList<>(List.of(command, workflow));
      arguments.addAll(wrong);
      assertThat(muster(arguments.toArray(String[]::new))).isEqualTo(ExitCode.USAGE);
      assertThat(err())
          .contains("error: --set pools.gpu.memry=3: unknown key 'memry'")
          .contains("error: --set bakend=dask: unknown key 'bakend'")
          .contains("error: --pool gpu=x: expected a whole number")
          .contains("error: --set none: expected KEY=VALUE")
          .contains("broken.yaml:6:3: error: unknown key 'bakend'")
          .contains("7 problems in ");
    }
  }

  @Test
  void aMissingFileIsWrongUsage() {
    String missing = directory.resolve("missing.yaml").toString();
    assertThat(muster("run", missing)).isEqualTo(ExitCode.USAGE);
    assertThat(err()).contains(missing);
  }

  @Test
  void primingGoesThroughTheCommandsInSilence() {
    assertThat(muster("prime")).isEqualTo(ExitCode.DONE);
    assertThat(out()).isEmpty();
    assertThat(err()).isEmpty();
  }

  @Test
  void showsPlansOfWhatIsNotInstalledAndRefusesToRunThem() throws IOException {
    String file = file("seed.yaml", """
        analysis:
          stages:
            - id: Hist
              op: hep.hist
              execution: {modifiers: [own.modifier]}
        """);
    for (String command : List.of("plan", "explain")) {
      for (String backend : List.of("local", "dask")) {
        err.reset();
        assertThat(muster(command, file, "--backend", backend)).as("%s", err()).isEqualTo(0);
        assertThat(err())
            .contains("seed.yaml:4:11: warning: ", "hep.hist", "seed.yaml:5:31: warning:");
      }
    }
    for (String command : List.of("validate", "run")) {
      err.reset();
      assertThat(muster(command, file)).isEqualTo(ExitCode.USAGE);
      assertThat(err()).contains("seed.yaml:4:11: error: there is no operation named 'hep.hist'");
    }
    assertThat(directory.resolve(".muster")).doesNotExist();
  }

  @Test
  void showsNoPlanOfWhatIsWrong() throws IOException {
    String file = file("wrong.yaml", """
        analysis:
          stages:
            - {id: Hist, op: hep.hist}
            - {id: List, op: shell, params: {command: ls, capture: jsno}}
        """);
    for (String command : List.of("plan", "explain", "validate", "run")) {
      err.reset();
      assertThat(muster(command, file)).isEqualTo(ExitCode.USAGE);
      assertThat(err())
          .contains("wrong.yaml:3:22: error: ", "wrong.yaml:4:60: error: ", "2 problems");
    }
    assertThat(out()).isEmpty();
    assertThat(muster("validate", "--json", file)).isEqualTo(ExitCode.USAGE);
    assertThat(out()).contains("\"path\" : \"stage List.params.capture\"");
    assertThat(muster("run", "-d", "here", file)).isEqualTo(ExitCode.USAGE);
    assertThat(directory.resolve(".muster")).doesNotExist();
    assertThat(directory.resolve("here")).doesNotExist();
  }
}
