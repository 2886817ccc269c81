package dev.muster.cli;

import dev.muster.Runs;
import dev.muster.internal.journal.JournalTail;
import dev.muster.internal.rundir.RecordedPlan;
import dev.muster.run.RunEvent;
import dev.muster.run.RunState;
import dev.muster.run.RunSummary;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code muster attach}: follows a run of another process to its end. */
@Command(
    name = "attach",
    description = "Follow a run that another process carries out, to its end.",
    footer = {
      "",
      "Ctrl-C leaves the run alone.",
      "",
      "Exit codes: those of 'muster run': 0 done, 1 the run failed or was killed,",
      "130 cancelled (also if you leave with Ctrl-C); 2 there is no such run.",
      "",
      "Examples:",
      "  muster run dimuon.yaml --detach",
      "  muster attach latest"
    })
final class AttachCommand implements Callable<Integer>, Main.Talking {
  private static final int TICKS_BETWEEN_LOOKS = 10;
  private static final int MOST_FAILURES = 3;

  private final Shell shell;

  @Mixin
  private final RunChoice run = new RunChoice();

  @Option(
      names = "--plain",
      description = "Show progress as lines, also on a terminal.",
      order = 12)
  private boolean plain;

  AttachCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public OutputOptions output() {
    return run.output;
  }

  @Override
  public Integer call() throws InterruptedException {
    RunSummary summary = run.summary(shell);
    RecordedPlan stages = RecordedPlan.read(summary.directory());
    RecordedRun recorded = new RecordedRun(stages);
    Timeline timeline =
        new Timeline(summary.started() == null ? shell.clock().instant() : summary.started());
    Path directory = summary.directory();
    String id = summary.run() == null ? "run" : summary.run();
    RunSummary last;
    try (OnInterrupt left = new OnInterrupt(id, () -> left(directory));
        Display display = new Display(mode(), shell, style(), timeline, stages)) {
      last = follow(directory, recorded, timeline, display);
      display.end();
      left.forget();
    }
    if (!run.output.quiet || code(last) != ExitCode.DONE) {
      shell.err().print(ending(last, recorded));
    }
    return code(last);
  }

  /** Follows the run, and returns what its directory says in the end. */
  private RunSummary follow(
      Path directory, RecordedRun recorded, Timeline timeline, Display display)
      throws InterruptedException {
    try (JournalTail journal = new JournalTail(directory)) {
      for (int tick = 0; ; tick++) {
        RunSummary now =
            tick % TICKS_BETWEEN_LOOKS == 0 || recorded.end() != null ? Runs.of(directory) : null;
        // What is in the journal now was written before the look, or is read next time.
        journal.read(event -> {
          timeline.onEvent(event);
          recorded.onEvent(event);
        });
        display.update(recorded.progress(), false);
        if (now != null && now.state().isOver()) {
          return now;
        }
        if (now != null && now.state() == RunState.UNKNOWN) {
          throw new dev.muster.error.MusterException(
              "the run " + directory + " can be followed no longer: " + now.detail());
        }
        Thread.sleep(Display.TICK.toMillis());
      }
    }
  }

  private void left(Path directory) {
    shell.err().close();
    shell
        .err()
        .print("left the run alone: it goes on; to see it again: "
            + shell.command("attach", directory));
  }

  private Display.Mode mode() {
    if (run.output.quiet) {
      return Display.Mode.QUIET;
    }
    return plain || !shell.terminal().live() ? Display.Mode.PLAIN : Display.Mode.LIVE;
  }

  private Style style() {
    return shell.terminal().style(shell.terminal().err(), run.output.color);
  }

  private List<String> ending(RunSummary end, RecordedRun recorded) {
    List<String> lines = new ArrayList<>();
    lines.add(Text.harmless(String.valueOf(end.workflow())) + " "
        + (end.state() == RunState.KILLED
            ? "was killed: its process " + end.pid() + " is gone and did not end the run"
            : RunsView.state(end.state()))
        + took(end));
    if (end.detail() != null) {
      lines.addAll(Text.lines(end.detail()));
    }
    List<RunEvent.TaskFailed> failures = recorded.failures();
    for (RunEvent.TaskFailed failed :
        failures.subList(0, Math.min(MOST_FAILURES, failures.size()))) {
      lines.add(Text.harmless(failed.name()) + " failed: " + Text.firstLine(failed.message()));
    }
    lines.add("run directory: " + Text.harmless(shell.shown(end.directory()).toString()));
    if (end.state() != RunState.SUCCEEDED) {
      lines.add("its logs: " + shell.command("logs", end.directory()));
    }
    return lines;
  }

  private static String took(RunSummary end) {
    @Nullable
    Duration took = end.started() == null || end.last() == null
        ? null
        : RunsView.since(end.started(), end.last());
    return took == null ? "" : " after " + Text.time(took);
  }

  private static int code(RunSummary end) {
    return switch (end.state()) {
      case SUCCEEDED -> ExitCode.DONE;
      case INCOMPLETE -> ExitCode.INCOMPLETE;
      case CANCELLED -> ExitCode.INTERRUPTED;
      default -> ExitCode.FAILED;
    };
  }
}
