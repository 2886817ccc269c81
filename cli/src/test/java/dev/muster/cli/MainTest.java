package dev.muster.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.muster.batch.PlannedJobs;
import dev.muster.batch.spi.JobSpec;
import dev.muster.batch.spi.Submission;
import dev.muster.error.MusterException;
import dev.muster.error.Problem;
import dev.muster.error.SourceLocation;
import dev.muster.error.WorkflowException;
import dev.muster.probe.Finding;
import dev.muster.run.FailureKind;
import dev.muster.run.RunEvent;
import dev.muster.run.RunStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  @TempDir
  private Path directory;

  private final FakeLibrary library = new FakeLibrary();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private Terminal terminal = new Terminal(false, false, Map.of());

  private int muster(String... arguments) {
    return muster(out, arguments);
  }

  private int muster(OutputStream results, String... arguments) {
    Clock clock = Clock.fixed(Samples.START, ZoneOffset.UTC);
    return Main.execute(
        new Shell(
            library, new Output(results), new Screen(new Output(err)), terminal, clock, directory),
        arguments);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private static WorkflowException twoProblems() {
    return new WorkflowException(List.of(
        new Problem(
            new SourceLocation("w.yaml", 1, 7), "name", "a name is text", "write name: \"1\""),
        new Problem(new SourceLocation("w.yaml", 2, 1), "", "unknown key", null)));
  }

  // Help

  @Test
  void helpIsShort() {
    assertThat(muster("--help")).isEqualTo(ExitCode.DONE);
    Golden.assertMatches("help.txt", out());
    assertThat(err()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run",
        "plan",
        "explain",
        "validate",
        "probe",
        "runs",
        "status",
        "logs",
        "report",
        "attach",
        "clean",
        "jobs",
        "cancel",
        "worker"
      })
  void everyCommandHasHelp(String command) {
    assertThat(muster("help", command)).isEqualTo(ExitCode.DONE);
    Golden.assertMatches("help-" + command + ".txt", out());
    out.reset();
    assertThat(muster(command, "--help")).isEqualTo(ExitCode.DONE);
    Golden.assertMatches("help-" + command + ".txt", out());
  }

  @Test
  void withoutArgumentsItSaysWhatThereIs() {
    assertThat(muster()).isEqualTo(ExitCode.USAGE);
    assertThat(err()).startsWith("Usage: muster COMMAND");
    assertThat(out()).isEmpty();
  }

  @Test
  void saysItsVersion() {
    assertThat(muster("--version")).isEqualTo(ExitCode.DONE);
    assertThat(out()).startsWith("muster ").contains("Java " + System.getProperty("java.version"));
  }

  @Test
  void generatesACompletionScript() {
    assertThat(muster("generate-completion")).isEqualTo(ExitCode.DONE);
    assertThat(out()).contains("complete -F _complete_muster").contains("--keep-going");
  }

  // Wrong usage

  @Test
  void suggestsTheOptionThatWasMeant() {
    assertThat(muster("run", "w.yaml", "--keepgoing")).isEqualTo(ExitCode.USAGE);
    assertThat(err())
        .contains("Unknown option: '--keepgoing'")
        .contains("did you mean '--keep-going'?")
        .contains("'muster run --help'");
  }

  @Test
  void suggestsTheCommandThatWasMeant() {
    assertThat(muster("plna", "w.yaml")).isEqualTo(ExitCode.USAGE);
    assertThat(err()).contains("did you mean").contains("plan");
  }

  @Test
  void asksForTheFile() {
    assertThat(muster("run")).isEqualTo(ExitCode.USAGE);
    assertThat(err()).contains("Missing required parameter: 'FILE'");
  }

  @Test
  void refusesAnUnknownFormat() {
    assertThat(muster("plan", "w.yaml", "--format", "png")).isEqualTo(ExitCode.USAGE);
    assertThat(err()).contains("expected one of yaml, json, mermaid, dot, got 'png'");
  }

  @Test
  void refusesAnUnknownKey() {
    assertThat(muster("run", "w.yaml", "--set", "pools.gpu.worker=2")).isEqualTo(ExitCode.USAGE);
    assertThat(err()).isEqualTo("""
        error: --set pools.gpu.worker=2: unknown key 'worker'; did you mean 'workers'?
          at   execution.pools.gpu.worker

        1 problem
        """);
    assertThat(library.run).isNull();
  }

  @Test
  void refusesAnUnknownStage() {
    assertThat(muster("explain", "w.yaml", "Selct")).isEqualTo(ExitCode.USAGE);
    assertThat(err())
        .isEqualTo("muster: the workflow has no stage 'Selct'; did you mean 'Select'?\n");
  }

  // Plan, explain, validate

  @Test
  void printsThePlanAndNothingElse() {
    assertThat(muster("plan", "w.yaml")).isEqualTo(ExitCode.DONE);
    assertThat(out()).isEqualTo("yaml of Plan(dimuon, 3 stages, 6 tasks)\nbackend local\n");
    assertThat(err()).isEmpty();
  }

  @Test
  void printsThePlanInOtherFormats() {
    assertThat(muster("plan", "w.yaml", "--json")).isEqualTo(ExitCode.DONE);
    assertThat(muster("plan", "w.yaml", "-f", "mermaid")).isEqualTo(ExitCode.DONE);
    assertThat(muster("plan", "w.yaml", "--format=DOT")).isEqualTo(ExitCode.DONE);
    assertThat(out()
            .lines()
            .filter(line -> line.contains(" of "))
            .map(line -> line.substring(0, line.indexOf(' '))))
        .containsExactly("json", "mermaid", "dot");
  }

  @Test
  void jobsWithTasksOfTheirOwnAreNotCalledWorkers() {
    PlannedJobs workers = planned("queue 3\n");
    PlannedJobs jobs = new PlannedJobs(
        workers.strategy(),
        workers.pool(),
        false,
        workers.copies(),
        workers.job(),
        workers.submission(),
        workers.sent());
    assertThat(JobsView.render(List.of(jobs)))
        .contains("# pool gpu: 3 jobs, strategy slurm")
        .contains("# travels with each job:")
        .doesNotContain("worker:");
    assertThat(JobsView.json(List.of(jobs))).contains("\"jobs\"").doesNotContain("\"workers\"");
  }

  private static PlannedJobs planned(@Nullable String input) {
    JobSpec job = JobSpec.builder("gpu", List.of("python3", "worker.py"), Path.of("/base"))
        .build();
    Map<Path, String> files = new LinkedHashMap<>();
    files.put(Path.of("/run/gpu.sh"), "#!/bin/bash\npython3 worker.py");
    Map<String, Long> sent = new LinkedHashMap<>();
    if (input != null) {
      sent.put("code: ops.py", 900L);
      sent.put("env.tar.gz", 300L << 20);
      sent.put("worker-0.json", -1L);
    }
    return new PlannedJobs(
        "slurm",
        "gpu",
        true,
        3,
        job,
        new Submission(List.of("sbatch", "--comment=a b"), files, input),
        sent);
  }

  @Test
  void showsTheJobsOfTheWorkers() {
    library.jobs = List.of(planned(null), planned("queue 3\n"));
    assertThat(muster("plan", "w.yaml", "--jobs")).isEqualTo(ExitCode.DONE);
    Golden.assertMatches("jobs.txt", out());
    assertThat(Objects.requireNonNull(library.options).directory())
        .isEqualTo(directory.resolve(".muster/runs/preview"));
  }

  @Test
  void showsTheJobsOfTheWorkersToPrograms() {
    library.jobs = List.of(planned("queue 3\n"));
    assertThat(muster("plan", "w.yaml", "--jobs", "--json")).isEqualTo(ExitCode.DONE);
    Golden.assertMatches("jobs.json", out());
  }

  @Test
  void saysThatThereAreNoJobs() {
    assertThat(muster("plan", "w.yaml", "--jobs")).isEqualTo(ExitCode.DONE);
    assertThat(out()).isEqualTo("no jobs: the backend starts no workers\n");
  }

  @Test
  void refusesToDrawJobs() {
    assertThat(muster("plan", "w.yaml", "--jobs", "--format", "dot")).isEqualTo(ExitCode.USAGE);
    assertThat(err()).contains("--jobs prints text");
  }

  private static Finding finding(@Nullable String pool, Finding.Outcome outcome, String detail) {
    return new Finding(
        pool, pool == null ? "tools" : "start", outcome, detail, Duration.ofMillis(1200));
  }

  @Test
  void showsWhatAProbeFound() throws IOException {
    library.findings = List.of(
        finding(null, Finding.Outcome.GOOD, "slurm: 22.05"),
        finding("default", Finding.Outcome.DOUBTFUL, "no nvidia-smi"));
    assertThat(muster("probe", "w.yaml")).isEqualTo(ExitCode.DONE);
    Golden.assertMatches("probe.txt", out());
    assertThat(Objects.requireNonNull(library.options).directory()).doesNotExist();
  }

  @Test
  void aSiteThatCannotRunItIsOneAndKeepsItsLogs() throws IOException {
    library.findings = List.of(
        finding(null, Finding.Outcome.GOOD, "slurm: 22.05"),
        finding("default", Finding.Outcome.BAD, "job 7 ended (exit code 127)\npython3: not found"));
    assertThat(muster("probe", "w.yaml")).isEqualTo(ExitCode.FAILED);
    Golden.assertMatches("probe-failed.txt", out());
    Path logs = Objects.requireNonNull(library.options).directory();
    assertThat(logs).exists();
    assertThat(err()).contains("logs: " + logs);
  }

  @Test
  void tellsProgramsWhatAProbeFound() {
    library.findings = List.of(
        finding(null, Finding.Outcome.GOOD, "slurm: 22.05"),
        finding("default", Finding.Outcome.BAD, "job 7 ended"));
    assertThat(muster("probe", "w.yaml", "--json")).isEqualTo(ExitCode.FAILED);
    Golden.assertMatches("probe.json", out());
  }

  @Test
  void refusesATimeThatIsNone() {
    assertThat(muster("probe", "w.yaml", "--timeout", "soon")).isEqualTo(ExitCode.USAGE);
    assertThat(err()).contains("expected a time such as 90s or 5m, got 'soon'");
  }

  @Test
  void optionsLieOverTheWorkflow() {
    assertThat(muster("plan", "w.yaml", "--backend", "dask", "--set", "config.a=1"))
        .isEqualTo(ExitCode.DONE);
    assertThat(out()).contains("backend dask");
  }

  @Test
  void warnsOfAPoolThatIsProbablyASlip() {
    assertThat(muster("plan", "w.yaml", "--pool", "gqu=2")).isEqualTo(ExitCode.DONE);
    assertThat(err())
        .isEqualTo("muster: note: --pool gqu=2 adds a pool 'gqu'; did you mean 'gpu'?\n");
  }

  @Test
  void explainsOneStageOrAll() {
    assertThat(muster("explain", "w.yaml", "Select")).isEqualTo(ExitCode.DONE);
    assertThat(out()).isEqualTo("Select explained\n");
    out.reset();
    assertThat(muster("explain", "w.yaml")).isEqualTo(ExitCode.DONE);
    assertThat(out())
        .isEqualTo("BuildIndex explained\n\nSelect explained\n\nRunInference explained\n");
  }

  @Test
  void saysThatAWorkflowIsValid() {
    assertThat(muster("validate", "w.yaml")).isEqualTo(ExitCode.DONE);
    assertThat(out()).isEqualTo("w.yaml: valid, 3 stages, 6 tasks\n");
    out.reset();
    assertThat(muster("validate", "w.yaml", "--json")).isEqualTo(ExitCode.DONE);
    assertThat(out()).contains("\"valid\" : true");
  }

  @Test
  void showsAllProblemsOfAWorkflow() throws IOException {
    Files.writeString(directory.resolve("w.yaml"), "name: {a: 1}\nnmae: x\n");
    library.file = () -> {
      throw twoProblems();
    };
    assertThat(muster("validate", "w.yaml")).isEqualTo(ExitCode.USAGE);
    assertThat(out()).isEmpty();
    Golden.assertMatches("validate.txt", err());
    assertThat(muster("validate", "w.yaml", "--json")).isEqualTo(ExitCode.USAGE);
    Golden.assertMatches("validate.json", out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "plan", "explain"})
  void aWrongWorkflowIsWrongUsage(String command) {
    library.file = () -> {
      throw twoProblems();
    };
    assertThat(muster(command, "w.yaml")).isEqualTo(ExitCode.USAGE);
    assertThat(err())
        .startsWith("w.yaml:1:7: error: a name is text\n")
        .endsWith("2 problems in w.yaml\n");
    assertThat(directory).isEmptyDirectory();
  }

  // Run

  @Test
  void runsAndSumsUp() throws IOException {
    assertThat(muster("run", "w.yaml")).isEqualTo(ExitCode.DONE);
    Path runs = directory.resolve(".muster/runs");
    assertThat(runs.resolve("dimuon-20260102-030405")).isDirectory();
    assertThat(Files.readSymbolicLink(runs.resolve("latest")))
        .hasToString("dimuon-20260102-030405");
    assertThat(err())
        .startsWith("+ dimuon done: 6 tasks in 12.3 s\n")
        .endsWith("run directory: .muster/runs/dimuon-20260102-030405\n");
    assertThat(out()).isEmpty();
    assertThat(library.run).isNotNull();
    assertThat(library.run.closed).isTrue();
  }

  @Test
  void tellsEventsAsLines() {
    library.script = run -> {
      RunEvent event = new RunEvent.StageStarted(Samples.START.plusSeconds(3), "r1", "Select", 2);
      run.listeners.forEach(listener -> listener.onEvent(event));
      run.end(RunStatus.SUCCEEDED);
    };
    assertThat(muster("run", "w.yaml", "--plain")).isEqualTo(ExitCode.DONE);
    assertThat(err()).startsWith("[0:03] Select: started, 2 tasks on default\n");
  }

  @Test
  void refusesARunDirectoryWithoutAName() {
    assertThat(muster("run", "w.yaml", "-d", "")).isEqualTo(ExitCode.USAGE);
    assertThat(err()).contains("--run-dir is empty; name a folder");
    assertThat(muster("run", "w.yaml", "--run-dir=")).isEqualTo(ExitCode.USAGE);
    assertThat(muster("run", "w.yaml", "--run-dir", " ")).isEqualTo(ExitCode.USAGE);
    assertThat(library.options).isNull();
  }

  @Test
  void passesOnWhereAndHow() {
    Path elsewhere = directory.resolve("elsewhere");
    assertThat(
            muster("run", "w.yaml", "--run-dir", elsewhere.toString(), "-k", "--backend", "dask"))
        .isEqualTo(ExitCode.DONE);
    assertThat(library.options).isNotNull();
    assertThat(library.options.directory()).isEqualTo(elsewhere);
    assertThat(library.options.keepGoing()).isTrue();
    assertThat(library.options.above()).extracting("name").containsExactly("--backend dask");
    assertThat(directory.resolve(".muster")).doesNotExist();
  }

  @Test
  void quietSaysOnlyWhere() {
    assertThat(muster("run", "-q", "w.yaml")).isEqualTo(ExitCode.DONE);
    assertThat(out()).isEqualTo(".muster/runs/dimuon-20260102-030405\n");
    assertThat(err()).isEmpty();
  }

  @Test
  void aFailedRunIsOne() {
    library.script = run -> run.end(
        RunStatus.FAILED,
        SummaryViewTest.failure("Select/ttbar.0", FailureKind.OPERATION, "exit code 3"));
    assertThat(muster("run", "-q", "w.yaml")).isEqualTo(ExitCode.FAILED);
    assertThat(err())
        .contains("x dimuon failed")
        .contains("Select/ttbar.0 failed")
        .contains("exit code 3")
        .contains("logs:          .muster/runs/dimuon-20260102-030405/logs");
  }

  @Test
  void aRunWithMissingPartsIsThree() {
    library.script = run -> run.end(
        RunStatus.INCOMPLETE,
        SummaryViewTest.failure("Select/ttbar.0", FailureKind.OPERATION, "no events"));
    assertThat(muster("run", "-q", "w.yaml")).isEqualTo(ExitCode.INCOMPLETE).isEqualTo(3);
    assertThat(err())
        .contains("dimuon done with parts missing")
        .contains("missing, and tolerated by the stages that gather them:")
        .contains("Select/ttbar.0 failed")
        .contains("no events")
        .contains("--resume=.muster/runs/dimuon-20260102-030405");
  }

  @Test
  void aCancelledRunIsInterrupted() {
    library.script = FakeRun::cancel;
    assertThat(muster("run", "w.yaml")).isEqualTo(ExitCode.INTERRUPTED);
    assertThat(err()).contains("dimuon cancelled");
  }

  @Test
  void aRunThatCannotStartLeavesNoDirectory() {
    library.script = run -> {
      throw new MusterException("no backend 'dask'; found: local");
    };
    assertThat(muster("run", "w.yaml")).isEqualTo(ExitCode.FAILED);
    assertThat(err()).isEqualTo("muster: no backend 'dask'; found: local\n");
    assertThat(directory.resolve(".muster/runs")).isEmptyDirectory();
  }

  @Test
  void drawsOnATerminalAndLeavesItAsItWas() {
    terminal = new Terminal(
        true, true, Map.of("COLUMNS", "60", "LINES", "20", "LANG", "C.UTF-8", "TERM", "xterm"));
    FakeRun[] started = new FakeRun[1];
    library.script = run -> started[0] = run;
    CompletableFuture<Integer> code = CompletableFuture.supplyAsync(() -> muster("run", "w.yaml"));
    await().until(() -> err().contains("RunInference"));
    started[0].end(RunStatus.SUCCEEDED);
    assertThat(code.join()).isEqualTo(ExitCode.DONE);
    assertThat(err()).startsWith("\033[?25l").contains("\033[?25h");
    assertThat(err().lastIndexOf("\033[?25h")).isGreaterThan(err().lastIndexOf("\033[?25l"));
    assertThat(err().lastIndexOf("\033[?7h")).isGreaterThan(err().lastIndexOf("\033[?7l"));
  }

  // What goes wrong

  @Test
  void anUnexpectedErrorIsOneLine() {
    library.script = run -> run.end.completeExceptionally(new IllegalStateException("what?"));
    assertThat(muster("run", "w.yaml")).isEqualTo(ExitCode.FAILED);
    assertThat(err().lines()).hasSize(1);
    assertThat(err())
        .startsWith("muster: internal error: java.lang.IllegalStateException")
        .contains("the run's logs: .muster/runs/dimuon-20260102-030405/logs")
        .endsWith("-v shows where\n");
    assertThat(library.run).isNotNull();
    assertThat(library.run.closed).isTrue();
  }

  @Test
  void anErrorOfAFileIsSaidInWords() {
    library.file = () -> {
      throw new UncheckedIOException(new AccessDeniedException("/x"));
    };
    assertThat(muster("plan", "w.yaml")).isEqualTo(ExitCode.FAILED);
    assertThat(err()).startsWith("muster: /x: permission denied; check who may use it");
  }

  @Test
  void verboseShowsTheStackTrace() {
    library.file = () -> {
      throw new StackOverflowError("deep");
    };
    assertThat(muster("plan", "w.yaml")).isEqualTo(ExitCode.FAILED);
    assertThat(err())
        .isEqualTo("muster: internal error: java.lang.StackOverflowError: deep; -v shows where\n");
    library.file = () -> {
      throw new IllegalStateException("odd");
    };
    err.reset();
    assertThat(muster("plan", "w.yaml", "-v")).isEqualTo(ExitCode.FAILED);
    assertThat(err())
        .contains("internal error: java.lang.IllegalStateException: odd\n")
        .contains("\tat dev.muster.cli.");
  }

  @Test
  void aReaderThatGoesAwayIsNoError() {
    assertThat(muster(failing("Broken pipe"), "plan", "w.yaml")).isEqualTo(ExitCode.READER_GONE);
    assertThat(err()).isEmpty();
  }

  @Test
  void aFullDiskIsOne() {
    assertThat(muster(failing("No space left on device"), "plan", "w.yaml"))
        .isEqualTo(ExitCode.FAILED);
    assertThat(err())
        .isEqualTo(
            "muster: the output could not be written: No space left on device; free some space or inodes"
                + " there (df -h, df -i), or use another folder\n");
  }

  private static OutputStream failing(String message) {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        throw new IOException(message);
      }
    };
  }
}
