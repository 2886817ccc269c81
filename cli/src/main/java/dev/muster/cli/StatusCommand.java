package dev.muster.cli;

import dev.muster.batch.backend.RunJobs;
import dev.muster.internal.journal.JournalTail;
import dev.muster.internal.rundir.RecordedPlan;
import dev.muster.run.RunSummary;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code muster status}: tells how far a run is. */
@Command(
    name = "status",
    description = "Tell how far a run is, what failed, and what runs now.",
    footer = {
      "",
      "It reads the run's directory: the run may be under way here or on another host,",
      "have ended, or have been killed.",
      "",
      "Exit codes: 0 told, 1 the directory cannot be read, 2 there is no such run.",
      "",
      "Examples:",
      "  muster status latest",
      "  muster status .muster/runs/dimuon-20260131-101500 --json"
    })
final class StatusCommand implements Callable<Integer>, Main.Talking {
  private final Shell shell;

  @Mixin
  private final RunChoice run = new RunChoice();

  @Option(names = "--json", description = "Print it as JSON.", order = 11)
  private boolean json;

  StatusCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public OutputOptions output() {
    return run.output;
  }

  @Override
  public Integer call() {
    RunSummary summary = run.summary(shell);
    RecordedPlan plan = RecordedPlan.read(summary.directory());
    RecordedRun recorded = new RecordedRun(plan);
    try (JournalTail journal = new JournalTail(summary.directory())) {
      journal.read(recorded::onEvent);
    }
    StatusView view = new StatusView(summary, plan, recorded, RunJobs.open(summary.directory()));
    if (json) {
      shell.out().line(view.json());
    } else {
      view.lines(shell.clock().instant()).forEach(shell.out()::line);
    }
    return ExitCode.DONE;
  }
}
