package dev.muster.cli;

import dev.muster.RunOptions;
import dev.muster.error.MusterException;
import dev.muster.internal.rundir.RecordedPlan;
import dev.muster.plan.Plan;
import dev.muster.report.Report;
import dev.muster.run.Run;
import dev.muster.run.RunResult;
import dev.muster.run.RunStartException;
import dev.muster.run.RunStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code muster run}: runs a workflow, shows how it goes, and sums up. */
@Command(
    name = "run",
    description = "Run a workflow.",
    footer = {
      "",
      "Exit codes: 0 done, 1 the run failed, 2 wrong usage or workflow, 3 done but for",
      "parts that 'tolerate' lets be missing, 130 interrupted.",
      "",
      "Examples:",
      "  muster run dimuon.yaml",
      "  muster run dimuon.yaml --resume",
      "  muster run dimuon.yaml --pool gpu=2 --set config.python=/usr/bin/python3",
      "  muster run dimuon.yaml --detach",
      "  directory=$(muster run --quiet dimuon.yaml)"
    })
final class RunCommand implements Callable<Integer>, Main.Talking {
  private final Shell shell;

  @Mixin
  private final WorkflowOptions workflow = new WorkflowOptions();

  @Option(
      names = {"-d", "--run-dir"},
      paramLabel = "DIR",
      description = {
        "Where plan, logs and outputs go (default:",
        ".muster/runs/NAME-TIME, also as .muster/runs/latest)."
      },
      order = 10)
  private @Nullable Path runDirectory;

  @Mixin
  private final ResumeChoice resume = new ResumeChoice();

  @Option(
      names = "--take-over",
      description = {
        "With --resume: take the run from a process that cannot be",
        "seen from here, since it was on another host. Only if it is",
        "gone."
      },
      order = 21)
  private boolean takeOver;

  @Option(
      names = {"-k", "--keep-going"},
      description = "After a failure, go on with all that does not need it.",
      order = 11)
  private boolean keepGoing;

  @Option(
      names = "--plain",
      description = "Show progress as lines, also on a terminal.",
      order = 12)
  private boolean plain;

  @Option(
      names = "--detach",
      description = {
        "Go on in the background, also after a logout; 'muster",
        "attach' follows it. Errors of the start are told here."
      },
      order = 13)
  private boolean detach;

  @Spec
  private @Nullable CommandSpec spec;

  RunCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public OutputOptions output() {
    return workflow.output;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (runDirectory != null && runDirectory.toString().isBlank()) {
      throw new UsageException("--run-dir is empty; name a folder, or leave the option out for "
          + ".muster/runs/NAME-TIME ('.' is the current folder)");
    }
    if (resume.given() && runDirectory != null) {
      throw new UsageException(
          "--run-dir makes a new run and --resume goes on from one; give one of them");
    }
    if (takeOver && !resume.given()) {
      throw new UsageException("--take-over takes a run to go on with: it needs --resume");
    }
    WorkflowOptions.Loaded loaded = workflow.load(shell);
    RunOptions.Builder options = loaded.options().keepGoing(keepGoing);
    Plan plan =
        Checked.of(shell, loaded, options.build()).forRun(new Messages(shell, workflow.output));
    if (detach) {
      return detached(plan);
    }
    Timeline timeline = new Timeline(shell.clock().instant());
    Path directory = directory(plan);
    options.listener(timeline);
    if (resume.given()) {
      options.resume(directory).takeOver(takeOver);
    } else {
      options.directory(directory);
    }
    try (StopOnExit exit = new StopOnExit(shell.err())) {
      RunResult result = carryOut(plan, options.build(), exit, timeline);
      if (result.error() instanceof RunStartException e
          && e.reason() instanceof MusterException reason) {
        throw reason;
      }
      sumUp(plan, result, directory);
      return code(result);
    } catch (MusterException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new UnexpectedException(e, shell.shown(directory).resolve("logs"));
    }
  }

