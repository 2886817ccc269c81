package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The commands about runs that are there, on real run directories. */
@Timeout(120)
class RunsCommandsTest {
  private static final String WORKFLOW = """
      name: w
      data: {datasets: [{name: d.1, files: [a.txt, b.txt]}]}
      analysis:
        stages:
          - {id: Each, op: shell, params: {command: "echo printed"}}
          - id: Last
            op: shell
            scope: global
            params: {command: "printf 'to \\\\033[2J the log\\\\n' >&2; test -e ../../../../../good"}
      """;

  @TempDir
  private Path base;

  private Path directory;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeEach
  void makeFolder() throws IOException {
    directory = Files.createDirectory(base.resolve("a b:c"));
    Files.createFile(directory.resolve("a.txt"));
    Files.createFile(directory.resolve("b.txt"));
    Files.writeString(directory.resolve("w.yaml"), WORKFLOW);
  }

  private int muster(String... arguments) {
    out.reset();
    err.reset();
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

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private Path runTo(String name, boolean good) throws IOException {
    Path run = directory.resolve(".muster/runs").resolve(name);
    Files.createDirectories(run);
    Path flag = directory.resolve("good");
    Files.deleteIfExists(flag);
    if (good) {
      Files.createFile(flag);
    }
    assertThat(muster("run", directory.resolve("w.yaml").toString(), "-d", run.toString()))
        .isEqualTo(good ? 0 : 1);
    return run;
  }

  private static void elsewhere(Path run) throws IOException {
    Files.writeString(
        run.resolve("owner"),
        "host=node7\nboot=b\nspace=\npid=4711\nstart=1\nsince=2026-01-31T10:00:00Z\n");
    Path journal = run.resolve("journal");
    String text = Files.readString(journal);
    Files.writeString(journal, text.substring(0, text.lastIndexOf("{\"event\":\"RunFinished")));
  }

  @Test
  void tellsWhatIsMissing() throws IOException {
    Files.writeString(directory.resolve("gaps.yaml"), """
        data:
          datasets: [{name: d, files: [a.txt, b.txt, c.txt]}]
        analysis:
          stages:
            - id: Each
              op: shell
              params: {command: 'echo {files} | grep -v b.txt'}
            - id: Sum
              op: shell
              scope: dataset
              tolerate: 34%
              params: {command: 'echo "{input.Each}; $MUSTER_MISSING"'}
        """);
    String file = directory.resolve("gaps.yaml").toString();
    assertThat(muster("run", file, "-d", "gaps")).isEqualTo(ExitCode.INCOMPLETE);
    assertThat(err())
        .contains("gaps done with parts missing")
        .contains("Sum/d goes on without 1 of 3: Each/d.1")
        .contains("Each/d.1 failed");
    assertThat(muster("status", "gaps")).isZero();
    assertThat(out())
        .contains("gaps: incomplete, after ")
        .contains("Each/d.1 failed (OPERATION): the command failed with exit code 1")
        .contains("Sum/d went on without 1 of 3: Each/d.1");
    assertThat(muster("status", "gaps", "--json")).isZero();
    assertThat(out()).contains("\"names\" : [ \"Each/d.1\" ]");
    assertThat(muster("runs", ".")).isZero();
    assertThat(out()).containsPattern("gaps +incomplete +gaps ");
    assertThat(muster("attach", "gaps")).isEqualTo(ExitCode.INCOMPLETE);
    assertThat(muster("explain", file, "--resume=gaps")).isZero();
    assertThat(out()).contains("it failed").contains("if Each changes");
    assertThat(muster("validate", file)).isZero();
    Files.writeString(
        directory.resolve("gaps.yaml"),
        Files.readString(directory.resolve("gaps.yaml")).replace("tolerate: 34%", "tolerat: 3"));
    assertThat(muster("validate", file)).isEqualTo(ExitCode.USAGE);
    assertThat(err()).contains(":11:7:", "unknown key 'tolerat'", "did you mean 'tolerate'?");
  }

  @Test
  void countsWhatAResumedRunReuses() throws IOException {
    Path run = runTo("again", true);
    assertThat(muster("run", directory.resolve("w.yaml").toString(), "--resume=" + run))
        .isZero();
    assertThat(muster("status", run.toString())).isZero();
    assertThat(out().lines().map(line -> line.replaceAll(" +", " ")))
        .contains("Each default 2 2 0 0 0 0", "Last default 1 1 0 0 0 0");
  }

  @Test
  void listsRuns() throws IOException {
    assertThat(muster("runs")).isZero();
    assertThat(out()).isEmpty();
    assertThat(err()).contains("there are no runs in " + directory.resolve(".muster/runs"));
    runTo("good", true);
    elsewhere(runTo("away", true));
    runTo("bad", false);
    assertThat(muster("runs")).isZero();
    assertThat(out().lines().map(line -> line.replaceAll(" +", " ")))
        .hasSize(4)
        .anyMatch(line -> line.matches("good succeeded w [0-9.]+ KiB .* m?s"))
        .anyMatch(line -> line.startsWith("bad failed w "))
        .anyMatch(
            line -> line.matches("away elsewhere w .* process 4711 of host node7, last heard.*"));
    assertThat(muster("runs", "--json", directory.toString())).isZero();
    JsonNode runs = new ObjectMapper().readTree(out());
    assertThat(runs).hasSize(3);
    assertThat(runs.get(0).get("state").asString()).isEqualTo("failed");
    assertThat(runs.get(0).get("bytes").asLong()).isPositive();
  }

  @ParameterizedTest
  @CsvSource({
    "runs nowhere, there is no folder 'nowhere'",
    "runs w.yaml, there is no folder 'w.yaml'",
    "status nowhere, there is no run 'nowhere'",
    "status ., is not the directory of a run",
    "logs ., is not the directory of a run",
    "attach ., is not the directory of a run",
    "clean nowhere, there is no folder 'nowhere'",
    "clean --older soon, --older: 'soon' is not a span of time",
    "logs nowhere -n 0, --lines must be a number from 1",
  })
  void wrongUseIsToldWithItsExitCode(String line, String said) {
    assertThat(muster(line.split(" "))).isEqualTo(ExitCode.USAGE);
    assertThat(err()).contains(said).doesNotContain("internal error");
  }

  @Test
  void aRunIsNoFolderOfRuns() throws IOException {
    Path run = runTo("good", true);
    assertThat(muster("runs", run.toString())).isEqualTo(ExitCode.USAGE);
    assertThat(err()).contains("is the directory of one run");
  }

  @Test
  void tellsHowFarARunIs() throws IOException {
    elsewhere(runTo("away", true));
    assertThat(muster("status", "away")).isZero();
    assertThat(out())
        .contains("w: elsewhere, process 4711 of host node7, since ")
        .containsPattern("Each +default +2 +2 +0 +0 +0 +0\n");
    runTo("bad", false);
    assertThat(muster("status", "bad")).isZero();
    assertThat(out())
        .contains("w: failed, after ")
        .containsPattern("Last +default +1 +0 +0 +1 +0 +0\n")
        .contains("Last failed (OPERATION): the command failed with exit code 1");
    assertThat(muster("status", "bad", "--json")).isZero();
    JsonNode status = new ObjectMapper().readTree(out());
    assertThat(status.get("failures").get(0).get("task").asString()).isEqualTo("Last");
    assertThat(status.get("stages").get(0).get("succeeded").asInt()).isEqualTo(2);
  }

  @Test
  void aTaskThatHasNotEndedRuns() throws IOException {
    Path run = runTo("away", true);
    elsewhere(run);
    Path journal = run.resolve("journal");
    String text = Files.readString(journal);
    Files.writeString(
        journal,
        text.substring(0, text.indexOf('\n', text.indexOf("{\"event\":\"TaskStarted")) + 1));
    assertThat(muster("status", "away")).isZero();
    assertThat(out())
        .containsPattern("Each +default +2 +0 +1 +0 +0 +1\n")
        .contains("runs on default-");
  }

  @Test
  void showsTheFailureFirstAndNothingThatTakesOverATerminal() throws IOException {
    runTo("bad", false);
    assertThat(muster("logs", "bad")).isZero();
    assertThat(out())
        .startsWith("Last failed in attempt 1 (OPERATION):\n  the command failed with exit code 1")
        .contains("with its stack trace: .muster/runs/bad/Last/errors")
        .contains(".muster/runs/bad/Last/outputs/stderr:\n  to \\u001B[2J the log\n")
        .contains(".muster/runs/bad/logs:\n")
        .doesNotContain("\033");
    assertThat(muster("logs", "bad", "Each/d.1.1")).isZero();
    assertThat(out())
        .isEqualTo(
            "Each/d.1.1 succeeded\n.muster/runs/bad/Each/d.1.1/outputs/stdout:\n  printed\n");
    assertThat(muster("logs", "bad", "Last", "-n", "1")).isZero();
    assertThat(out()).startsWith("Last failed").contains("Last/errors:\n  ...\n");
    assertThat(muster("logs", "bad", "Each/d.1.7\033[2J")).isEqualTo(ExitCode.USAGE);
    assertThat(err()).contains("the run has no task 'Each/d.1.7\\u001B[2J'").contains("Each, Last");
  }

  @Test
  void followsNoLinkOutOfARun() throws IOException {
    Path run = runTo("bad", false);
    Path secret = Files.writeString(directory.resolve("secret"), "the secret");
    Path stderr = run.resolve("Last/outputs/stderr");
    Files.delete(stderr);
    Files.createSymbolicLink(stderr, secret);
    assertThat(muster("logs", "bad", "Last")).isZero();
    assertThat(out()).doesNotContain("the secret");
    Path kept = Files.createDirectories(directory.resolve("mine/deep"));
    Files.createSymbolicLink(run.resolve("Each/link"), kept.getParent());
    assertThat(muster("clean", "bad")).isZero();
    assertThat(run).doesNotExist();
    assertThat(kept).exists();
    assertThat(secret).hasContent("the secret");
  }

  @Test
  void removesOldRunsOnly() throws IOException {
    Path good = runTo("good", true);
    Path away = runTo("away", true);
    elsewhere(away);
    Path none = Files.createDirectories(directory.resolve(".muster/runs/no run/outputs"));
    assertThat(muster("clean")).isZero();
    assertThat(out()).isEqualTo("freed 0 B of 0 runs\n");
    assertThat(muster("clean", "--older", "0s", "--dry-run")).isZero();
    assertThat(out()).contains("would remove .muster/runs/good: ").contains("of 1 run\n");
    assertThat(good).exists();
    assertThat(muster("clean", "--older", "0s")).isZero();
    assertThat(out()).contains("removed .muster/runs/good: ");
    assertThat(err()).contains("kept .muster/runs/away: it may be under way: process 4711 of host");
    assertThat(good).doesNotExist();
    assertThat(away).exists();
    assertThat(none).exists();
    assertThat(muster("clean", "away")).isEqualTo(ExitCode.FAILED);
    assertThat(away.resolve("journal")).exists();
  }

  @Test
  void leavesAFolderThatHadFilesBeforeTheRun() throws IOException {
    Path run = Files.createDirectories(directory.resolve(".muster/runs/shared"));
    Path notes = Files.writeString(run.resolve("notes.txt"), "mine");
    runTo("shared", true);
    for (String option : new String[] {"--quiet", "--keep-results"}) {
      assertThat(muster("clean", "shared", option)).isEqualTo(ExitCode.FAILED);
      assertThat(err()).contains("kept .muster/runs/shared: the folder may have files from before");
    }
    assertThat(notes).hasContent("mine");
    assertThat(run.resolve("Each")).exists();
    assertThat(muster("status", "shared")).isZero();
  }

  @Test
  void keepsResultsAndTheRecord() throws IOException {
    Path run = runTo("good", true);
    assertThat(muster("clean", "good", "--keep-results")).isZero();
    assertThat(run.resolve("Each")).doesNotExist();
    assertThat(run.resolve("Last/outputs")).exists();
    assertThat(run.resolve("owner.2")).doesNotExist();
    assertThat(run.resolve("journal.2")).doesNotExist();
    assertThat(muster("status", "good")).isZero();
    assertThat(out()).contains("w: succeeded");
  }

  @ParameterizedTest
  @ValueSource(strings = {"latest", ".muster/runs/latest"})
  void aLinkToARunIsReadButNotRemoved(String link) throws IOException {
    Path run = runTo("good", true);
    Files.createSymbolicLink(run.resolveSibling("latest"), run.getFileName());
    assertThat(muster("status", link)).isZero();
    assertThat(muster("clean", link)).isEqualTo(ExitCode.USAGE);
    assertThat(err()).contains("is a link, which is not followed");
    assertThat(muster("clean", "good")).isZero();
    assertThat(Files.isSymbolicLink(run.resolveSibling("latest"))).isFalse();
  }

  @Test
  void attachToARunThatIsOverEndsWithItsExitCode() throws IOException {
    runTo("good", true);
    assertThat(muster("attach", "good")).isZero();
    assertThat(err()).contains("Each: done, 2 tasks in ", "w succeeded after ");
    runTo("bad", false);
    assertThat(muster("attach", "bad")).isEqualTo(ExitCode.FAILED);
    assertThat(err())
        .contains("Last: failed, attempt 1", "w failed after ", "Last failed: the command failed")
        .contains("its logs: muster logs .muster/runs/bad");
  }
}