  private int detached(Plan plan) throws IOException, InterruptedException {
    Path directory = directory(plan);
    List<String> arguments = new ArrayList<>(
        Objects.requireNonNull(spec).root().commandLine().getParseResult().originalArgs());
    arguments.remove("--detach");
    boolean made = runDirectory == null && !resume.given();
    if (resume.given()) { // the same run, whichever is the latest by then
      arguments.replaceAll(each -> ResumeChoice.of(each, directory));
    } else if (made) {
      arguments.add(arguments.indexOf("run") + 1, "--run-dir=" + directory);
    }
    int code = new Detached(shell, directory, resume.given()).start(arguments);
    if (code != ExitCode.DONE) {
      if (made && Files.isDirectory(directory) && isEmpty(directory)) {
        Files.delete(directory);
      }
      return code;
    }
    if (made) {
      RunDirectory.link(directory);
    }
    String shown = Text.harmless(shell.shown(directory).toString());
    if (workflow.output.quiet) {
      shell.out().line(shown);
    } else {
      shell.err().print("run directory: " + shown);
      shell
          .err()
          .print("the run goes on by itself; to follow it: " + shell.command("attach", directory));
    }
    return code;
  }

  private RunResult carryOut(Plan plan, RunOptions options, StopOnExit exit, Timeline timeline)
      throws IOException {
    try (Run run = start(plan, options)) {
      exit.stop(run);
      Path directory = run.directory();
      if (runDirectory == null && directory != null && !resume.given()) {
        RunDirectory.link(directory);
      }
      return await(run, exit, timeline);
    }
  }

  private Path directory(Plan plan) throws IOException {
    if (resume.given()) {
      return resume.of(shell, plan.workflow().name());
    }
    if (runDirectory != null) {
      return shell.directory().resolve(runDirectory);
    }
    LocalDateTime now = LocalDateTime.now(shell.clock());
    return RunDirectory.create(shell.directory(), plan.workflow().name(), now);
  }

  private Run start(Plan plan, RunOptions options) throws IOException {
    Path directory = options.directory();
    try {
      return shell.library().start(plan, options);
    } catch (MusterException e) {
      if (runDirectory == null && !resume.given() && directory != null && isEmpty(directory)) {
        Files.delete(directory);
      }
      throw e;
    }
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files.findAny().isEmpty();
    }
  }

  private RunResult await(Run run, StopOnExit exit, Timeline timeline) {
    Runnable restoreLogs = Logging.to(shell.err()::print);
    try (Display display =
        new Display(mode(), shell, style(), timeline, RecordedPlan.of(run.plan()))) {
      RunResult result = run.await(Display.TICK);
      while (result == null) {
        display.update(run.progress(), exit.stopping());
        result = run.await(Display.TICK);
      }
      display.end();
      return result;
    } finally {
      restoreLogs.run();
    }
  }

  private Display.Mode mode() {
    if (workflow.output.quiet) {
      return Display.Mode.QUIET;
    }
    return plain || !shell.terminal().live() ? Display.Mode.PLAIN : Display.Mode.LIVE;
  }

  private Style style() {
    return shell.terminal().style(shell.terminal().err(), workflow.output.color);
  }

  private void sumUp(Plan plan, RunResult result, Path directory) {
    if (!workflow.output.quiet || !result.succeeded()) {
      shell
          .err()
          .print(SummaryView.render(plan, result, shell.shown(directory), keepGoing, style()));
    }
    Path report = directory.resolve(Report.NAME);
    if (!workflow.output.quiet
        && !Boolean.FALSE.equals(plan.execution().execution().report())
        && Files.exists(report)) {
      shell
          .err()
          .print(List.of("report:        " + Text.harmless(shell.shown(report).toString())));
    }
    if (result.status() != RunStatus.SUCCEEDED) {
      shell
          .err()
          .print(List.of("go on:         muster run " + Text.harmless(workflow.file) + " --resume="
              + Text.harmless(shell.shown(directory).toString())
              + " (with the other options of this run)"));
    }
    if (workflow.output.quiet) {
      shell.out().line(Text.harmless(shell.shown(directory).toString()));
    }
  }

  private static int code(RunResult result) {
    return switch (result.status()) {
      case SUCCEEDED -> ExitCode.DONE;
      case INCOMPLETE -> ExitCode.INCOMPLETE;
      case FAILED -> ExitCode.FAILED;
      case CANCELLED -> ExitCode.INTERRUPTED;
    };
  }

  /** Something that Muster did not expect, during a run that has a log. */
  static final class UnexpectedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Path logs;

    private UnexpectedException(RuntimeException cause, Path logs) {
      super(cause);
      this.logs = logs;
    }

    Path logs() {
      return logs;
    }
  }
}
